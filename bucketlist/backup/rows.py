"""SQL dump and load of whole tables: every row, as both databases tell it alike, out of one and into another.

Ids and moments are texts, as everywhere; on PostgreSQL, which has types of its own for them, the server converts.
"""

import sqlite3
from collections.abc import Generator, Iterable, Sequence
from typing import Any

import psycopg
from sqlalchemy import (
    ColumnElement,
    Connection,
    DateTime,
    MetaData,
    Table,
    Text,
    Uuid,
    cast,
    column,
    func,
    inspect,
    select,
    table,
    text,
)

from bucketlist.kit.db.driver import Value

BATCH = 1000
IDENTITY = text("""
SELECT system_identifier, (SELECT oid FROM pg_database WHERE datname = current_database()), current_schema()
FROM pg_control_system()
""")
INSTANT = 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'


class RowRefused(Exception):
    """The database does not take a row; the message is the database's own."""


def reflect_tables(connection: Connection, names: Sequence[str]) -> dict[str, Table]:
    """The tables as they are in this database."""
    found = MetaData()
    found.reflect(connection, only=lambda name, _: name in names, resolve_fks=False)  # one of them may be lost
    return {name: found.tables[name] for name in names if name in found.tables}


def read_rows(connection: Connection, source: Table, columns: Sequence[str]) -> Generator[Sequence[Value], None, None]:
    """Every row, by primary key, a batch at a time. Who stops before the end closes it, while there is a connection."""
    wanted: list[ColumnElement[Any]] = [source.c[name] for name in columns]
    if connection.dialect.name == "postgresql":
        wanted = [_as_text(value) for value in wanted]
    found = select(*wanted).order_by(*source.primary_key)
    with connection.execute(found, execution_options={"yield_per": BATCH}) as rows:
        for row in rows:
            yield list(row)


def write_rows(connection: Connection, name: str, columns: Sequence[str], rows: Iterable[Sequence[Value]]) -> None:
    """Add rows of texts and numbers to a table. Raises: `RowRefused`, and what reading `rows` does."""
    quote = connection.dialect.identifier_preparer.quote
    target = f"{quote(name)} ({', '.join(map(quote, columns))})"
    raw = connection.connection.driver_connection
    try:
        if isinstance(raw, sqlite3.Connection):
            places = ", ".join("?" * len(columns))
            raw.executemany(f"INSERT INTO {target} VALUES ({places})", rows)  # noqa: S608  # the names of our tables
            return
        assert isinstance(raw, psycopg.Connection)  # noqa: S101  # there are two drivers
        with raw.cursor().copy(f"COPY {target} FROM STDIN".encode()) as copy:
            for row in rows:
                copy.write_row(row)
    except psycopg.Error as error:
        raise RowRefused(error.diag.message_primary or "no answer") from None
    except (sqlite3.Error, OverflowError) as error:
        raise RowRefused(str(error)) from None


def has_users(connection: Connection) -> bool:
    if not inspect(connection).has_table("users"):
        return False
    return connection.execute(select(column("id")).select_from(table("users")).limit(1)).first() is not None


def identity_of(connection: Connection) -> str | None:
    """What tells this database of PostgreSQL from every other, its own copies included; None on SQLite."""
    if connection.dialect.name != "postgresql":
        return None
    return ":".join(str(part) for part in connection.execute(IDENTITY).one())


def _as_text(source: ColumnElement[Any]) -> ColumnElement[Any]:
    if isinstance(source.type, Uuid):
        return cast(source, Text)
    if isinstance(source.type, DateTime):
        return func.to_char(func.timezone("UTC", source), INSTANT)
    return source
