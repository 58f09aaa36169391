"""SQL queries of the trash: what lies in it, what that was in, and what is emptied."""

from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    Column,
    ColumnElement,
    FromClause,
    ScalarSelect,
    Select,
    Table,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
    update,
)

from bucketlist.auth import access, statements
from bucketlist.auth.actor import Actor
from bucketlist.auth.trashing import TRASH_ID
from bucketlist.kit import paging
from bucketlist.kit.db.database import Statement, execute
from bucketlist.kit.db.driver import Row
from bucketlist.kit.paging import Direction, Order, Place
from bucketlist.models import buckets, entries, files, items, trash

NEWEST_FIRST = Order("deletedAt", is_descending=True)
AT_ONCE = 1000  # rows that are looked for of everybody's
NAMES = {"bucket": buckets.c.name, "item": items.c.name, "entry": entries.c.title, "photo": files.c.caption}


class Trashed(NamedTuple):
    """Where something lies in the trash, and what it is."""

    id: str
    kind: str
    thing_id: str
    name: str | None = None


def _is(source: FromClause, kind: str) -> ColumnElement[bool]:
    return source.c.kind == literal_column(f"'{kind}'", trash.c.kind.type)


def _name(source: FromClause) -> ColumnElement[Any]:
    """What the thing is called: its words go with it, and are nowhere else."""
    return case(*((_is(source, kind), _of(name, source.c.thing_id)) for kind, name in NAMES.items()))


def _of(column: Column[Any], row_id: ColumnElement[Any]) -> ScalarSelect[Any]:
    """The column of the row with this id."""
    return select(column).where(access.owned(column.table), column.table.c.id == row_id).scalar_subquery()


def _item_count(source: FromClause) -> ColumnElement[Any]:
    within = select(func.count()).where(access.undeleted(items), items.c.bucket_id == source.c.thing_id)
    count = within.correlate(source).scalar_subquery()
    return case((_is(source, "bucket"), count), (_is(source, "item"), literal_column("1")), else_=literal_column("0"))


def columns(source: FromClause) -> list[ColumnElement[Any]]:
    """Those of `TrashOut` but for the last, from the table or from a page of it."""
    return [source.c.id, source.c.kind, source.c.thing_id, _name(source), _item_count(source), source.c.deleted_at]


_KEPT, _EMPTIED = (trash.c.emptied == literal_column(number) for number in "01")
_IS_IT = trash.c.id == TRASH_ID
OF_ITEM = Statement(
    select(trash.c.id).where(
        access.owned(trash),
        _is(trash, "item"),
        trash.c.thing_id == bindparam("thing_id", type_=trash.c.thing_id.type),
        _KEPT,
    )
)
THIS = Statement(select(trash.c.id, trash.c.kind, trash.c.thing_id).where(access.owned(trash), _IS_IT, _KEPT))


def _place(*steps: Column[Any]) -> ColumnElement[Any]:
    """The id of what a thing is in: of an item its `bucket_id`, of an entry its `item_id`, and of that its bucket."""
    found: ColumnElement[Any] = bindparam("thing_id", type_=trash.c.thing_id.type)
    for column in steps:
        found = _of(column, found)
    return found


def _first_of(*places: tuple[str, ColumnElement[Any]]) -> Statement:
    """Selects the first of these places that lies in the trash by itself."""
    there = [and_(_is(trash, kind), trash.c.thing_id == place) for kind, place in places]
    nearest = case(*((is_there, literal_column(str(number))) for number, is_there in enumerate(there)))
    found = select(trash.c.id, trash.c.kind, trash.c.thing_id, _name(trash)).where(access.owned(trash), or_(*there))
    return Statement(found.order_by(nearest).limit(1))


PARENT = {
    "item": _first_of(("bucket", _place(items.c.bucket_id))),
    "entry": _first_of(("item", _place(entries.c.item_id)), ("bucket", _place(entries.c.item_id, items.c.bucket_id))),
    "photo": _first_of(
        ("entry", _place(files.c.entry_id)),
        ("item", _place(files.c.item_id)),
        ("bucket", _place(files.c.item_id, items.c.bucket_id)),
    ),
}

_gone = trash.alias("gone")


