"""Service layer of the changes feed: what was done behind a cursor, each thing once and as it is now.

A thing that a later row of the log tells again is left out, so that a client that begins anew gets what there is and
not how it came about. A number comes into sight only when all lower ones are there (`auth/recording.py`), so that no
change is missed, however late it commits.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from pydantic_core import to_json

from bucketlist import config
from bucketlist.auth.actor import Actor
from bucketlist.feed import queries
from bucketlist.feed.queries import BEGINNING, Logged, Place
from bucketlist.feed.schemas import FeedQuery, data_of
from bucketlist.kit.db.driver import Row
from bucketlist.kit.ids import NO_ID
from bucketlist.kit.paging import Pager, strange_cursor

Step = tuple[dict[str, Any] | None, Place]

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
    steps = _steps(actor, found[: query.limit], after, query.limit)
    told, last, is_over = _tell(steps, after, query.limit)
    return Feed(told, pager.seal(last if last.within_kind else last[:3]), not is_over or len(found) > query.limit)


def _tell(steps: Iterable[Step], after: Place, limit: int) -> tuple[list[dict[str, Any]], Place, bool]:
    """What is told of these, where that ends, and whether that was all: of much, it ends before the last of them."""
    told: list[dict[str, Any]] = []
    size = 0
    for change, place in steps:
        if change is not None:
            size += len(to_json(change))
            if len(told) == limit or (told and size > MOST_BYTES):
                return told, after, False
            told.append(change)
        after = place
    return told, after, True


def _steps(actor: Actor, rows: list[tuple[Logged, Row]], after: Place, limit: int) -> Iterator[Step]:
    """What is to be told, if anything, and the place behind it: each row, and what is in a thing that it restored.

    All of what was in that is told again, for a client has dropped it.
    """
    if after.within_kind:
        yield from _steps_within(actor, after, limit)
    for row, columns in rows:
        place = Place(row.number or 0, row.kind, row.thing_id)
        is_back = row.brings_back and queries.thing_in(row.kind, columns) is not None
        if is_back:
            place = place.within("all", NO_ID, row.at)
        yield _change_of(row, columns) if row.is_last else None, place
        if is_back:
            yield from _steps_within(actor, place, limit)


def _steps_within(actor: Actor, after: Place, limit: int) -> Iterator[Step]:
    for kind, row in queries.list_within(actor, after, limit + 1):
        data = data_of(kind, row)
        change = {"kind": kind, "id": data["id"], "action": "restored", "at": after.at, "data": data}
        yield change, after.within(kind, data["id"], after.at)


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
