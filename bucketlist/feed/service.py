"""Service layer of the changes feed: what was done behind a cursor, each thing once and as it is now.

A thing that a later row of the log tells again is left out, so that a client that begins anew gets what there is and
not how it came about. A number comes into sight only when all lower ones are there (`auth/recording.py`), so that no
change is missed, however late it commits.
"""

from typing import Any, NamedTuple

from pydantic_core import to_json

from bucketlist import config
from bucketlist.auth.actor import Actor
from bucketlist.feed import queries
from bucketlist.feed.queries import BEGINNING, Logged, Place
from bucketlist.feed.schemas import FeedQuery, data_of
from bucketlist.kit.db.driver import Row
from bucketlist.kit.paging import Pager, strange_cursor

MOST_BYTES = 1024 * 1024  # of an answer: somebody who does not read on holds no more


class Feed(NamedTuple):
    """The fields of `FeedOut`."""

    changes: list[dict[str, Any]]
    cursor: str
    more: bool


def list_changes(actor: Actor, query: FeedQuery) -> Feed:
    """Raises: `Unauthorized`, `Invalid` for a cursor of another list, or of a time that a restored backup knows not."""
    pager = Pager(config.current().key("cursor"), ("changes", actor.user_id))
    after = BEGINNING if query.since is None else Place(*pager.unseal(query.since, "since"))
    rows = queries.list_changes(actor, after, query.limit)
    if after.number > rows[0][0].change_number:
        raise strange_cursor("since")
    found = [(row, columns) for row, columns in rows if row.number is not None]
    told, last = _tell(found[: query.limit], after)
    return Feed(told, pager.seal(last), bool(found) and last != _place_of(found[-1][0]))


def _tell(rows: list[tuple[Logged, Row]], after: Place) -> tuple[list[dict[str, Any]], Place]:
    """What is told of these rows, and where that ends: of much, before the last of them."""
    told: list[dict[str, Any]] = []
    size = 0
    for row, columns in rows:
        if row.is_last:
            change = _change_of(row, columns)
            size += len(to_json(change))
            if told and size > MOST_BYTES:
                break
            told.append(change)
        after = _place_of(row)
    return told, after


def _place_of(row: Logged) -> Place:
    return Place(row.number or 0, row.kind, row.thing_id)


def _change_of(row: Logged, columns: Row) -> dict[str, Any]:
    """What is in a bucket that was deleted is gone with it, and has no row of its own that says so."""
    thing = queries.thing_in(row.kind, columns)
    return {
        "kind": row.kind,
        "id": row.thing_id,
        "action": "deleted" if thing is None else row.action,
        "at": row.at,
        "data": None if thing is None else data_of(row.kind, thing),
    }
