"""SQL statement builders for a resource that somebody owns: find, list, add, change and remove its rows.

A room gives its table, its columns and its parameters. What holds for every resource is written here, once: whose rows
they are, that the session is active, that a change is made only of the version that was seen (optimistic locking), and
what deferred deletion hides.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from pydantic.alias_generators import to_snake
from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    FromClause,
    ScalarSelect,
    Select,
    Table,
    and_,
    bindparam,
    case,
    delete,
    func,
    literal_column,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import Insert, insert  # its ON CONFLICT is SQLite's as well

from bucketlist.auth import access
from bucketlist.auth.access import ACTIVE_SESSION, ACTIVE_SESSION_EXISTS, IS_ACTIVE
from bucketlist.auth.actor import Actor
from bucketlist.auth.recording import NUMBER, recorded, recorded_all, removed
from bucketlist.kit import paging
from bucketlist.kit.db.database import Statement, Together, execute
from bucketlist.kit.db.driver import Row, Value
from bucketlist.kit.db.timestamps import next_millisecond
from bucketlist.kit.fuzzy_dates import NO_RANK
from bucketlist.kit.paging import Direction, Order
from bucketlist.kit.text import fold_once
from bucketlist.models import sessions

SORTED_LENGTH = 500  # of a name: cursors hold it, and they have to fit into an address

Columns = Sequence[ColumnElement[Any]]
Scan = Literal["filter", "search"]


def given(table: Table, *names: str) -> dict[str, BindParameter[Any]]:
    """Bind parameters for columns of `table`, which take the values of the same names."""
    return {name: bindparam(name, type_=table.c[name].type) for name in names}


def texts(name: str, description: str | None) -> dict[str, Value]:
    """The values of what is searched, and of its folded copies."""
    return {
        "name": name,
        "name_folded": fold_once(name),
        "description": description,
        "description_folded": fold_once(description) if description is not None else None,
    }


def one(table: Table, columns: Columns, key: ColumnElement[Any]) -> Statement:
    """Selects a row by its key, for `find`: nulls when the owner has none, and no row when the token is worthless."""
    return _joined(table, columns, access.visible(table) & (_key_of(table) == key))


def key_taken(table: Table, key: ColumnElement[Any]) -> Statement:
    """Selects a key, for `find`, when the owner has such a row, if only one that is still to be purged."""
    return _joined(table, [_key_of(table)], access.owned(table) & (_key_of(table) == key))


def find(statement: Statement, actor: Actor, **values: Value) -> Row | None:
    """The row that a statement of `one` selects. Raises: `Unauthorized` when the actor's token is worthless."""
    row = access.require_active(execute(statement, access.values(actor, **values)))[0]
    return row if row[0] is not None else None


def listed(
    table: Table,
    rows: Select[Any],
    columns: Callable[[FromClause], Columns],
    order: Order,
    direction: Direction,
    *conditions: ColumnElement[bool],
    scan: Scan | None = None,
    within: FromClause = ACTIVE_SESSION,
) -> Select[Any]:
    """Selects a page (keyset pagination) of `rows`, which come of `table`; without any, one row of nulls.

    A row has its `columns`, of the table or of the page, then the count of all and the value that is sorted by.
    `within` is the active session, joined to the parent if there is one: it is there, or none of its rows is.
    With a `scan` the conditions are such that no index answers: all rows of the owner are read, once.
    """
    sorted_by = sort_key(table, order)
    matching = [paging.matching(table)] if scan == "search" else []  # first, as SQLite asks in this order
    wanted = rows.add_columns(sorted_by.label("sort_value")).where(*matching, _owned_within(table, within), *conditions)
    find_page = paging.page_and_count_of_scan if scan else paging.page_and_count
    page, count = find_page(wanted, sorted_by, table.c.id, order, direction)
    row, source = page, within.outerjoin(page, true())
    if scan:
        row, source = table, source.outerjoin(table, access.owned(table) & (table.c.id == page.c.id))
    return (
        select(*columns(row), count, page.c.sort_value)
        .select_from(source)
        .order_by(*paging.in_order(order.is_descending, page.c.sort_value, page.c.id))
    )


def listed_as_join(
    table: Table,
    columns: Columns,
    order: Order,
    direction: Direction,
    *conditions: ColumnElement[bool],
    within: FromClause,
) -> Select[Any] | None:
    """Selects what `listed` does without a scan, as one join, for SQLite; None for a page backwards.

    `within` gives one row at most, so SQLite reads in the order of an index, or sorts into no more than the page: it
    need not materialise the page and sort it again. PostgreSQL would read all: to it an outer join has no order.
    """
    if direction in paging.BACKWARDS:
        return None
    sort_by = sort_key(table, order)
    is_listed = (_owned_within(table, within), *conditions)
    from_place = paging.from_place(sort_by, table.c.id, order.is_descending, direction)
    return (
        select(*columns, paging.counted(select(table.c.id).where(*is_listed)), sort_by)
        .select_from(within.outerjoin(table, and_(*is_listed, *from_place)))
        .order_by(*paging.in_order(order.is_descending, sort_by, table.c.id))
        .limit(bindparam("limit"))
    )


