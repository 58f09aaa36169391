"""Diagnostics of files: who may read and write them, what room there is, how old the last backup is."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from bucketlist.backup.archive import BackupError, open_archive
from bucketlist.backup.folder import BackupFolder, refuse_unusable_folder
from bucketlist.config import SECRETS, Settings, SettingsError
from bucketlist.config.sources import DotEnv
from bucketlist.kit.clock import now
from bucketlist.ops.doctor.findings import Finding, fine, odd, wrong

OTHERS = 0o077
WRITE = 0o022
MIB = 1024 * 1024
LEAST_ROOM = 256 * MIB
ROOM_FACTOR = 3  # an upgrade copies the file, and a step may copy it once more
LATE_HOURS = 26
HANDED_OUT = Path("/run/secrets")  # where container platforms put them, with rights of their own


def check_files(settings: Settings) -> list[Finding]:
    """Rights, room and backups. Raises: `OSError`."""
    rights = [*_check_folder(settings), *_check_open_files(settings), *_check_secrets(settings)]
    rights = rights or [fine("rights", f"{settings.data_dir} and what is in it are for their owner only.")]
    return [*rights, *_check_room(settings), *_check_backups(settings)]


def _check_folder(settings: Settings) -> Iterator[Finding]:
    folder = settings.data_dir
    if not folder.is_dir():
        if not settings.database_url:
            yield odd("rights", f"{folder} is not there yet; “bucketlist serve” makes it.")
        return
    if not os.access(folder, os.W_OK | os.X_OK):
        yield wrong("rights", f"{folder} cannot be written by this user; it has to be theirs.")
    if folder.stat().st_mode & WRITE:
        yield wrong(
            "rights", f"{folder} can be written by others, who could put a file in the place of yours; chmod 700."
        )


def _check_open_files(settings: Settings) -> Iterator[Finding]:
    backups = BackupFolder(settings).find() if settings.backup_dir and settings.backup_dir.is_dir() else []
    for path in [*settings.private_files, *backups]:
        if path.is_file() and path.stat().st_mode & OTHERS:
            yield wrong("rights", f"{path} can be used by others than its owner; chmod 600.")
        if path.is_file() and not os.access(path, os.R_OK):
            yield wrong("rights", f"{path} cannot be read by this user.")


def _check_secrets(settings: Settings) -> Iterator[Finding]:
    in_file = DotEnv(type(settings)).env_vars
    named = [os.environ.get(f"{name}_FILE".upper()) or in_file.get(f"{name}_file") for name in SECRETS]
    files = [Path(path) for path in named if path]
    if any(in_file.get(name) for name in SECRETS):
        files.append(Path(".env"))
    for path in files:
        if HANDED_OUT not in path.parents and path.is_file() and path.stat().st_mode & OTHERS:
            yield wrong("rights", f"{path} holds a secret and can be used by others than its owner; chmod 600.")


def _check_room(settings: Settings) -> Iterator[Finding]:
    if settings.database_url or not settings.sqlite_path.is_file():
        return
    size, free = settings.sqlite_path.stat().st_size, shutil.disk_usage(settings.data_dir).free
    told = f"{free // MIB:,} MiB are free beside a database of {size / MIB:,.1f} MiB"
    if free < max(LEAST_ROOM, ROOM_FACTOR * size):
        yield odd("room", f"{told}; an upgrade, which copies it first, wants {ROOM_FACTOR} times its size.")
    else:
        yield fine("room", f"{told}.")


def _check_backups(settings: Settings) -> Iterator[Finding]:
    if settings.backup_dir is None:
        yield odd("backups", "BACKUP_DIR is empty: no backups are made by themselves.")
        return
    try:
        refuse_unusable_folder(settings)
        yield _check_newest(BackupFolder(settings))
    except (SettingsError, BackupError) as problem:
        yield wrong("backups", str(problem))


def _check_newest(folder: BackupFolder) -> Finding:
    """Raises: `BackupError` when it is not whole."""
    newest = folder.newest_at()
    if newest is None:
        return odd("backups", f"There is none in {folder.path} yet; the service makes one soon after its start.")
    with open_archive(folder.find()[-1]):
        hours = (now() - newest).total_seconds() / 3600
    if hours > LATE_HOURS:
        return wrong("backups", f"The newest is {hours:,.0f} hours old; see the log, or run “bucketlist backup”.")
    return fine("backups", f"The newest is {max(hours, 0):.0f} hours old, and whole.")
