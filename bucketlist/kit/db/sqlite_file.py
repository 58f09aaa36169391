"""SQLite database file: opened, never made at connect, and watched, for a file can be taken from under its users.

An open file that is removed or replaced lives on, and SQLite goes on with it: all that is written is lost. So the file
at the path has to stay the one that was opened first; one in its place may have the WAL of another beside it. One that
was emptied is gone as well, though it has its name and number still.

Source: https://www.sqlite.org/howtocorrupt.html sections 2 and 4, https://www.sqlite.org/uri.html
"""

import contextlib
import os
import shutil
import sqlite3
import struct
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any
from weakref import finalize

from bucketlist.kit.errors import Unavailable
from bucketlist.kit.files import make_folder, open_private, sync_folder

BESIDE = ("-wal", "-shm")
WAL_BEGINS = (b"", b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83")  # nothing right after a checkpoint that truncates it
WAL_HEAD, FRAME_HEAD = 32, 24  # bytes before the frames, and before the page in each
LEAST_BYTES = 512  # of a file in use: the smallest page that SQLite has
LOOK_SECONDS = 0.1  # that a read may come from a file that is gone; after each write somebody looks
ROOM_BYTES = 64 * 1024  # the least that a disk has to have left

Identity = tuple[int, int] | None

GONE = "The file of the database is gone; put it back, or stop the service and restore a backup."
REPLACED = "Another file was put in the place of the database; start the service again to work with it."
TORN = "The WAL beside the database was taken away or emptied; start the service again."
DAMAGED = "The file of the database is damaged; stop the service and restore a backup."
READ_ONLY = "The file of the database, or its folder, cannot be written."
FULL = "There is no room left on the disk of the database."


def create_file(path: Path) -> None:
    """An empty file for a new database, and its folder, for their owner only. Raises: `OSError`."""
    make_folder(path.parent)
    if not path.exists():
        os.close(open_private(path))
        sync_folder(path.parent)


def open_file(path: Path, **options: Any) -> sqlite3.Connection:
    """A connection in which we begin and end transactions, to a file that is there. Raises: `sqlite3.Error`."""
    address = f"{path.absolute().as_uri()}?mode=rw"  # encoded, for a path may hold what means something in an address
    connection: sqlite3.Connection = sqlite3.connect(
        address, uri=True, isolation_level=None, check_same_thread=False, **options
    )
    return connection


class DatabaseFile:
    """One file, for all connections of a process."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.is_torn = False  # has anybody seen that its WAL is another?
        self._place = os.fsencode(self.path)
        self._identity: Identity = None
        self._looked_at = 0.0
        self._own_beside: list[Identity] = []
        self._wal_bytes = 0
        self._wal = -1
        self._close_wal: finalize[..., DatabaseFile] | None = None
        self._opening = Lock()

    def open(self, **options: Any) -> sqlite3.Connection:
        """Raises: `Unavailable` when it is not the file that was opened first, `sqlite3.Error`."""
        if obstacle := self._find_change():
            raise Unavailable(obstacle, reason=obstacle)
        found = identity_of(self._place)
        connection = open_file(self.path, **options)
        self._identity = self._identity or found
        return connection

    def is_another(self) -> bool:
        """Is the file that was opened first not, or no longer, the one at its path?"""
        return self._find() != self._identity

    def is_another_for_long(self, now: float) -> bool:
        """`is_another`, or torn, asked every `LOOK_SECONDS` of the monotonic clock."""
        if now - self._looked_at < LOOK_SECONDS:
            return False
        is_another = self.is_another() or not self.keeps_wal()
        if not is_another:
            self._looked_at = now
        return is_another

    def beside(self) -> list[Identity]:
        """The WAL and its index."""
        return [identity_of(place) for place in self._places_beside()]

    def own_beside(self) -> list[Identity]:
        """`beside`, known from now on as what belongs to the file that was opened first."""
        with self._opening:
            found = self.beside()
            if found != self._own_beside:
                self._own_beside = found
                self._open_wal()
            return found

    def _open_wal(self) -> None:
        """To look at its end: a `stat` has the system keep a finer time at the next write, which takes 15 µs."""
        if self._close_wal:
            self._close_wal()
        self._wal = -1
        with contextlib.suppress(OSError):  # it is gone already: nothing is written
            self._wal = os.open(self._place + b"-wal", os.O_RDONLY | os.O_CLOEXEC)
            self._close_wal = finalize(self, os.close, self._wal)

    def keeps_wal(self) -> bool:
        """Is the WAL as long as it was, or shorter by a checkpoint only? Asked before each write.

        One that was emptied would be written on behind zeros, which a checkpoint moves into the file.
        """
        size = self._wal_size()
        if size is None:
            return False
        if size < self._wal_bytes and not self._is_truncated_by_a_checkpoint():
            self.is_torn = self.is_torn or not self.is_another()
            return False
        self._wal_bytes = size
        return not self.is_torn

    def _wal_size(self) -> int | None:
        try:
            return os.lseek(self._wal, 0, os.SEEK_END)
        except OSError:
            return None

    def _is_truncated_by_a_checkpoint(self) -> bool:
        """That is rare, and its index knows: the WAL has room for all frames that are told of there."""
        while (told := _frames_told(self._place + b"-shm")) is not None:
            frames, page_bytes = told
            is_long_enough = not frames or (self._wal_size() or 0) >= WAL_HEAD + frames * (FRAME_HEAD + page_bytes)
            if is_long_enough or _frames_told(self._place + b"-shm") == told:
                return is_long_enough
        return False

    def is_wal_whole(self) -> bool:
        """Does it begin as one does? One emptied and written on has zeros there, and is never read again."""
        try:
            with open(self._place + b"-wal", "rb") as wal:  # noqa: PTH123  # no lock is on this file that closing it would lift
                return wal.read(4) in WAL_BEGINS
        except OSError:
            return False

    def find_obstacle(self) -> str | None:
        """Is it read-only: why nothing can be written, in a sentence; asked without writing or waiting for who does."""
        if change := self._find_change():
            return change
        try:
            is_writable = os.access(self.path, os.W_OK) and os.access(self.path.parent, os.W_OK | os.X_OK)
            has_room = shutil.disk_usage(self.path.parent).free >= ROOM_BYTES
        except OSError:
            return GONE
        return FULL if not has_room else None if is_writable else READ_ONLY

    def _find_change(self) -> str | None:
        found = self._find()
        if found is None:
            return GONE
        if self._identity not in (None, found):
            self._set_beside_aside()
            return REPLACED
        return TORN if self.is_torn else None

    def _set_beside_aside(self) -> None:
        """Else our WAL would be played into the file that is there now. What it holds is kept, for the one before."""
        for place, own in zip(self._places_beside(), self._own_beside, strict=False):
            if own is not None and identity_of(place) == own:
                with contextlib.suppress(OSError):  # another process was quicker
                    os.rename(place, place + b".replaced")  # noqa: PTH104  # as everything here, by its bytes

    def _places_beside(self) -> list[bytes]:
        return [self._place + ending.encode() for ending in BESIDE]

    def _find(self) -> Identity:
        """A file that was never in use may be empty."""
        return identity_of(self._place, LEAST_BYTES if self._identity else 0)


@cache
def _open_for_good(place: bytes, identity: Identity) -> int:  # noqa: ARG001  # the name may be given to another file
    """A file descriptor of the index: to close one would lift all locks that SQLite has on it in this process."""
    return os.open(place, os.O_RDONLY | os.O_CLOEXEC)


def _frames_told(index: bytes) -> tuple[int, int] | None:
    """How many frames are in the WAL by its index, and the bytes of a page; None when there is no index.

    Source: https://www.sqlite.org/walformat.html section 2.1, in the byte order of the machine.
    """
    try:
        head = os.pread(_open_for_good(index, identity_of(index)), 20, 0)
        page_bytes, frames = struct.unpack_from("=HI", head, 14)
    except (OSError, struct.error):
        return None
    return frames, page_bytes if page_bytes != 1 else 65_536


def identity_of(place: bytes, least_bytes: int = 0) -> Identity:
    """What tells a file from another that had its name; None when it is not there, or smaller."""
    try:
        found = os.stat(place)  # noqa: PTH116  # at every write; a Path costs twice as much
    except OSError:
        return None
    return (found.st_dev, found.st_ino) if found.st_size >= least_bytes else None
