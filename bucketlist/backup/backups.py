"""Backup and restore: a snapshot of everything as it is at one moment, taken while people go on; and the way back.

What is left out: attempts that were counted for limits, which are over within minutes. What is not in a database
cannot be in its backup: SECRET_KEY, without which personal tokens are worthless and everybody signs in again.
"""

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import IO, NamedTuple

from sqlalchemy import Connection, Table

from bucketlist.backup import checks, files
from bucketlist.backup.archive import (
    MADE_BY_NEWER,
    Archive,
    ArchiveWriter,
    BackupError,
    Manifest,
    open_archive,
)
from bucketlist.backup.directory import DirectoryRepair
from bucketlist.backup.rows import RowRefused, has_users, identity_of, read_rows, reflect_tables, write_rows
from bucketlist.backup.verify import check_directory, find_wrong_rows
from bucketlist.config import Settings
from bucketlist.config.storage import file_storage_of
from bucketlist.kit.db.driver import Value
from bucketlist.kit.db.sqlite_file import create_file
from bucketlist.kit.file_storage import FileKey
from bucketlist.kit.files import open_private, sync_folder
from bucketlist.migrations import RENAMED, runner
from bucketlist.migrations.distribution import distribute, is_distributed
from bucketlist.models import metadata

LEFT_OUT = ("attempts",)
ENDED = (  # by a restore: who is signed in, from where, by what links, and letters, which have gone meanwhile
    "sessions",
    "refresh_tokens",
    "known_networks",
    "mail_links",
    "invitations",
    "outbox",
)
NOT_RESTORED = (*ENDED, *(RENAMED[name] for name in ENDED if name in RENAMED))  # in a backup of any revision


class Restored(NamedTuple):
    """The backup, and what became of the directory; `kept` is where what it replaced is found, if anywhere.

    `lost_files`: of the backup, without their bytes in it, that are not where files are kept either.
    """

    manifest: Manifest
    directory: DirectoryRepair
    kept: Path | None = None
    lost_files: int = 0


def make_backup(settings: Settings, path: Path) -> Manifest:
    """Write a backup to `path`, in the place of an older one, once it was read to its end. It is whole or not there.

    Raises: `BackupError`, also when what would be written is not sound; `MigrationError` when the database cannot
    be used.
    """
    with runner.snapshot(settings) as connection, replaced_file(path, check_backup) as file:
        revision = runner.revision_on(connection)
        if revision is None:
            raise BackupError("There is nothing to back up: the database is empty.")
        if runner.is_newer(revision):
            raise BackupError(runner.NEWER)
        _refuse_damage(checks.find_damage(connection))
        wanted = runner.tables_of(revision)
        tables = {table.name: table for table in wanted}
        found = _find_tables(connection, wanted, revision)
        _refuse_damage(_find_wrong_rows(connection, wanted, revision))
        with ArchiveWriter(file) as archive:
            for name, table in found.items():
                if name not in LEFT_OUT:
                    _write_table(settings, archive, connection, table, [*tables[name].columns.keys()])
            return archive.finish(revision, identity_of(connection), has_files=settings.backup_files)


def _write_table(
    settings: Settings, archive: ArchiveWriter, connection: Connection, table: Table, columns: list[str]
) -> None:
    """All rows of a table, and the files first of which they tell."""
    gone: Collection[str] = ()
    if table.name == files.TABLE and settings.backup_files:
        with closing(read_rows(connection, table, columns)) as rows:
            gone = _copy_files(settings, archive, columns, rows)
    with closing(read_rows(connection, table, columns)) as rows:
        archive.add_table(table.name, columns, (row for row in rows if row[1] not in gone) if gone else rows)


def _copy_files(
    settings: Settings, archive: ArchiveWriter, columns: list[str], rows: Iterable[Sequence[Value]]
) -> Collection[str]:
    """Files go into the archive; of those that were deleted since the snapshot, the ids."""

    def is_there(key: FileKey) -> bool:
        with runner.snapshot(settings) as later:
            return checks.is_file_known(later, key.owner_id, key.file_id)

    return files.copy_files(archive, file_storage_of(settings), files.all_forms(columns, rows), is_there)


def _find_tables(connection: Connection, wanted: list[Table], revision: str) -> dict[str, Table]:
    """The tables as they are in the database. Raises: `BackupError` when one lacks something."""
    found = reflect_tables(connection, [table.name for table in wanted])
    for table in wanted:
        name = table.name
        if name not in found or not set(table.columns.keys()) <= set(found[name].columns.keys()):
            raise BackupError(f"The table {name} is not as revision {revision} has it; see “bucketlist verify”.")
    return found


