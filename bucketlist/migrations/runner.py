"""Migration runner (Alembic): moves the schema up and down, all or nothing, and says where it is.

Source: https://alembic.sqlalchemy.org/en/latest/batch.html
"""

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, TypeVar

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from psycopg.errors import LockNotAvailable
from sqlalchemy import Connection, MetaData, Table, text
from sqlalchemy.exc import OperationalError

from bucketlist.config import Settings
from bucketlist.kit.db.sqlite_file import create_file
from bucketlist.migrations import distribution
from bucketlist.migrations.fitness import MigrationError
from bucketlist.migrations.losses import find_losses, take_inventory
from bucketlist.migrations.opening import in_memory, is_missing, snapshot, transaction

__all__ = ["MigrationError", "is_missing", "snapshot", "transaction"]  # to be had here as well

T = TypeVar("T")

TABLE_SECONDS = 2  # that a step waits for a table; all who come after wait behind it
TRIES = 10
PAUSE_SECONDS = 1  # in which those who waited get their turn
NEWER = "The database was made by a newer version of bucketlist; upgrade the software."


class InUse(MigrationError):
    """Somebody works on a table and has not come to an end."""


class Move(NamedTuple):
    """From one revision to another; None is a database without a schema."""

    came_from: str | None
    to: str | None


Before = Callable[[Connection, Move], None]


def ignore(_: Connection, __: Move) -> None:
    """Nothing is done before the schema moves."""


def upgrade(settings: Settings, revision: str = "head", before: Before = ignore) -> Move:
    """Bring the schema up to `revision`; on SQLite the file is made when there is none. Raises: `MigrationError`.

    Where something is to be done, `before` is called first, within the transaction.
    """
    if not settings.database_url:
        create_file(settings.sqlite_path)
    return _patiently(settings, lambda connection: _step(connection, move_up, revision, before))


def downgrade(settings: Settings, revision: str, before: Before = ignore) -> Move:
    """Bring the schema down to `revision`; `base` removes everything. As `upgrade`. Raises: `MigrationError`."""
    return _patiently(settings, lambda connection: _step(connection, move_down, revision, before))


def rehearse_downgrade(settings: Settings, revision: str) -> list[str]:
    """Dry run: what `downgrade` would lose; it is done, looked at, and rolled back. Raises: `MigrationError`."""

    def rehearse(connection: Connection) -> list[str]:
        found = revision_on(connection)
        names = [] if found is None or is_newer(found) else [table.name for table in tables_of(found)]
        before = take_inventory(connection, names)
        move_down(connection, revision)
        losses = list(find_losses(before, take_inventory(connection, names)))
        connection.rollback()
        return losses

    return _patiently(settings, rehearse)


def move_up(connection: Connection, revision: str = "head") -> None:
    """`upgrade` within a transaction in which more happens. Raises: `MigrationError`."""
    _move(connection, lambda config: command.upgrade(config, revision))


def move_down(connection: Connection, revision: str) -> None:
    """`downgrade` within a transaction in which more happens. Raises: `MigrationError`."""
    _move(connection, lambda config: command.downgrade(config, revision))


def head() -> str:
    """The revision of this version (Alembic's head)."""
    return str(_scripts().get_current_head())


def make_migration(about: str) -> Path:
    """Autogenerate the next migration, for people to look at: what becomes of data, and what was renamed, they know."""
    with in_memory() as connection:
        move_up(connection)
        config = _config()
        config.attributes["connection"] = connection
        config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
        command.revision(config, about, autogenerate=True, rev_id=f"{int(head()) + 1:04}")
    return max((Path(__file__).parent / "versions").glob("[0-9]*_*.py"))


def revision_of(settings: Settings) -> str | None:
    """The revision of the database, or None when it is empty or not there. Raises: `MigrationError`."""
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
    with in_memory() as connection:
        move_up(connection, revision)
        tables.reflect(connection)
    return [table for table in tables.sorted_tables if table.name != "alembic_version"]


def _step(connection: Connection, move: Callable[[Connection, str], None], revision: str, before: Before) -> Move:
    planned = _plan(connection, move, revision)
    if planned.came_from != planned.to:
        before(connection, planned)
    move(connection, revision)
    return planned


def _plan(connection: Connection, move: Callable[[Connection, str], None], revision: str) -> Move:
    """Where it would go, tried on an empty database in memory."""
    found = revision_on(connection)
    if found == head() and revision == "head":
        return Move(found, found)
    if is_newer(found):
        raise MigrationError(NEWER)
    with in_memory() as rehearsal:
        if found:
            move_up(rehearsal, found)
        move(rehearsal, revision)
        return Move(found, revision_on(rehearsal))


def _patiently(settings: Settings, work: Callable[[Connection], T]) -> T:
    for _ in range(1, TRIES):
        with suppress(InUse):
            return _try_once(settings, work)
        time.sleep(PAUSE_SECONDS)
    return _try_once(settings, work)


def _try_once(settings: Settings, work: Callable[[Connection], T]) -> T:
    with transaction(settings) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"SET LOCAL lock_timeout = '{TABLE_SECONDS}s'"))
        try:
            return work(connection)
        except OperationalError as error:
            if not isinstance(error.orig, LockNotAvailable):
                raise
            raise InUse("Others have been using a table for too long; try again when they are done.") from None


def _move(connection: Connection, move: Callable[[Config], None]) -> None:
    config = _config()
    config.attributes["connection"] = connection
    if is_newer(revision_on(connection)):
        raise MigrationError(NEWER)
    try:
        move(config)
    except CommandError as error:
        raise MigrationError(f"{error}.") from None
    _check_foreign_keys(connection)
    if distribution.is_distributed(connection):  # then so are tables that were added
        distribution.distribute(connection, tables_of(str(revision_on(connection))))


def _check_foreign_keys(connection: Connection) -> None:
    if connection.dialect.name == "sqlite" and connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall():
        raise MigrationError("The migration would leave rows that refer to nothing, so it was undone.")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "bucketlist:migrations")
    return config


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())
