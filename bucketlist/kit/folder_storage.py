"""File storage in a folder: each file is one, under the id of its owner and its own."""

import os
from contextlib import suppress
from datetime import datetime

from obstore.store import LocalStore

from bucketlist.kit.file_storage import FileStorage, Store
from bucketlist.kit.files import make_folder, sync_folder


class FolderStorage(FileStorage):
    """Files in a folder of this machine, or one that is mounted there."""

    def _open(self) -> Store:
        make_folder(self._folder)
        return LocalStore(self._folder, automatic_cleanup=True)

    @property
    def _is_untouched(self) -> bool:
        return not self._folder.is_dir()

    def _settle(self, path: str) -> None:
        """Fsync of a file and of the folders that name it, which the library leaves to the system."""
        file = self._folder / path
        descriptor = os.open(file, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        for folder in file.parents:
            sync_folder(folder)
            if folder == self._folder:
                break

    def _tidy(self, path: str) -> None:
        with suppress(OSError):  # of the folders that it was in, those that are not empty stay
            for folder in (self._folder / path).parents[:2]:
                folder.rmdir()

    def _forget_begun(self, until: datetime) -> None:
        for begun in self._folder.rglob("*#*"):  # as the library names what it has not written to its end
            if begun.stat().st_mtime < until.timestamp():
                begun.unlink(missing_ok=True)
