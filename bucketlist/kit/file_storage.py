"""File storage: the bytes of what people upload, beside the database, by the library obstore.

In a folder (`kit/folder_storage.py`) or in an object store (`kit/object_storage.py`), of which nobody sees which.

A file never changes: it is put once, as a whole or not at all, and is there after a crash. So the order of writes makes
both agree. What is new is put before the row that tells of it is committed, and what is gone is removed after its row
is; whoever is killed in between leaves an orphan, a file of which no row tells, which housekeeping sweeps up.

An orphan is set aside for `KEPT_DAYS` before it is gone: where somebody starts the service with a database of another
day, or none, all files are orphans.
"""

import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import IO, NamedTuple

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import LocalStore, S3Store

from bucketlist.kit.clock import now
from bucketlist.kit.context import at_work
from bucketlist.kit.errors import Unavailable
from bucketlist.kit.files import make_folder

CHUNK_BYTES = 256 * 1024
KEPT_DAYS = 7
ASIDE = "orphans"  # no owner has such an id
AWAY = "Files cannot be kept or read right now; try again shortly."

Store = LocalStore | S3Store


class FileKey(NamedTuple):
    """Where a file is: whose it is, its id, and which of the forms that it is kept in."""

    owner_id: str
    file_id: str
    form: str

    @property
    def path(self) -> str:
        return "/".join(self)


class FileStorage(ABC):
    """The files of an installation. Raises: `Unavailable` when the storage cannot be used."""

    part_bytes = 512 * 1024  # of what is put in several; one at a time is held in memory

    def __init__(self, folder: Path) -> None:
        """Nothing is made or opened before it is needed; `folder` is for what is on its way."""
        self._folder = folder
        self._opened: Store | None = None

    @abstractmethod
    def _open(self) -> Store: ...

    @property
    def _store(self) -> Store:
        if self._opened is None:
            self._opened = self._open()
        return self._opened

    @contextmanager
    def temporary(self) -> Iterator[IO[bytes]]:
        """A file without a name, on this machine, which is gone at the end of the block."""
        with self._told():
            make_folder(self._folder)
            file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115  # what breaks in the block is told as it is
        with file:
            yield file

    def put(self, key: FileKey, content: IO[bytes] | bytes) -> None:
        """Keep a file, for good once this returns."""
        try:
            with self._told():
                obstore.put(self._store, key.path, content, chunk_size=self.part_bytes, max_concurrency=1)
                self._settle(key.path)
        except FileNotFoundError as error:  # there is not even the place for files
            raise Unavailable(AWAY, reason=str(error)) from None

    def open(self, key: FileKey, start: int, stop: int) -> Iterator[bytes]:
        """The bytes from `start` until before `stop`, in chunks; at least one of them.

        Raises: `FileNotFoundError`, `Unavailable`.
        """
        with self._told():
            found = obstore.get(self._store, key.path, options={"range": (start, stop)})
            return self._read(iter(found.stream(CHUNK_BYTES)))

    def find_size(self, key: FileKey) -> int | None:
        """How many bytes a file has; None when it is not there."""
        with suppress(FileNotFoundError), self._told():
            return obstore.head(self._store, key.path)["size"]
        return None

    def remove(self, keys: Iterable[FileKey]) -> None:
        """Remove files; it is no mistake when one is not there."""
        for key in keys:
            self._delete(key.path)

    def remove_files(self, owner_id: str, file_ids: Iterable[str]) -> None:
        """Remove files of somebody in all of their forms."""
        for file_id in file_ids:
            self._delete_all(f"{owner_id}/{file_id}")

    def remove_owner(self, owner_id: str) -> None:
        """Remove everything that somebody has, and what of it was set aside."""
        for prefix in (owner_id, *(f"{ASIDE}/{day}/{owner_id}" for day in self._days())):
            self._delete_all(prefix)

    def find_keys(self, until: datetime) -> Iterator[FileKey]:
        """Every file that was put before `until`, those of one owner behind each other."""
        for owner_id in self._children(""):
            if owner_id != ASIDE:
                for path, put_at in self._find(owner_id):
                    parts = path.split("/")
                    if put_at < until and len(parts) == len(FileKey._fields):
                        yield FileKey(*parts)

    def set_aside(self, key: FileKey) -> None:
        """An orphan goes out of the way, until `forget_orphans`."""
        aside = f"{ASIDE}/{now().date()}/{key.path}"
        with suppress(FileNotFoundError), self._told():
            obstore.rename(self._store, key.path, aside)
            self._settle(aside)
            self._tidy(key.path)

    def forget_orphans(self, until: datetime) -> None:
        """Remove those that were set aside `KEPT_DAYS` ago, and what was begun before `until` and never put."""
        with self._told():
            self._forget_begun(until)
        first = now().date() - timedelta(days=KEPT_DAYS)
        for day in self._days():
            with suppress(ValueError):
                if date.fromisoformat(day) < first:
                    self._delete_all(f"{ASIDE}/{day}")

    @property
    def _is_untouched(self) -> bool:
        """Is it known that nobody has put anything yet?"""
        return False

    @abstractmethod
    def _settle(self, path: str) -> None:
        """See that a file at `path` is there for good."""

    @abstractmethod
    def _tidy(self, path: str) -> None:
        """Take away what held a file that is not at `path` any more."""

    @abstractmethod
    def _forget_begun(self, until: datetime) -> None:
        """Remove what was begun before `until` and never put."""

    def _delete(self, path: str) -> None:
        with suppress(FileNotFoundError), self._told():
            obstore.delete(self._store, path)

    def _delete_all(self, prefix: str) -> None:
        for path, _ in self._find(prefix):
            self._delete(path)

    def _days(self) -> list[str]:
        return list(self._children(ASIDE))

    def _children(self, prefix: str) -> Iterator[str]:
        if self._is_untouched:
            return
        with suppress(FileNotFoundError), self._told():
            found = obstore.list_with_delimiter(self._store, prefix)["common_prefixes"]
            yield from (path.rpartition("/")[2] for path in found)

    def _find(self, prefix: str) -> Iterator[tuple[str, datetime]]:
        if self._is_untouched:
            return
        with suppress(FileNotFoundError), self._told():
            for some in obstore.list(self._store, prefix):
                yield from ((one["path"], one["last_modified"]) for one in some)

    def _read(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        with self._told():
            yield from chunks

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Raises: `FileNotFoundError`, `Unavailable`."""
        try:
            yield
        except (NotFoundError, FileNotFoundError) as error:
            raise FileNotFoundError(self._reason(error)) from None
        except (BaseError, OSError) as error:
            raise Unavailable(AWAY, reason=self._reason(error)) from None

    def _reason(self, error: Exception) -> str:
        """What is told of an error in the log."""
        return str(error)


def files() -> FileStorage:
    """The file storage of the application that is at work."""
    found: FileStorage = at_work.get().files
    return found
