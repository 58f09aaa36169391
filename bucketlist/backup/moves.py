"""Safe migrations: before the schema of a database with people moves, there is a copy of it, or a backup.

On SQLite a copy is made beside the file. On PostgreSQL there has to be a backup of this very database that is younger
than an hour: one that is named, the newest in BACKUP_DIR, or one that is made there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import structlog
from sqlalchemy import Connection

from bucketlist.backup.archive import BackupError, Manifest
from bucketlist.backup.backups import Restored, check_backup, make_backup, restore_backup
from bucketlist.backup.folder import BackupFolder
from bucketlist.backup.making import make_in_folder
from bucketlist.backup.rows import has_users, identity_of
from bucketlist.config import Settings
from bucketlist.kit.clock import from_text, now
from bucketlist.migrations import runner
from bucketlist.migrations.copies import keep_copy
from bucketlist.migrations.runner import Before, MigrationError, Move

FRESH = timedelta(hours=1)
AHEAD = timedelta(minutes=5)  # that another machine's clock may be
WANTED = (
    "Before the schema moves there has to be a backup of this database that is younger than an hour: name it with "
    "--backup FILE, or set BACKUP_DIR and one is made, or do without by --no-backup."
)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Safety:
    """How what is there before a move is kept: by itself, in a backup that somebody made, or not at all."""

    backup: Path | None = None
    is_off: bool = False


class Moved(NamedTuple):
    """What was done; `kept` is where the database is found as it was before."""

    move: Move
    kept: Path | None


def upgrade(settings: Settings, revision: str = "head", safety: Safety | None = None) -> Moved:
    """`runner.upgrade`, with a copy or backup before it. Raises: `MigrationError`, `BackupError`."""
    return _move(settings, lambda before: runner.upgrade(settings, revision, before), safety or Safety())


def downgrade(settings: Settings, revision: str, safety: Safety | None = None) -> Moved:
    """`runner.downgrade`, with a copy or backup before it. Raises: `MigrationError`, `BackupError`."""
    return _move(settings, lambda before: runner.downgrade(settings, revision, before), safety or Safety())


def restore(
    settings: Settings, path: Path, *, is_forced: bool, are_sessions_kept: bool, is_kept: bool = True
) -> Restored:
    """`restore_backup`, with a copy before it where it replaces people and there is a place for one.

    Raises: as `restore_backup`.
    """
    kept: list[Path] = []

    def keep(connection: Connection) -> None:
        if found := _keep_replaced(settings, connection):
            kept.append(found)

    before = keep if is_kept else None
    done = restore_backup(settings, path, is_forced=is_forced, are_sessions_kept=are_sessions_kept, before=before)
    return done._replace(kept=kept[-1] if kept else None)


def _keep_replaced(settings: Settings, connection: Connection) -> Path | None:
    """On PostgreSQL a backup that does not count among those of BACKUP_DIR, so that none of them goes for it."""
    if connection.dialect.name == "sqlite":
        return keep_copy(settings.sqlite_path, str(runner.revision_on(connection)))
    if settings.backup_dir is None:
        return None
    path = settings.backup_dir / f"before-restore-{now():%Y%m%dT%H%M%S%f}.zip"
    make_backup(settings, path)
    return path


def _move(settings: Settings, move: Callable[[Before], Move], safety: Safety) -> Moved:
    kept: list[Path] = []

    def keep(connection: Connection, planned: Move) -> None:
        if has_users(connection) and not safety.is_off:
            kept.append(_keep(settings, connection, planned, safety.backup))

    done = move(keep)
    if done.came_from not in (None, done.to):
        copy = str(kept[-1]) if kept else None
        log.warning("schema_moved", **{"from": done.came_from, "to": done.to or "base", "copy": copy})
    return Moved(done, kept[-1] if kept else None)


def _keep(settings: Settings, connection: Connection, planned: Move, backup: Path | None) -> Path:
    if connection.dialect.name == "sqlite":
        return keep_copy(settings.sqlite_path, str(planned.came_from))
    wanted = str(identity_of(connection))
    if backup:
        _refuse_unfit(backup, check_backup(backup), wanted)
        return backup
    if settings.backup_dir is None:
        raise MigrationError(WANTED)
    return _find_fresh(BackupFolder(settings), wanted) or make_in_folder(settings)


def _find_fresh(folder: BackupFolder, database: str) -> Path | None:
    """The newest backup, if it will do."""
    for path in folder.find()[-1:]:
        try:
            _refuse_unfit(path, check_backup(path), database)
        except (BackupError, MigrationError, OSError):
            return None
        return path
    return None


def _refuse_unfit(path: Path, manifest: Manifest, database: str) -> None:
    if manifest.database != database:
        raise MigrationError(f"{path} is a backup of another database, so the schema stays what it is.")
    if not -AHEAD < now() - from_text(manifest.taken_at) < FRESH:
        raise MigrationError(f"{path} is of {manifest.taken_at}, which is not within the last hour; make a new one.")