def _gone_ids(kind: str) -> Select[Any]:
    """Of what is emptied."""
    return select(_gone.c.thing_id).where(access.owned(_gone), _is(_gone, kind), _gone.c.emptied == literal_column("1"))


_GONE_ITEMS = select(items.c.id).where(
    access.owned(items), or_(items.c.bucket_id.in_(_gone_ids("bucket")), items.c.id.in_(_gone_ids("item")))
)


def _within(table: Table, is_in: ColumnElement[bool]) -> ColumnElement[bool]:
    """What lies in the trash by itself, and in something that is emptied."""
    ids = select(table.c.id).where(access.owned(table), table.c.trash_id.is_not(None), is_in)
    return _is(trash, str(table.info["kind"])) & trash.c.thing_id.in_(ids)


_EMPTY = update(trash).where(access.owned(trash), _KEPT).values(emptied=literal_column("1"))
_UNTIL = bindparam("until", type_=trash.c.deleted_at.type)
_IS_OVER = trash.c.deleted_at < _UNTIL
EMPTY_THIS = Statement(_EMPTY.where(_IS_IT))
EMPTY_ALL = Statement(_EMPTY, is_slow=True)
EMPTY_OLD = Statement(_EMPTY.where(_IS_OVER), is_slow=True)
EMPTY_WITHIN = Statement(
    _EMPTY.where(
        or_(
            _within(items, items.c.bucket_id.in_(_gone_ids("bucket"))),
            *(_within(table, table.c.item_id.in_(_GONE_ITEMS)) for table in (entries, files)),
            _within(files, files.c.entry_id.in_(_gone_ids("entry"))),
        )
    ),
    is_slow=True,
)
OLD = Statement(select(trash.c.user_id).where(_IS_OVER, _KEPT).order_by(trash.c.deleted_at).limit(AT_ONCE))


@cache
def trash_list(direction: Direction) -> Statement:
    """A page of what lies in the trash, each with the count of all and what it is sorted by; without any, one row."""
    rows = select(trash.c.id, trash.c.kind, trash.c.thing_id, trash.c.deleted_at)
    return Statement(statements.listed(trash, rows, columns, NEWEST_FIRST, direction, _KEPT))


def list_trash(actor: Actor, direction: Direction, place: Place | None, limit: int) -> list[Row]:
    """Up to `limit + 1` rows of `trash_list`, of which the first may have nothing. Raises: `Unauthorized`."""
    return access.require_active(
        execute(trash_list(direction), access.values(actor, **paging.page_values(limit, place)))
    )


def find_trash_of_item(user_id: str, item_id: str) -> str | None:
    """Where an item lies by itself, if it does."""
    rows = execute(OF_ITEM, access.of_owner(user_id, thing_id=item_id))
    return rows[0][0] if rows else None


def find_trash(user_id: str, trash_id: str) -> Trashed | None:
    rows = execute(THIS, access.of_owner(user_id, trash_id=trash_id))
    return Trashed(*rows[0]) if rows else None


def find_parent(user_id: str, row: Trashed) -> Trashed | None:
    """What the thing was in, as far as that lies in the trash as well; of several the nearest."""
    if row.kind not in PARENT:
        return None
    rows = execute(PARENT[row.kind], access.of_owner(user_id, thing_id=row.thing_id))
    return Trashed(*rows[0]) if rows else None


def empty(user_id: str, trash_id: str | None) -> None:
    """Mark what is to be purged: this, and what lies in it, or all. The account is locked."""
    if trash_id is None:
        execute(EMPTY_ALL, access.of_owner(user_id))
        return
    execute(EMPTY_THIS, access.of_owner(user_id, trash_id=trash_id))
    execute(EMPTY_WITHIN, access.of_owner(user_id))


def empty_old(user_id: str, until: str) -> None:
    """Mark what was deleted before, and what lies in it. The account is locked."""
    execute(EMPTY_OLD, access.of_owner(user_id, until=until))
    execute(EMPTY_WITHIN, access.of_owner(user_id))


def find_owners_of_old(until: str) -> set[str]:
    """Some of those who deleted something before, and have it in the trash."""
    return {user_id for (user_id,) in execute(OLD, {"until": until})}
