"""Raw database access: a way past the application."""

import sqlite3
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager

import psycopg
from sqlalchemy import Connection, MetaData, create_engine, select, text
from sqlalchemy.pool import NullPool

from bucketlist.config import Settings, load_settings

Rows = list[tuple[object, ...]]


def settings_of(database: dict[str, str]) -> Settings:
    """Those that a command has with `database` in its environment."""
    return load_settings(**{name.lower(): value for name, value in database.items()})


def environment_of(settings: Settings) -> dict[str, str]:
    """That of a command which works on the database of `settings`."""
    return {
        "APP_SETTING": "testing",
        "SECRET_KEY": settings.secret_key,
        "DATABASE_URL": settings.database_url,
        "DATA_DIR": str(settings.data_dir),
    }


@contextmanager
def open_database(settings: Settings) -> Iterator[Connection]:
    """A connection in a transaction that is committed at the end of the block."""
    if url := settings.database_url:
        engine = create_engine("postgresql+psycopg://", poolclass=NullPool, creator=lambda: psycopg.connect(url))
    else:
        path = settings.sqlite_path
        engine = create_engine("sqlite://", poolclass=NullPool, creator=lambda: sqlite3.connect(path))
    with engine.begin() as connection:
        yield connection


def read_all_tables(settings: Settings, of: Mapping[str, Collection[str]] | None = None) -> dict[str, Rows]:
    """Every row of every table as texts, in one order, so that two states can be compared byte for byte.

    `of` names the tables, and of each the columns, that count.
    """
    with open_database(settings) as connection:
        metadata = MetaData()
        metadata.reflect(connection, only=lambda name, _: of is None or name in of, resolve_fks=False)
        wanted = {
            name: select(*(table.c[column] for column in (table.columns.keys() if of is None else of[name])))
            for name, table in sorted(metadata.tables.items())
        }
        return {
            name: sorted(tuple(str(value) for value in row) for row in connection.execute(statement))
            for name, statement in wanted.items()
        }


def set_revision(settings: Settings, revision: str) -> None:
    with open_database(settings) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})
