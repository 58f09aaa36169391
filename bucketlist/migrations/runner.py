"""Moves the schema up and down, all or nothing, and says where it is.

SQLite alters a table by copying it, and a copy with foreign keys on would empty the tables that refer to it; they are
switched off outside the transaction (inside it the pragma does nothing) and checked before it ends.

Source: https://www.sqlite.org/lang_altertable.html section 7, https://alembic.sqlalchemy.org/en/latest/batch.html
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.pool import NullPool

from bucketlist.config import Settings
from bucketlist.kit.postgres import CONNECT_SECONDS

LOCK_NUMBER = 0x6275636B  # any number that nobody else locks
LOCK_SECONDS = 30


class MigrationProblem(Exception):
    """The schema cannot be moved; the message says in a sentence why."""


def upgrade(settings: Settings, revision: str = "head") -> None:
    """Bring the schema up to `revision`. Raises: `MigrationProblem`."""
    _run(settings, lambda config: command.upgrade(config, revision))


def downgrade(settings: Settings, revision: str) -> None:
    """Bring the schema down to `revision`; `base` removes everything. Raises: `MigrationProblem`."""
    _run(settings, lambda config: command.downgrade(config, revision))


def head() -> str:
    """The revision of this version."""
    return str(_scripts().get_current_head())


def revision_of(settings: Settings) -> str | None:
    """The revision of the database, or None when it is empty. Raises: `MigrationProblem`."""
    with _connection(settings) as connection:
        return MigrationContext.configure(connection).get_current_revision()


def is_newer(revision: str | None) -> bool:
    """Was it made by a version of the software that came after this one?"""
    return revision is not None and revision not in {script.revision for script in _scripts().walk_revisions()}


def _run(settings: Settings, move: Callable[[Config], None]) -> None:
    config = _config()
    with _connection(settings) as connection:
        config.attributes["connection"] = connection
        if is_newer(MigrationContext.configure(connection).get_current_revision()):
            raise MigrationProblem("The database was made by a newer version of bucketlist; upgrade the software.")
        try:
            move(config)
        except CommandError as error:
            raise MigrationProblem(f"{error}.") from None
        _check_foreign_keys(connection)


@contextmanager
def _connection(settings: Settings) -> Iterator[Connection]:
    """A connection in a transaction that nobody else migrates beside."""
    engine = _engine(settings)
    try:
        with engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'"))
                connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK_NUMBER})"))
            yield connection
    except (OperationalError, DatabaseError) as error:
        raise MigrationProblem(f"The database cannot be used: {_first_line(error)}.") from None
    finally:
        engine.dispose()


def _engine(settings: Settings) -> Engine:
    if settings.database_url:
        return create_engine("postgresql+psycopg://", poolclass=NullPool, creator=lambda: _connect(settings))
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        f"sqlite:///{settings.sqlite_path}", poolclass=NullPool, connect_args={"timeout": LOCK_SECONDS}
    )

    @event.listens_for(engine, "connect")
    def take_over_transactions(connection: Any, _: object) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys = OFF")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _connect(settings: Settings) -> psycopg.Connection:
    """By the address as it is, read as `kit/postgres.py` has it read."""
    return psycopg.connect(settings.database_url, connect_timeout=CONNECT_SECONDS)


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
