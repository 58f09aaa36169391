"""File permissions and fsync: files and folders are for their owner only, whatever the umask, and survive a crash."""

import os
from collections.abc import Iterable
from pathlib import Path

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700


def make_folder(folder: Path) -> None:
    """See that `folder` is there; one that is made is for its owner only. Raises: `OSError`."""
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(PRIVATE_FOLDER)
        sync_folder(folder.parent)


def open_private(path: Path, flags: int = os.O_RDWR | os.O_CREAT) -> int:
    """The descriptor of a file that is made for its owner only when it is not there yet. Raises: `OSError`."""
    descriptor = os.open(path, flags, PRIVATE_FILE)
    if os.fstat(descriptor).st_size == 0:  # new; the umask may have taken too much away
        os.fchmod(descriptor, PRIVATE_FILE)
    return descriptor


def make_private(paths: Iterable[Path]) -> list[Path]:
    """File permissions: take files from everybody but their owner; those of whom that was news. Raises: `OSError`."""
    found = [path for path in paths if path.is_file() and path.stat().st_mode & 0o777 & ~PRIVATE_FILE]
    for path in found:
        path.chmod(PRIVATE_FILE)
    return found


def sync_folder(folder: Path) -> None:
    """Fsync a folder: after this the names in it survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
