"""Moves the schema up and down, all or nothing, and says where it is; lends the database to what works on all of it.

SQLite alters a table by copying it, and a copy with foreign keys on would empty the tables that refer to it; they are
switched off outside the transaction (inside it the pragma does nothing) and checked before it ends.

Source: https://www.sqlite.org/lang_altertable.html section 7, https://alembic.sqlalchemy.org/en/latest/batch.html
"""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import psycopg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from psycopg.errors import LockNotAvailable
from sqlalchemy import Connection, Engine, MetaData, Table, create_engine, event, text
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.pool import NullPool

from bucketlist.config import Settings
from bucketlist.kit.address import connect
from bucketlist.kit.sqlite_file import create_file, open_file
from bucketlist.migrations.fitness import MigrationProblem, refuse_unfit

__all__ = ["MigrationProblem"]  # to be had here as well

LOCK_NUMBER = 0x6275636B  # any number that nobody else locks
LOCK_SECONDS = 30  # that one who works on all of the database waits for another
TABLE_SECONDS = 2  # that a step waits for a table; all who come after wait behind it
TRIES = 10
PAUSE_SECONDS = 1  # in which those who waited get their turn


class InUse(MigrationProblem):
    """Somebody works on a table and has not come to an end."""


def upgrade(settings: Settings, revision: str = "head") -> None:
    """Bring the schema up to `revision`; on SQLite the file is made when there is none. Raises: `MigrationProblem`."""
    if not settings.database_url:
        create_file(settings.sqlite_path)
    _move_patiently(settings, lambda connection: move_up(connection, revision))


def downgrade(settings: Settings, revision: str) -> None:
    """Bring the schema down to `revision`; `base` removes everything. Raises: `MigrationProblem`."""
    _move_patiently(settings, lambda connection: move_down(connection, revision))


def move_up(connection: Connection, revision: str = "head") -> None:
    """`upgrade` within a transaction in which more happens. Raises: `MigrationProblem`."""
    _move(connection, lambda config: command.upgrade(config, revision))


def move_down(connection: Connection, revision: str) -> None:
    """`downgrade` within a transaction in which more happens. Raises: `MigrationProblem`."""
    _move(connection, lambda config: command.downgrade(config, revision))


def head() -> str:
    """The revision of this version."""
    return str(_scripts().get_current_head())


def revision_of(settings: Settings) -> str | None:
    """The revision of the database, or None when it is empty or not there. Raises: `MigrationProblem`."""
    if is_missing(settings):
        return None
    with transaction(settings) as connection:
        return revision_on(connection)


def revision_on(connection: Connection) -> str | None:
    """The revision of the database at the other end, or None when it is empty."""
    return MigrationContext.configure(connection).get_current_revision()


def is_newer(revision: str | None) -> bool:
    """Was it made by a version of the software that came after this one?"""
    return revision is not None and revision not in {script.revision for script in _scripts().walk_revisions()}


def tables_of(revision: str) -> list[Table]:
    """The tables that a database at `revision` has, each after those that it refers to."""
    tables = MetaData()
    with _sqlite_engine(lambda: sqlite3.connect(":memory:", isolation_level=None)).begin() as connection:
        move_up(connection, revision)
        tables.reflect(connection)
    return [table for table in tables.sorted_tables if table.name != "alembic_version"]


def is_missing(settings: Settings) -> bool:
    """Is SQLite's file not there yet? Raises: `OSError` when nobody can tell."""
    try:
        return not settings.database_url and not settings.sqlite_path.stat()
    except FileNotFoundError:
        return True


@contextmanager
def transaction(settings: Settings) -> Iterator[Connection]:
    """A connection in a transaction that nobody else migrates beside. Raises: `MigrationProblem`."""
    if is_missing(settings):
        raise MigrationProblem(f"There is no database at {settings.sqlite_path} yet.")
    with _opened(_engine(settings)) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK_NUMBER})"))
        refuse_unfit(connection)
        yield connection


@contextmanager
def snapshot(settings: Settings) -> Iterator[Connection]:
    """A connection that sees one moment of the database, while others write on, and can change nothing.

    Raises: `MigrationProblem`, also when there is no database on SQLite yet: none is made.
    """
    if is_missing(settings):
        raise MigrationProblem(f"There is no database at {settings.sqlite_path} yet.")
    engine = _engine(settings, begin="BEGIN")
    if settings.database_url:
        engine = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    with _opened(engine) as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA query_only = ON")
        refuse_unfit(connection)
        yield connection


def _move_patiently(settings: Settings, move: Callable[[Connection], None]) -> None:
    for _ in range(1, TRIES):
        with suppress(InUse):
            _try_to_move(settings, move)
            return
        time.sleep(PAUSE_SECONDS)
    _try_to_move(settings, move)


def _try_to_move(settings: Settings, move: Callable[[Connection], None]) -> None:
    with transaction(settings) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"SET LOCAL lock_timeout = '{TABLE_SECONDS}s'"))
        try:
            move(connection)
        except OperationalError as error:
            if not isinstance(error.orig, LockNotAvailable):
                raise
            raise InUse("Others have been using a table for too long; try again when they are done.") from None


def _move(connection: Connection, move: Callable[[Config], None]) -> None:
    config = _config()
    config.attributes["connection"] = connection
    if is_newer(revision_on(connection)):
        raise MigrationProblem("The database was made by a newer version of bucketlist; upgrade the software.")
    try:
        move(config)
    except CommandError as error:
        raise MigrationProblem(f"{error}.") from None
    _check_foreign_keys(connection)


@contextmanager
def _opened(engine: Engine) -> Iterator[Connection]:
    try:
        with engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SET LOCAL statement_timeout = 0"))  # all of a table takes as long as it takes
                connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'"))
            yield connection
    except DatabaseError as error:
        raise MigrationProblem(f"The database cannot be used: {_first_line(error)}.") from None
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
    connection = connect(settings.database_url, may_prepare=settings.database_prepare)
    connection.autocommit = False
    return connection


def _check_foreign_keys(connection: Connection) -> None:
    if connection.dialect.name == "sqlite" and connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall():
        raise MigrationProblem("The migration would leave rows that refer to nothing, so it was undone.")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "bucketlist:migrations")
    return config


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _first_line(error: DatabaseError) -> str:
    return str(error.orig).strip().splitlines()[0].rstrip(".")
