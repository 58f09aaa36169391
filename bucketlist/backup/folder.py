"""Backup retention: in BACKUP_DIR each backup is named by its moment in UTC, and the last BACKUP_KEEP are kept.

What is bad does not push out what is good: a backup that was damaged later does not count, nor does one whose name is
of the future. Their names begin with the installation's own sign, so that several may share a folder.
"""

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bucketlist.backup.archive import BackupError, open_archive
from bucketlist.config import Settings, SettingsError
from bucketlist.kit.clock import now
from bucketlist.kit.files import open_private

EVERY = timedelta(days=1)
MOMENT = "%Y%m%dT%H%M%SZ"
AHEAD = timedelta(minutes=5)  # of what another machine's clock may say; what is later was named by a wrong clock


class BackupInProgress(BackupError):
    """Another process makes one just now."""


class BackupFolder:
    """The backups of one installation. Raises: `BackupError` when there is no BACKUP_DIR."""

    def __init__(self, settings: Settings) -> None:
        if settings.backup_dir is None:
            raise BackupError("Say into which file, or set BACKUP_DIR.")
        self.path = settings.backup_dir.absolute()
        self.name = f"bucketlist-{settings.key('backup-folder').hex()[:8]}"
        self._is_ours = re.compile(rf"{self.name}-(\d{{8}}T\d{{6}}Z)\.zip").fullmatch

    def find(self) -> list[Path]:
        """Every backup that is not of the future, the oldest first. Raises: `OSError`."""
        latest = (now() + AHEAD).strftime(MOMENT)
        ours = [(found[1], path) for path in self.path.iterdir() if (found := self._is_ours(path.name))]
        return [path for moment, path in sorted(ours) if moment <= latest and path.stat().st_size]

    def newest_at(self) -> datetime | None:
        """The timestamp of the newest backup. Raises: `OSError`."""
        found = self.find()
        moment = self._is_ours(found[-1].name) if found else None
        return datetime.strptime(moment[1], MOMENT).replace(tzinfo=UTC) if moment else None

    def is_due(self) -> bool:
        """Is a backup due: is the newest a day old, or is there none? Raises: `OSError`."""
        newest = self.newest_at()
        return newest is None or now() - newest >= EVERY

    def new_path(self) -> Path:
        """Where a backup of this moment is put."""
        return self.path / f"{self.name}-{now().strftime(MOMENT)}.zip"

    def remove_partial(self) -> None:
        """What somebody left behind who was killed; call it with the lock held."""
        for leftover in self.path.glob(f".{self.name}*.part"):
            leftover.unlink()

    def remove_older(self, kept: int) -> None:
        """Retention: remove all that are older than the last `kept` which are whole."""
        for path in reversed(self.find()):
            if kept == 0:
                path.unlink()
            elif _is_whole(path):
                kept -= 1

    @contextmanager
    def lock(self, what: str) -> Iterator[None]:
        """A file lock of one process at a time; given back when it dies. Raises: `BackupInProgress`, `OSError`."""
        descriptor = os.open(self.path / f".{self.name}.{what}", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise BackupInProgress("Another backup is being made.") from None
            yield
        finally:
            os.close(descriptor)


def refuse_unusable_folder(settings: Settings) -> None:
    """Raises: `SettingsError` when BACKUP_DIR is set and nothing can be written there."""
    if settings.backup_dir is None:
        return
    probe = settings.backup_dir / f".bucketlist-probe-{os.getpid()}"
    try:
        if settings.backup_dir.exists() and not settings.backup_dir.is_dir():
            raise SettingsError(f"BACKUP_DIR: {settings.backup_dir} is no folder.")
        if not settings.backup_dir.is_dir():
            raise SettingsError(f"BACKUP_DIR: {settings.backup_dir} is not there; make that folder first.")
        os.close(open_private(probe, os.O_RDWR | os.O_CREAT | os.O_EXCL))
        probe.unlink()
    except OSError as error:
        raise SettingsError(f"BACKUP_DIR: {settings.backup_dir} cannot be written: {error.strerror}.") from None


def _is_whole(path: Path) -> bool:
    try:
        with open_archive(path):
            return True
    except (BackupError, OSError):
        return False
