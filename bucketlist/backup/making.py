"""Verified backup in BACKUP_DIR: the database is verified, written, and read again, and only then an older one goes."""

from pathlib import Path

from bucketlist.backup.archive import BackupError
from bucketlist.backup.backups import make_backup
from bucketlist.backup.folder import BackupFolder
from bucketlist.backup.rows import has_users
from bucketlist.config import Settings
from bucketlist.migrations import runner


def make_in_folder(settings: Settings) -> Path:
    """A new backup, in the place of the oldest. Raises: `BackupError`, `MigrationError`, `OSError`.

    Of a database without people none is made: after an accident it would push out a good one.
    """
    folder = BackupFolder(settings)
    with folder.lock("lock"):
        folder.remove_partial()
        with runner.snapshot(settings) as connection:
            if not has_users(connection):
                raise BackupError("There is nobody in the database, so there is nothing to back up.")
        path = folder.new_path()
        make_backup(settings, path)
        folder.remove_older(settings.backup_keep)
        return path
