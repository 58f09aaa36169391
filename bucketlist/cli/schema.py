"""Migration commands, `bucketlist db`; and the application at work, on a database that has its schema."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from bucketlist.app import make_driver, make_services
from bucketlist.backup import moves
from bucketlist.backup.folder import refuse_unusable_folder
from bucketlist.backup.moves import Moved, Safety
from bucketlist.cli.place import keep_private, tell_place
from bucketlist.config import Settings, load_settings
from bucketlist.kit.db.driver import Driver
from bucketlist.kit.db.outages import clean
from bucketlist.kit.errors import Unavailable
from bucketlist.kit.logs import configure_logs
from bucketlist.migrations import distribution, runner
from bucketlist.migrations.runner import MigrationError
from bucketlist.ops.neighbours import is_in_use
from bucketlist.ops.queries import find_revision_as_served


@click.group()
def db() -> None:
    """Bring the database's schema up, or down, and say where it is.

    \b
    Example, before a new version serves on PostgreSQL:
      bucketlist db upgrade
    """


IN_USE = "Others use the database at this moment, most likely the service: stop it first, and start it afterwards."
RELATIVE = {"ignore_unknown_options": True}  # so that -1 is a revision

BACKUP = click.option(
    "--backup", type=click.Path(path_type=Path), help="On PostgreSQL: a backup of it, younger than an hour."
)
NO_BACKUP = click.option("--no-backup", is_flag=True, help="Keep nothing of what is there before.")


@db.command(context_settings=RELATIVE)
@click.argument("revision", default="head")
@BACKUP
@NO_BACKUP
def upgrade(revision: str, backup: Path | None, no_backup: bool) -> None:
    """Bring the schema up to REVISION, or without one to the newest. All data is kept, and all or nothing is done.

    Before the schema of a database with people moves, SQLite’s file is copied; on PostgreSQL there has to be a backup
    that is younger than an hour, or BACKUP_DIR, where one is made.

    \b
    Examples:
      bucketlist db upgrade
      bucketlist backup all.zip && bucketlist db upgrade --backup all.zip
    """
    settings = _settings()
    _tell(settings, moves.upgrade(settings, revision, Safety(backup, no_backup)))


@db.command(context_settings=RELATIVE)
@click.argument("revision")
@click.option("--yes", is_flag=True, help="Do not ask whether what is lost may be lost.")
@BACKUP
@NO_BACKUP
def downgrade(revision: str, yes: bool, backup: Path | None, no_backup: bool) -> None:
    """Bring the schema down to REVISION, before an older version serves again. Says what it would lose, and asks.

    \b
    Examples:
      bucketlist db downgrade -1            one step
      bucketlist db downgrade base --yes    all the way: everything is removed
    """
    settings = _settings()
    losses = runner.rehearse_downgrade(settings, revision)
    if losses:
        _ask(f"This loses {', '.join(losses)}.", is_agreed=yes)
    _tell(settings, moves.downgrade(settings, revision, Safety(backup, no_backup)))


def _settings() -> Settings:
    settings = load_settings()
    configure_logs(is_debug=settings.debug)
    tell_place(settings)
    return settings


def _ask(told: str, *, is_agreed: bool) -> None:
    """Raises: `MigrationError` when there is nobody to ask, `click.Abort`."""
    if is_agreed:
        click.echo(told, err=True)
    elif sys.stdin.isatty():
        click.confirm(f"{told} Go on?", abort=True, err=True)
    else:
        raise MigrationError(f"{told} Nothing was changed; --yes goes on.")


def _tell(settings: Settings, moved: Moved) -> None:
    """And close its files to others, now that they are known to be ours."""
    keep_private(settings)
    if moved.kept:
        click.echo(f"As it was before, it is in {moved.kept}.", err=True)
    click.echo(f"The database is at revision {moved.move.to or 'base'}.")


@db.command()
def current() -> None:
    """Say at which revision the database is, and which is the newest that this version knows."""
    settings = load_settings()
    tell_place(settings)
    click.echo(f"{runner.revision_of(settings) or 'base'} (newest: {runner.head()})")


@db.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
def distribute(yes: bool) -> None:
    """Distribute the rows over the servers of a Citus cluster, by user (sharding). Says what it would do, and asks.

    All of what is there, or nothing; what is distributed stays so, so that it can be run again. Later “db upgrade”
    distributes the tables that it adds. Stop the service first, and start it again afterwards: only then it knows.

    \b
    Example:
      bucketlist db distribute --yes
    """
    settings = _settings()
    wanted = distribution.plan(settings)
    refuse_old_schema(settings)
    if wanted is None:
        click.echo("All is distributed already.")
        return
    if is_in_use(settings):
        click.echo(f"Warning: {IN_USE}", err=True)
    _ask(str(wanted), is_agreed=yes)
    distribution.distribute_all(settings)
    click.echo(f"Distributed: {', '.join([*wanted.owned, *wanted.kept])}.")


def refuse_old_schema(settings: Settings) -> None:
    """Raises: `MigrationError` unless the database has the schema of this version."""
    if runner.is_missing(settings):
        raise MigrationError(f"There is no database at {settings.sqlite_path} yet; “bucketlist serve” makes one.")
    revision = runner.revision_of(settings)
    if runner.is_newer(revision):
        raise MigrationError(runner.NEWER)
    if revision != runner.head():
        raise MigrationError("The database is not up to date; run “bucketlist db upgrade” first.")


def prepare_to_serve(settings: Settings) -> Driver:
    """As `prepare`, after SQLite was made, if there is none, and brought up to date.

    Raises: as `prepare`, `SettingsError` when BACKUP_DIR cannot be used.
    """
    configure_logs(is_debug=settings.debug)
    refuse_unusable_folder(settings)
    if not settings.database_url:
        moves.upgrade(settings)
    return prepare(settings)


def prepare(settings: Settings) -> Driver:
    """See that the database is there and up to date, for commands and for what serves, and keep its files private.

    Raises: `MigrationError` when it is not, or waits there would have no end, `OSError` when a file cannot be used.
    """
    refuse_old_schema(settings)
    driver = make_driver(settings)
    try:
        found = find_revision_as_served(driver)
    except Unavailable as refusal:
        raise MigrationError(f"The database cannot be used: {clean(refusal.reason)}.") from None
    if found != runner.head():
        raise MigrationError("The server would see another schema than the commands do; look at DATABASE_URL.")
    if driver.is_citus:
        distribution.check_role(settings)
    keep_private(settings)
    return driver


@contextmanager
def application() -> Iterator[None]:
    """The application at work, on a database that is up to date."""
    settings = load_settings()
    tell_place(settings)
    prepare(settings)
    configure_logs(is_debug=settings.debug)
    with make_services(settings).at_work() as services:
        try:
            yield
        finally:
            services.database.pool.close()
