"""Moves the schema up and down, all or nothing, and says where it is; lends the database to what works on all of it.

SQLite alters a table by copying it, and a copy with foreign keys on would empty the tables that refer to it; they are
switched off outside the transaction (inside it the pragma does nothing) and checked before it ends.

Source: https://www.sqlite.org/lang_altertable.html section 7, https://alembic.sqlalchemy.org/en/latest/batch.html
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

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
from bucketlist.kit.postgres import CONNECT_SECONDS

LOCK_NUMBER = 0x6275636B  # any number that nobody else locks
LOCK_SECONDS = 30  # that one who works on all of the database waits for another
TABLE_SECONDS = 2  # that a step waits for a table; all who come after wait behind it
TRIES = 10
PAUSE_SECONDS = 1  # in which those who waited get their turn


class MigrationProblem(Exception):
    """The schema cannot be moved; the message says in a sentence why."""


class InUse(MigrationProblem):
    """Somebody works on a table and has not come to an end."""


def upgrade(settings: Settings, revision: str = "head") -> None:
    """Bring the schema up to `revision`. Raises: `MigrationProblem`."""
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
    """The revision of the database, or None when it is empty. Raises: `MigrationProblem`."""
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
    with _sqlite_engine("sqlite://").begin() as connection:
        move_up(connection, revision)
        tables.reflect(connection)
    return [table for table in tables.sorted_tables if table.name != "alembic_version"]


@contextmanager
def transaction(settings: Settings) -> Iterator[Connection]:
    """A connection in a transaction that nobody else migrates beside. Raises: `MigrationProblem`."""
    with _opened(_engine(settings)) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'"))
            connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK_NUMBER})"))
        yield connection


@contextmanager
def snapshot(settings: Settings) -> Iterator[Connection]:
    """A connection that sees one moment of the database, while others write on, and can change nothing.

    Raises: `MigrationProblem`, also when there is no database on SQLite yet: none is made.
    """
    engine: Engine
    if settings.database_url:
        engine = _engine(settings).execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    elif settings.sqlite_path.is_file():
        engine = _sqlite_engine(f"sqlite:///{settings.sqlite_path}", begin="BEGIN")
    else:
        raise MigrationProblem(f"There is no database at {settings.sqlite_path} yet.")
    with _opened(engine) as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA query_only = ON")
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
            yield connection
    except DatabaseError as error:
        raise MigrationProblem(f"The database cannot be used: {_first_line(error)}.") from None
    finally:
        engine.dispose()


def _engine(settings: Settings) -> Engine:
    if settings.database_url:
        return create_engine("postgresql+psycopg://", poolclass=NullPool, creator=lambda: _connect(settings))
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    return _sqlite_engine(f"sqlite:///{settings.sqlite_path}")


def _sqlite_engine(url: str, begin: str = "BEGIN IMMEDIATE") -> Engine:
    engine = create_engine(url, poolclass=NullPool, connect_args={"timeout": LOCK_SECONDS})

    @event.listens_for(engine, "connect")
    def take_over_transactions(connection: Any, _: object) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys = OFF")

    @event.listens_for(engine, "begin")
    def begin_it(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _connect(settings: Settings) -> psycopg.Connection:
    """By the address as it is, read as `kit/postgres.py` has it read. A pooler may be there, so nothing is prepared."""
    return psycopg.connect(settings.database_url, connect_timeout=CONNECT_SECONDS, prepare_threshold=None)


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
