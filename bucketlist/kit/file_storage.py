"""File storage: the bytes of what people upload, beside the database; here in a folder, by the library obstore.

A file never changes: it is put once, as a whole or not at all, and is there after a crash. So the order of writes makes
both agree. What is new is put before the row that tells of it is committed, and what is gone is removed after its row
is; whoever is killed in between leaves an orphan, a file of which no row tells, which housekeeping sweeps up.

An orphan is set aside for `KEPT_DAYS` before it is gone: where somebody starts the service with a database of another
day, or none, all files are orphans.
"""

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import IO, NamedTuple

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import LocalStore

from bucketlist.kit.clock import now
from bucketlist.kit.context import at_work
from bucketlist.kit.errors import Unavailable
from bucketlist.kit.files import make_folder, sync_folder

CHUNK_BYTES = 256 * 1024
KEPT_DAYS = 7
ASIDE = "orphans"  # no owner has such an id


class FileKey(NamedTuple):
    """Where a file is: whose it is, its id, and which of the forms that it is kept in."""

    owner_id: str
    file_id: str
    form: str

    @property
    def path(self) -> str:
        return "/".join(self)


class FileStorage:
    """The files of an installation. Raises: `Unavailable` when the storage cannot be used."""

    def __init__(self, folder: Path) -> None:
        """Nothing is made or opened before it is needed."""
        self._folder = folder
        self._opened: LocalStore | None = None

    @property
    def _store(self) -> LocalStore:
        if self._opened is None:
            make_folder(self._folder)
            self._opened = LocalStore(self._folder, automatic_cleanup=True)
        return self._opened

    @contextmanager
    def temporary(self) -> Iterator[IO[bytes]]:
        """A file without a name, beside the others, which is gone at the end of the block."""
        with _told():
            make_folder(self._folder)
            file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115  # what breaks in the block is told as it is
        with file:
            yield file

    def put(self, key: FileKey, content: IO[bytes] | bytes) -> None:
        """Keep a file, for good once this returns."""
        with _told():
            obstore.put(self._store, key.path, content)
            self._sync(self._folder / key.path)

    def open(self, key: FileKey, start: int, stop: int) -> Iterator[bytes]:
        """The bytes from `start` until before `stop`, in chunks; at least one of them.

        Raises: `FileNotFoundError`, `Unavailable`.
        """
        with _told():
            found = obstore.get(self._store, key.path, options={"range": (start, stop)})
            return _read(iter(found.stream(CHUNK_BYTES)))

    def find_size(self, key: FileKey) -> int | None:
        """How many bytes a file has; None when it is not there."""
        with suppress(FileNotFoundError), _told():
            return obstore.head(self._store, key.path)["size"]
        return None

    def remove(self, keys: Iterable[FileKey]) -> None:
        """Remove files; it is no mistake when one is not there."""
        for key in keys:
            self._delete(key.path)

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
        with suppress(FileNotFoundError), _told():
            obstore.rename(self._store, key.path, aside)
            self._sync(self._folder / aside)
            with suppress(OSError):  # of the folders that it was in, those that are not empty stay
                for folder in (self._folder / key.path).parents[:2]:
                    folder.rmdir()

    def forget_orphans(self, until: datetime) -> None:
        """Remove those that were set aside `KEPT_DAYS` ago, and what was begun before `until` and never put."""
        with _told():
            for begun in self._folder.rglob("*#*"):  # as the library names what it has not written to its end
                if begun.stat().st_mtime < until.timestamp():
                    begun.unlink(missing_ok=True)
        first = now().date() - timedelta(days=KEPT_DAYS)
        for day in self._days():
            with suppress(ValueError):
                if date.fromisoformat(day) < first:
                    self._delete_all(f"{ASIDE}/{day}")

    def _delete(self, path: str) -> None:
        with suppress(FileNotFoundError), _told():
            obstore.delete(self._store, path)

    def _delete_all(self, prefix: str) -> None:
        for path, _ in self._find(prefix):
            self._delete(path)

    def _days(self) -> list[str]:
        return list(self._children(ASIDE))

    def _children(self, prefix: str) -> Iterator[str]:
        if not self._folder.is_dir():  # nobody has put anything yet
            return
        with suppress(FileNotFoundError), _told():
            found = obstore.list_with_delimiter(self._store, prefix)["common_prefixes"]
            yield from (path.rpartition("/")[2] for path in found)

    def _find(self, prefix: str) -> Iterator[tuple[str, datetime]]:
        if not self._folder.is_dir():
            return
        with suppress(FileNotFoundError), _told():
            for some in obstore.list(self._store, prefix):
                yield from ((one["path"], one["last_modified"]) for one in some)

    def _sync(self, path: Path) -> None:
        """Fsync of a file and of the folders that name it, which the library leaves to the system."""
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        for folder in path.parents:
            sync_folder(folder)
            if folder == self._folder:
                break


def _read(chunks: Iterator[bytes]) -> Iterator[bytes]:
    with _told():
        yield from chunks


@contextmanager
def _told() -> Iterator[None]:
    """Raises: `FileNotFoundError`, `Unavailable`."""
    try:
        yield
    except (NotFoundError, FileNotFoundError) as error:
        raise FileNotFoundError(str(error)) from None
    except (BaseError, OSError) as error:
        raise Unavailable("Files cannot be kept or read right now; try again shortly.", reason=str(error)) from None


def files() -> FileStorage:
    """The file storage of the application that is at work."""
    found: FileStorage = at_work.get().files
    return found
