"""Backup commands, `bucketlist backup`, `restore` and `verify`: they keep lists through all that befalls machines."""

from pathlib import Path

import click

from bucketlist.backup import directory, moves
from bucketlist.backup.archive import Manifest
from bucketlist.backup.backups import NOT_RESTORED, check_backup, make_backup
from bucketlist.backup.folder import refuse_unusable_folder
from bucketlist.backup.making import make_in_folder
from bucketlist.backup.verify import count_rows, find_problems
from bucketlist.cli.place import tell_place
from bucketlist.cli.schema import refuse_old_schema
from bucketlist.config import load_settings
from bucketlist.ops.neighbours import is_in_use
from bucketlist.ops.scheduled import give_way

FILE = click.Path(path_type=Path)
SIGNED_OUT = (
    "Everybody is signed out: people sign in again, and personal tokens have to be made anew. Accounts are as they "
    "were then: what was deleted, disabled, or given another password since has to be again."
)
GOING = "What they deleted is hidden, though counted here, and goes within the hour, or by “bucketlist prune”."
IN_USE = (
    "Others use the database at this moment, most likely the service: what they write until it is replaced is lost. "
    "Stop the service first."
)
LOST = "files are not where they are kept, and not in this backup: put them back from where they are backed up."
SIGNED_IN = "Sessions and personal tokens are those of the backup, also those that were ended since it was made."


@click.command()
@click.argument("file", type=FILE, required=False)
def backup(file: Path | None) -> None:
    """Write all that is in the database to FILE, as it is at this moment, while people go on.

    FILE is readable by its owner only, and takes the place of an older one once it was read to its end. It fits both
    databases. The database is checked first: one that is damaged is not backed up, and the older file stays.
    Without FILE it goes to BACKUP_DIR, as the server does once a day; the last BACKUP_KEEP stay there. SECRET_KEY is
    not in it: keep that too, elsewhere.

    \b
    Examples:
      bucketlist backup backups/friday.zip
      BACKUP_DIR=/srv/backups bucketlist backup
    """
    settings = load_settings()
    tell_place(settings)
    if file:
        click.echo(f"{file}: {make_backup(settings, file)}.")
        return
    refuse_unusable_folder(settings)
    give_way()
    click.echo(f"{make_in_folder(settings)}.")


@click.command()
@click.argument("file", type=FILE)
@click.option("--force", is_flag=True, help="Replace what is in the database, though it has users.")
@click.option("--no-backup", is_flag=True, help="Replace it without a copy, as when it is damaged.")
@click.option("--keep-sessions", is_flag=True, help="Keep people signed in, as when the database moves.")
def restore(file: Path, force: bool, no_backup: bool, keep_sessions: bool) -> None:
    """Put what is in FILE in the place of all that is in the database. Stop the server first.

    FILE is read to its end before anything is touched, and everything is restored or nothing. A backup of an older
    version is brought up to date; one of SQLite can be restored into PostgreSQL and the other way round.
    With --force there is first a copy of what is replaced: beside the file of SQLite, or as a backup in BACKUP_DIR.
    Sessions, personal tokens and links that were mailed are left out, for some may have been ended since.

    \b
    Examples, after an accident, and from one database to another:
      bucketlist restore backups/Friday.zip --force
      DATABASE_URL=postgresql://… bucketlist restore all.zip --keep-sessions
    """
    settings = load_settings()
    tell_place(settings)
    if is_in_use(settings):
        click.echo(f"Warning: {IN_USE}", err=True)
    done = moves.restore(settings, file, is_forced=force, are_sessions_kept=keep_sessions, is_kept=not no_backup)
    if done.kept:
        click.echo(f"As it was before, it is in {done.kept}.", err=True)
    elif force and not no_backup:
        click.echo("No copy was made of what was there: there was nobody, or BACKUP_DIR is empty.", err=True)
    if done.lost_files:
        click.echo(f"Warning: {done.lost_files:,} {LOST}", err=True)
    _tell_restored(done.manifest, are_sessions_kept=keep_sessions)
    if done.directory.did_anything:
        click.echo(done.directory)


def _tell_restored(manifest: Manifest, *, are_sessions_kept: bool) -> None:
    """What is in the database now: what was left out is not counted."""
    click.echo(f"Restored the backup {manifest.tell(() if are_sessions_kept else NOT_RESTORED)}.")
    if going := manifest.count("tombstones"):
        click.echo(f"Deletions that were not at their end then: {going:,}. {GOING}")
    click.echo(SIGNED_IN if are_sessions_kept else SIGNED_OUT)


@click.command()
@click.argument("file", type=FILE, required=False)
@click.option("--repair-directory", is_flag=True, help="First have everybody found by their email again.")
@click.pass_context
def verify(context: click.Context, file: Path | None, repair_directory: bool) -> None:
    """Read all of the database, or of the backup FILE, and tell in a sentence each what is wrong. Changes nothing.

    With --repair-directory, entries of the directory of emails that are missing are made of the accounts first. What
    cannot be explained stays, and is told. Whoever signs up meanwhile waits.

    Of the database: the schema is that of this version, every row refers to something, and texts, positions, ids and
    times are as they should be; every photo is there, with the bytes that were sent. The exit code is not 0 when
    something is wrong.

    \b
    Examples:
      bucketlist verify
      bucketlist verify backups/Friday.zip
    """
    if file and repair_directory:
        raise click.ClickException("--repair-directory is about the database, not about a file.")
    if file:
        click.echo(f"All is well with the backup {check_backup(file)}.")
        return
    settings = load_settings()
    tell_place(settings)
    if repair_directory:
        refuse_old_schema(settings)
        click.echo(directory.repair_directory(settings))
    problems = find_problems(settings)
    for problem in problems:
        click.echo(f"Error: {problem}", err=True)
    if problems:
        context.exit(1)
    click.echo(f"All is well: {count_rows(settings)}.")
