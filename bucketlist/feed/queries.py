"""SQL query of the changes feed: a page of the change log, each row with the thing as it is now."""

from collections.abc import Iterator
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
from bucketlist.kit.paging import known_to_be_short
from bucketlist.models import buckets, changes, entries, files, items, users
from bucketlist.photos.queries import columns as columns_of_photo


class Place(NamedTuple):
    """Where in the feed: a row of the change log, by its key; behind one that restored something, what is in that."""

    number: int
    kind: str
    thing_id: str
    within_kind: str = ""  # of the last thing in it that was told
    within_id: str = NO_ID
    at: str = ""  # when it was restored

    def within(self, kind: str, thing_id: str, at: str) -> "Place":
        return Place(self.number, self.kind, self.thing_id, kind, thing_id, at)


class Logged(NamedTuple):
    """A row of the change log; whether it is the last of its thing, and the number of the account’s last change.

    And whether it is the last that brought the thing back from the trash, with what is in it.
    """

    number: int | None  # None: there is no row
    kind: str
    thing_id: str
    action: str
    at: str
    is_last: int
    brings_back: int
    change_number: int


BEGINNING = Place(0, "", NO_ID)
THINGS: dict[str, tuple[Table, list[ColumnElement[Any]]]] = {  # of each recorded kind, the columns as it is answered
    "bucket": (buckets, columns_of_bucket(buckets)),
    "entry": (entries, columns_of_entry(entries)),
    "item": (items, columns_of_item(items)),
    "photo": (files, columns_of_photo(files)),
}

_KEY = tuple_(changes.c.number, changes.c.kind, changes.c.thing_id)
_PLACE = tuple_(*(bindparam(name, type_=changes.c[name].type) for name in Place._fields[:3]))
_PAGE = known_to_be_short(
    select(*(changes.c[name] for name in ("number", "kind", "thing_id", "action", "at")))
    .where(access.owned(changes), _KEY > _PLACE)
    .order_by(changes.c.number, changes.c.kind, changes.c.thing_id)
    .limit(bindparam("limit"))
)
_IS_TOLD_AGAIN = exists().where(
    access.owned(changes),
    changes.c.thing_id == _PAGE.c.thing_id,
    changes.c.kind == _PAGE.c.kind,
    changes.c.number > _PAGE.c.number,
)
_BRINGS_BACK = (_PAGE.c.action == "restored") & ~_IS_TOLD_AGAIN.where(changes.c.action == "restored")


def _feed() -> Statement:
    source = ACTIVE_SESSION.join(users, users.c.id == ACTIVE_SESSION.c.user_id).outerjoin(_PAGE, true())
    told = [case((_IS_TOLD_AGAIN, 0), else_=1), case((_BRINGS_BACK, 1), else_=0)]
    wanted = [*_PAGE.c, *told, users.c.change_number]
    for kind, (table, columns) in THINGS.items():
        is_it = access.visible(table) & (_PAGE.c.kind == kind) & (table.c.id == _PAGE.c.thing_id)
        source = source.outerjoin(table, is_it)
        wanted += columns
    return Statement(select(*wanted).select_from(source).order_by(_PAGE.c.number, _PAGE.c.kind, _PAGE.c.thing_id))


FEED = _feed()

_THING_ID = bindparam("thing_id", type_=items.c.id.type)
_OF_BUCKET = select(items.c.id).where(access.undeleted(items), items.c.bucket_id == _THING_ID)
IN_BUCKET = {"item": items.c.bucket_id == _THING_ID}
IN_BUCKET |= {kind: THINGS[kind][0].c.item_id.in_(_OF_BUCKET) for kind in ("entry", "photo")}
IN_ITEM = {kind: THINGS[kind][0].c.item_id == _THING_ID for kind in ("entry", "photo")}


def _within(kind: str, is_in: ColumnElement[bool]) -> Statement:
    """Things of a kind that are in another, by their ids."""
    table, columns = THINGS[kind]
    beyond = table.c.id > bindparam("within_id", type_=table.c.id.type)
    found = select(*columns).where(access.visible(table), is_in, beyond).order_by(table.c.id)
    return Statement(found.limit(bindparam("limit")), is_slow=True)


WITHIN = {  # of each kind that others are in, a statement for each of these
    "bucket": {kind: _within(kind, is_in) for kind, is_in in IN_BUCKET.items()},
    "item": {kind: _within(kind, is_in) for kind, is_in in IN_ITEM.items()},
    "entry": {"photo": _within("photo", files.c.entry_id == _THING_ID)},
}


def list_changes(actor: Actor, after: Place, limit: int) -> list[tuple[Logged, Row]]:
    """Up to `limit + 1` rows of the log behind a place, each with the `columns` of all kinds; one without any.

    Raises: `Unauthorized` when the actor's token is worthless.
    """
    number, kind, thing_id, *_ = after
    values = access.values(actor, limit=limit + 1, number=number, kind=kind, thing_id=thing_id)
    rows = access.require_active(execute(FEED, values))
    count = len(Logged._fields)
    return [(Logged._make(row[:count]), row[count:]) for row in rows]


def list_within(actor: Actor, after: Place, limit: int) -> Iterator[tuple[str, Row]]:
    """What is in the thing at this place, behind what was told of it: up to `limit` of each kind."""
    kinds = WITHIN.get(after.kind, {})
    is_over = after.within_kind not in kinds  # so that all of them are told
    for kind, statement in kinds.items():
        is_next = kind == after.within_kind
        if is_over or is_next:
            begin = after.within_id if is_next else NO_ID
            values = access.of_owner(actor.user_id, thing_id=after.thing_id, within_id=begin, limit=limit)
            yield from ((kind, row) for row in execute(statement, values))
        is_over = is_over or is_next


def thing_in(kind: str, columns: Row) -> Row | None:
    """Of the `columns` of all kinds those of one; None when there is no such thing any more."""
    begin = 0
    for name, (_, wanted) in THINGS.items():
        if name == kind:
            return columns[begin : begin + len(wanted)] if columns[begin] is not None else None
        begin += len(wanted)
    return None