def _find_wrong_rows(connection: Connection, tables: list[Table], revision: str) -> Iterable[str]:
    """What nobody would want restored; of older revisions, whose rules are not known here, rows that refer to none."""
    if revision != runner.head():
        return checks.find_lost_rows(connection, tables)
    problems = find_wrong_rows(connection, is_folding_asked=False)
    if is_distributed(connection):  # no moment is the same on all of its servers; a restore makes the directory anew
        return problems
    return [*problems, *check_directory(connection, is_folding_asked=False)]


def _refuse_damage(problems: Iterable[str]) -> None:
    """Raises: `BackupError` when there is one."""
    if told := " ".join(problems):
        raise BackupError(f"{told} Nothing was backed up; see “bucketlist verify”.")


def check_backup(path: Path) -> Manifest:
    """Read all of a backup. Raises: `BackupError`, `OSError`."""
    with open_archive(path) as archive:
        refuse_strange_schema(path, archive.manifest)
        for member in archive.manifest.members:
            for _ in archive.rows(member):
                pass
            if member.table == files.TABLE and archive.manifest.has_files:
                files.check_files(archive, member)
        return archive.manifest


def restore_backup(
    settings: Settings,
    path: Path,
    *,
    is_forced: bool = False,
    are_sessions_kept: bool = False,
    before: Callable[[Connection], None] | None = None,
) -> Restored:
    """Put what is in a backup in the place of all that is in the database, and bring it up to date: all or nothing.

    Unless `are_sessions_kept`, everybody is signed out: the backup also holds what was ended after it was made.
    When people would be replaced, `before` is called first, within the transaction.

    Raises: `BackupError`, also when there are users and it `is_forced` not; `MigrationError`, `OSError`.
    """
    check_backup(path)
    if not settings.database_url:
        create_file(settings.sqlite_path)
    with open_archive(path) as archive, runner.transaction(settings) as connection:
        if has_users(connection) and not is_forced:
            raise BackupError("The database has users, who would be replaced; --force does so.")
        if before and has_users(connection) and not runner.is_newer(runner.revision_on(connection)):
            before(connection)
        was_distributed = is_distributed(connection)
        if runner.revision_on(connection) is not None:
            runner.move_down(connection, "base")
        lost = _restore_files(settings, archive)
        repair = _fill(connection, path, archive, () if are_sessions_kept else NOT_RESTORED)
        if was_distributed:
            distribute(connection, metadata.sorted_tables)
        return Restored(archive.manifest, repair, lost_files=lost)


def _restore_files(settings: Settings, archive: Archive) -> int:
    """Files are there before the rows that tell of them. How many are not, in a backup without their bytes?"""
    storage = file_storage_of(settings)
    for member in archive.manifest.members:
        if member.table == files.TABLE:
            if not archive.manifest.has_files:
                return files.count_lost(archive, member, storage)
            files.restore_files(archive, member, storage)
    return 0


def _fill(connection: Connection, path: Path, archive: Archive, left_out: Collection[str]) -> DirectoryRepair:
    """From an empty database to that of the archive, at the schema of this version, where everybody is found."""
    runner.move_up(connection, archive.manifest.revision)
    for member in archive.manifest.members:
        if member.table in left_out:
            continue
        try:
            write_rows(connection, member.table, member.columns, archive.rows(member))
        except RowRefused as refused:
            raise BackupError(f"{path}: the table {member.table} was refused: {refused}.") from None
    runner.move_up(connection)
    repair = DirectoryRepair(connection)
    repair.remove_entries_of_nobody()
    repair.run()
    return repair


def refuse_strange_schema(path: Path, manifest: Manifest) -> None:
    """Raises: `BackupError` unless the tables are those of a revision that this version knows."""
    if runner.is_newer(manifest.revision):
        raise BackupError(f"{path} {MADE_BY_NEWER}")
    known = {
        table.name: set(table.columns.keys())
        for table in runner.tables_of(manifest.revision)
        if table.name not in LEFT_OUT
    }
    if {member.table: set(member.columns) for member in manifest.members} != known:
        raise BackupError(f"{path}: the tables are not those of revision {manifest.revision}.")


@contextmanager
def replaced_file(path: Path, check: Callable[[Path], object]) -> Iterator[IO[bytes]]:
    """Atomic replacement of a file (write, fsync, rename) at the end of the block; the file is for its owner only.

    When the block or the `check` fails, `path` is what it was. Raises: `BackupError`.
    """
    path = path.resolve()
    if path.exists() and not path.is_file():
        raise BackupError(f"{path} is not a file.")
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with os.fdopen(open_private(partial, os.O_RDWR | os.O_CREAT | os.O_EXCL), "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        check(partial)
        partial.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise BackupError(f"{path}: {error.strerror}.") from None
    finally:
        with suppress(OSError):
            partial.unlink()