def _owned_within(table: Table, within: FromClause) -> ColumnElement[bool]:
    """Whoever lists within a parent that is there need not ask again whether it is in the trash."""
    return access.visible(table) if within is ACTIVE_SESSION else access.undeleted(table)


def sort_key(table: Table, order: Order) -> ColumnElement[Any]:
    """What a list in this `order` is sorted by: by a rank, if there is one; a row without it comes last both ways."""
    field = to_snake(order.field)
    if field == "name":
        folded = table.c.name_folded
        return func.substr(folded, 1, literal_column(str(SORTED_LENGTH)), type_=folded.type)
    if f"{field}_rank" in table.c:
        rank, last = table.c[f"{field}_rank"], 0 if order.is_descending else NO_RANK
        if not rank.nullable:  # it is 0 where there is nothing, for a list that is descending, and an index gives it
            return rank
        return func.coalesce(rank, literal_column(str(last)), type_=rank.type)
    return table.c[field]


def next_position(table: Table, *siblings: ColumnElement[bool]) -> ScalarSelect[int]:
    """The position behind all that the owner has, or behind its `siblings`."""
    last = func.coalesce(func.max(table.c.position), 0)
    return select(last + 1).where(access.owned(table), *siblings).scalar_subquery()


def inserted(
    table: Table,
    values: Mapping[str, ColumnElement[Any]],
    *conditions: ColumnElement[bool],
    within: FromClause = sessions,
) -> Insert:
    """Inserts a row of the owner, if whoever asks has an active session and the `conditions` hold.

    `within` are the sessions, joined to the parent if there is one. Where a conflict updates a row, `values` have a
    `user_id`, that of the sessions: with a parameter Citus, which shards by it, would select and insert apart.
    """
    every: dict[str, ColumnElement[Any]] = {"user_id": access.OWNER, **values}
    wanted = select(*every.values()).select_from(within).where(IS_ACTIVE, *conditions)
    return insert(table).from_select(list(every), wanted)


def add(
    table: Table,
    values: Mapping[str, ColumnElement[Any]],
    *conditions: ColumnElement[bool],
    within: FromClause = sessions,
) -> Statement | Together:
    """Adds a row, which is recorded: gives its position, or else its key, and version. Nothing when that is taken."""
    times = {name: bindparam("now", type_=table.c[name].type) for name in ("created_at", "modified_at")}
    adding = inserted(table, {**values, "version": NUMBER, **times}, *conditions, within=within)
    key = [column.name for column in table.primary_key.columns]
    given_back = table.c.position if "position" in table.c else _key_of(table)
    return recorded(
        table,
        adding.on_conflict_do_nothing(index_elements=key).returning(given_back, table.c.version),
        _key_of(table) == values[_key_of(table).name],
        "created",
    )


def change(
    table: Table,
    key: ColumnElement[Any],
    values: Mapping[str, ColumnElement[Any]],
    *conditions: ColumnElement[bool],
    returned: str = "",
) -> Statement | Together:
    """Changes a row that is still at the parameter `seen_version`; it is recorded, with the words in `fields`.

    It gives the column `returned`, or else its key, and the new version.
    """
    moved = {"version": NUMBER, "modified_at": bindparam("now", type_=table.c.modified_at.type)}
    return recorded(
        table,
        update(table)
        .where(*_is_as_seen(table, key), *conditions, ACTIVE_SESSION_EXISTS)
        .values({**values, **moved})
        .returning(table.c[returned] if returned else _key_of(table), table.c.version),
        _key_of(table) == key,
        "changed",
    )


def change_all(table: Table, values: Mapping[str, ColumnElement[Any]], *conditions: ColumnElement[bool]) -> Together:
    """Changes many rows, each of which is recorded: whatever the clock says, each is younger than before."""
    now = bindparam("now", type_=table.c.modified_at.type)
    later = case((table.c.modified_at < now, now), else_=next_millisecond(table.c.modified_at))
    moved = {"version": NUMBER, "modified_at": later}
    return recorded_all(table, update(table).where(access.owned(table), *conditions).values({**values, **moved}))


def remove(table: Table, key: ColumnElement[Any], *conditions: ColumnElement[bool]) -> Statement | Together:
    """Deletes a row that is still at the parameter `seen_version`, if there are versions of it, and gives its key."""
    is_it = [*_is_as_seen(table, key), *conditions]
    return removed(table, delete(table).where(*is_it, ACTIVE_SESSION_EXISTS).returning(_key_of(table)), *is_it)


def _joined(table: Table, columns: Columns, is_it: ColumnElement[bool]) -> Statement:
    return Statement(select(*columns).select_from(ACTIVE_SESSION.outerjoin(table, is_it)))


def _is_as_seen(table: Table, key: ColumnElement[Any]) -> list[ColumnElement[bool]]:
    is_it = [access.visible(table), _key_of(table) == key]
    return [*is_it, table.c.version == bindparam("seen_version")] if "version" in table.c else is_it


def _key_of(table: Table) -> Column[Any]:
    """By what an owner tells rows apart: the primary key but for whose they are."""
    _, key = table.primary_key.columns
    return key
