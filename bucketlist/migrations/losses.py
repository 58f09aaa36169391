"""Data loss by a migration: what a move of the schema takes away, found by a look before it and one after."""

from collections.abc import Collection, Iterator
from typing import NamedTuple

from sqlalchemy import Connection, MetaData, func, select

from bucketlist.migrations import RENAMED


class Filled(NamedTuple):
    """How many rows a table has, and in how many of them each column has a value."""

    rows: int
    values: dict[str, int]


Inventory = dict[str, Filled]

GONE = Filled(0, {})


def take_inventory(connection: Connection, names: Collection[str]) -> Inventory:
    """Of those tables that are there, under the name of today or an earlier one. Everything is read."""
    wanted_names = {*names, *(RENAMED[name] for name in names if name in RENAMED)}
    tables = MetaData()
    tables.reflect(connection, only=lambda name, _: name in wanted_names, resolve_fks=False)
    found: Inventory = {}
    for _, table in sorted(tables.tables.items()):
        wanted = select(func.count(), *(func.count(column) for column in table.columns)).select_from(table)
        rows, *values = connection.execute(wanted).one()
        found[table.name] = Filled(rows, dict(zip(table.columns.keys(), values, strict=True)))
    return found


def find_losses(before: Inventory, after: Inventory) -> Iterator[str]:
    """What had rows or values before and is gone: `outbox (12 rows)`, `users.email_confirmed_at (in 3 rows)`."""
    for table, (rows, values) in before.items():
        left = after.get(table) or after.get(RENAMED.get(table, ""), GONE)
        if lost := rows - left.rows:
            yield f"{table} ({_rows(lost)}{f' of {rows:,}' if left.rows else ''})"
        if left is not GONE:
            for column, count in values.items():
                if count and column not in left.values:
                    yield f"{table}.{column} (in {_rows(count)})"


def _rows(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"
