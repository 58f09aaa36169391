"""SQL query of the changes feed: a page of the change log, each row with the thing as it is now."""

from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Table, bindparam, case, exists, select, true, tuple_

from bucketlist.auth import access
from bucketlist.auth.access import ACTIVE_SESSION
from bucketlist.auth.actor import Actor
from bucketlist.buckets.queries import columns as columns_of_bucket
from bucketlist.entries.queries import columns as columns_of_entry
from bucketlist.items.queries import columns as columns_of_item
from bucketlist.kit.db.database import Statement, execute
from bucketlist.kit.db.driver import Row
from bucketlist.kit.ids import NO_ID
from bucketlist.models import buckets, changes, entries, files, items, users
from bucketlist.photos.queries import columns as columns_of_photo


class Place(NamedTuple):
    """Where in the feed: a row of the change log, by its key."""

    number: int
    kind: str
    thing_id: str


class Logged(NamedTuple):
    """A row of the change log; whether it is the last of its thing, and the number of the account’s last change."""

    number: int | None  # None: there is no row
    kind: str
    thing_id: str
    action: str
    at: str
    is_last: int
    change_number: int


BEGINNING = Place(0, "", NO_ID)
THINGS: dict[str, tuple[Table, list[ColumnElement[Any]]]] = {  # of each recorded kind, the columns as it is answered
    "bucket": (buckets, columns_of_bucket(buckets)),
    "entry": (entries, columns_of_entry(entries)),
    "item": (items, columns_of_item(items)),
    "photo": (files, columns_of_photo(files)),
}

_KEY = tuple_(changes.c.number, changes.c.kind, changes.c.thing_id)
_PLACE = tuple_(*(bindparam(name, type_=changes.c[name].type) for name in Place._fields))
_PAGE = (
    select(*(changes.c[name] for name in ("number", "kind", "thing_id", "action", "at")))
    .where(access.owned(changes), _KEY > _PLACE)
    .order_by(changes.c.number, changes.c.kind, changes.c.thing_id)
    .limit(bindparam("limit"))
    .subquery("page")
)
_IS_TOLD_AGAIN = exists().where(
    access.owned(changes),
    changes.c.thing_id == _PAGE.c.thing_id,
    changes.c.kind == _PAGE.c.kind,
    changes.c.number > _PAGE.c.number,
)


def _feed() -> Statement:
    source = ACTIVE_SESSION.join(users, users.c.id == ACTIVE_SESSION.c.user_id).outerjoin(_PAGE, true())
    wanted = [*_PAGE.c, case((_IS_TOLD_AGAIN, 0), else_=1), users.c.change_number]
    for kind, (table, columns) in THINGS.items():
        is_it = access.visible(table) & (_PAGE.c.kind == kind) & (table.c.id == _PAGE.c.thing_id)
        source = source.outerjoin(table, is_it)
        wanted += columns
    return Statement(select(*wanted).select_from(source).order_by(_PAGE.c.number, _PAGE.c.kind, _PAGE.c.thing_id))


FEED = _feed()


def list_changes(actor: Actor, after: Place, limit: int) -> list[tuple[Logged, Row]]:
    """Up to `limit + 1` rows of the log behind a place, each with the `columns` of all kinds; one without any.

    Raises: `Unauthorized` when the actor's token is worthless.
    """
    values = access.values(actor, limit=limit + 1, **after._asdict())
    rows = access.require_active(execute(FEED, values))
    count = len(Logged._fields)
    return [(Logged._make(row[:count]), row[count:]) for row in rows]


def thing_in(kind: str, columns: Row) -> Row | None:
    """Of the `columns` of all kinds those of one; None when there is no such thing any more."""
    begin = 0
    for name, (_, wanted) in THINGS.items():
        if name == kind:
            return columns[begin : begin + len(wanted)] if columns[begin] is not None else None
        begin += len(wanted)
    return None
