"""SQL statement builders for sorting by hand: all rows of an owner get the positions that a list of their ids says.

The rows are compared with the list and then written, each by one statement, however many there are. So whoever calls
has locked what they are in, that nobody else sorts it meanwhile, and asks at the end whether the session is active.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Cast, ColumnElement, Table, cast, func, select

from bucketlist.auth import access, statements
from bucketlist.kit.db.database import Statement, Together
from bucketlist.kit.db.json_lists import rows_of

_WANTED = rows_of("ids")


def compared(table: Table, *siblings: ColumnElement[bool]) -> Statement:
    """Selects how many rows there are, and how many of them the parameter `ids` names."""
    rows = [access.visible(table), *siblings]
    there = select(func.count()).where(*rows)
    named = select(func.count()).select_from(table.join(_WANTED, table.c.id == _id_of(table))).where(*rows)
    return Statement(select(there.scalar_subquery(), named.scalar_subquery()), is_slow=True)


def reordered(table: Table, *siblings: ColumnElement[bool]) -> Together:
    """Puts the rows into the order of the parameter `ids`. A row that is in its place already stays as it is."""
    place = _WANTED.c.key + 1
    is_elsewhere = [access.visible(table), *siblings, table.c.id == _id_of(table), table.c.position != place]
    return statements.change_all(table, {"position": place}, *is_elsewhere)


def in_order(table: Table, *siblings: ColumnElement[bool]) -> Statement:
    """Selects the ids of the rows, as they are sorted by hand."""
    rows = select(table.c.id).where(access.visible(table), *siblings)
    return Statement(rows.order_by(table.c.position, table.c.id), is_slow=True)


def traded(ids: Sequence[str], some: Sequence[str]) -> list[str] | None:
    """`ids`, but that `some` of them trade places, into this order; None when they are not all there, each once."""
    wanted = set(some)
    if len(wanted) != len(some) or not wanted.issubset(ids):
        return None
    following = iter(some)
    return [next(following) if one in wanted else one for one in ids]


def _id_of(table: Table) -> Cast[Any]:
    return cast(_WANTED.c.value, table.c.id.type)
