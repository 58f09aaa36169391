"""`bucketlist db`; and the application at work, on a database that has its schema."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from bucketlist.app import create_app, make_driver
from bucketlist.config import Settings, load_settings
from bucketlist.kit.db import Driver, database
from bucketlist.kit.errors import Unavailable
from bucketlist.kit.files import make_private
from bucketlist.kit.outages import clean
from bucketlist.migrations import runner
from bucketlist.migrations.runner import MigrationProblem
from bucketlist.ops.queries import find_revision_as_served


@click.group()
def db() -> None:
    """Bring the database's schema up, or down, and say where it is.

    \b
    Example, before a new version serves on PostgreSQL:
      bucketlist db upgrade
    """


RELATIVE = {"ignore_unknown_options": True}  # so that -1 is a revision


@db.command(context_settings=RELATIVE)
@click.argument("revision", default="head")
def upgrade(revision: str) -> None:
    """Bring the schema up to REVISION, or without one to the newest. All data is kept, and all or nothing is done.

    \b
    Example:
      bucketlist db upgrade
    """
    settings = load_settings()
    runner.upgrade(settings, revision)
    click.echo(f"The database is at revision {runner.revision_of(settings)}.")


@db.command(context_settings=RELATIVE)
@click.argument("revision")
def downgrade(revision: str) -> None:
    """Bring the schema down to REVISION, before an older version serves again.

    \b
    Examples:
      bucketlist db downgrade -1      one step
      bucketlist db downgrade base    all the way: everything is removed
    """
    settings = load_settings()
    runner.downgrade(settings, revision)
    click.echo(f"The database is at revision {runner.revision_of(settings) or 'base'}.")


@db.command()
def current() -> None:
    """Say at which revision the database is, and which is the newest that this version knows."""
    click.echo(f"{runner.revision_of(load_settings()) or 'base'} (newest: {runner.head()})")


def refuse_old_schema(settings: Settings) -> None:
    """Raises: `MigrationProblem` unless the database has the schema of this version."""
    revision = runner.revision_of(settings)
    if runner.is_newer(revision):
        raise MigrationProblem("The database was made by a newer version of bucketlist; upgrade the software.")
    if revision != runner.head():
        raise MigrationProblem("The database is not up to date; run “bucketlist db upgrade” first.")


def prepare(settings: Settings) -> Driver:
    """Bring SQLite up to date, keep its files private, and see that what serves sees the schema that commands see.

    Raises: `MigrationProblem` when it does not, `OSError` when a file cannot be used.
    """
    if settings.database_url:
        refuse_old_schema(settings)
    else:
        runner.upgrade(settings)
    driver = make_driver(settings)
    try:
        found = find_revision_as_served(driver)
    except Unavailable as refusal:
        raise MigrationProblem(f"The database cannot be used: {clean(refusal.reason)}.") from None
    if found != runner.head():
        raise MigrationProblem("The server would see another schema than the commands do; look at DATABASE_URL.")
    for path in make_private(settings.private_files):
        click.echo(f"{path} could be read by others; now it is for its owner only.", err=True)
    return driver


@contextmanager
def application() -> Iterator[None]:
    """The application at work, on a database that is up to date."""
    settings = load_settings()
    prepare(settings)
    with create_app(settings).app_context():
        try:
            yield
        finally:
            database().pool.close()
