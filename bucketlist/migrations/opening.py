"""Database connection for migrations and snapshots: to move the schema, or to read all of it at one moment.

SQLite alters a table by copying it, and a copy with foreign keys on would empty the tables that refer to it; they are
switched off outside the transaction (inside it the pragma does nothing) and checked before it ends.

Source: https://www.sqlite.org/lang_altertable.html section 7
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import NullPool

from bucketlist.config import Settings
from bucketlist.kit.db.failover import Servers
from bucketlist.kit.db.sqlite_file import open_file
from bucketlist.migrations.fitness import MigrationError, refuse_unfit

HAS_CITUS = text("SELECT count(*) FROM pg_extension WHERE extname = 'citus'")
OF_CITUS = (
    "citus.propagate_set_commands = 'local'",  # so that limits which are lifted here are lifted at every server
    "citus.multi_shard_modify_mode = 'sequential'",  # so that one step of a migration may follow another
    "citus.max_adaptive_executor_pool_size = 1",  # so that each server shows one moment
)
LOCK_NUMBER = 0x6275636B  # any number that nobody else locks
LOCK_SECONDS = 30  # that one who works on all of the database waits for another


def is_missing(settings: Settings) -> bool:
    """Is SQLite's file not there yet? Raises: `OSError` when nobody can tell."""
    try:
        return not settings.database_url and not settings.sqlite_path.stat()
    except FileNotFoundError:
        return True


def has_citus(connection: Connection) -> bool:
    """Does the database have the extension by which it is, or can be, distributed?"""
    return connection.dialect.name == "postgresql" and bool(connection.scalar(HAS_CITUS))


@contextmanager
def transaction(settings: Settings) -> Iterator[Connection]:
    """A transaction with the migration lock: nobody else migrates beside it. Raises: `MigrationError`."""
    if is_missing(settings):
        raise MigrationError(f"There is no database at {settings.sqlite_path} yet.")
    with _opened(_engine(settings)) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK_NUMBER})"))
        refuse_unfit(connection)
        yield connection


@contextmanager
def snapshot(settings: Settings) -> Iterator[Connection]:
    """A snapshot: a connection that sees one moment of the database, while others write on, and can change nothing.

    Raises: `MigrationError`, also when there is no database on SQLite yet: none is made.
    """
    if is_missing(settings):
        raise MigrationError(f"There is no database at {settings.sqlite_path} yet.")
    engine = _engine(settings, begin="BEGIN")
    if settings.database_url:
        engine = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    with _opened(engine) as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA query_only = ON")
        refuse_unfit(connection)
        yield connection


@contextmanager
def in_memory() -> Iterator[Connection]:
    """An in-memory database on SQLite, which is gone at the end of the block."""
    with _sqlite_engine(lambda: sqlite3.connect(":memory:", isolation_level=None)).begin() as connection:
        yield connection


@contextmanager
def _opened(engine: Engine) -> Iterator[Connection]:
    try:
        with engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                for option in OF_CITUS if has_citus(connection) else ():
                    connection.execute(text(f"SET LOCAL {option}"))
                connection.execute(text("SET LOCAL statement_timeout = 0"))  # all of a table takes as long as it takes
                connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'"))
            yield connection
    except DatabaseError as error:
        raise MigrationError(f"The database cannot be used: {_first_line(error)}.") from None
    finally:
        engine.dispose()


def _engine(settings: Settings, begin: str = "BEGIN IMMEDIATE") -> Engine:
    if settings.database_url:
        return create_engine("postgresql+psycopg://", poolclass=NullPool, creator=lambda: _connect(settings))
    return _sqlite_engine(lambda: _open_sqlite(settings), begin)


def _sqlite_engine(connect: Callable[[], sqlite3.Connection], begin: str = "BEGIN IMMEDIATE") -> Engine:
    engine = create_engine("sqlite://", poolclass=NullPool, creator=connect)

    @event.listens_for(engine, "begin")
    def begin_it(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _open_sqlite(settings: Settings) -> sqlite3.Connection:
    connection = open_file(settings.sqlite_path, timeout=LOCK_SECONDS)
    connection.execute("PRAGMA foreign_keys = OFF")
    return connection


def _connect(settings: Settings) -> psycopg.Connection:
    """By the address as the pool has it, so that commands work on the database that is served."""
    connection = Servers(settings.database_url, may_prepare=settings.database_prepare).connect().connection
    connection.autocommit = False
    return connection


def _first_line(error: DatabaseError) -> str:
    return str(error.orig).strip().splitlines()[0].rstrip(".")
