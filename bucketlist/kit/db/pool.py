"""Connection pool: a small, bounded one of database connections.

Last in, first out, so that few connections stay busy and their prepared statements warm. Threads may be many (a slow
client holds one), connections are few: whoever finds none waits, and is refused when the wait gets long.
"""

import time
from collections import deque
from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Lock
from typing import Generic, Protocol, TypeVar

from bucketlist.kit.errors import Unavailable

WAIT_SECONDS = 3.0
END_SECONDS = 1.0


class Poolable(Protocol):
    """A connection: `is_broken` once it failed, `is_stale` when the other end closed it while it lay idle."""

    is_broken: bool
    opened_at: float

    def is_stale(self) -> bool: ...
    def close(self) -> None: ...


C = TypeVar("C", bound=Poolable)


class Pool(Generic[C]):
    """A connection pool: lends at most `size` connections at once, opening them when they are first needed.

    Whoever waits longest is served first, so that a crowd is slow for everybody alike and for nobody very slow.
    A deque's `pop` and `append` are atomic, so the usual path takes no lock; only who must wait does.
    """

    def __init__(self, connect: Callable[[], C], size: int) -> None:
        self.size = size
        self._connect = connect
        self._idle: deque[C | None] = deque([None] * size)  # None is a place without a connection yet
        self._waiting: deque[SimpleQueue[C | None]] = deque()
        self._serving = Lock()
        self._suspected_at = self._distrusted_at = 0.0

    def acquire(self, *, checked: bool) -> C:
        """A connection, to be released. `checked` ones have just been seen not to be stale, and nobody suspects them.

        Raises: `Unavailable` when none gets free within `WAIT_SECONDS`, or none can be opened.
        """
        try:
            connection = self._wait_for_one() if self._waiting else self._idle.pop()
        except IndexError:
            connection = self._wait_for_one()
        if connection is not None and (
            connection.opened_at <= self._distrusted_at
            or (checked and (connection.opened_at <= self._suspected_at or connection.is_stale()))
        ):
            connection.close()
            connection = None
        return connection or self._open()

    def release(self, connection: C | None) -> None:
        """Return a connection to the pool; a broken one is closed and leaves its place."""
        if connection is not None and connection.is_broken:
            connection.close()
            connection = None
        self._idle.append(connection)
        if self._waiting:
            self._serve()

    def suspect(self) -> None:
        """Invalidate: what was wrong with one may be so with all; they are replaced when a checked one is wanted."""
        self._suspected_at = time.monotonic()

    def distrust(self) -> None:
        """The same where not even a read can be hoped for: they are replaced whoever wants one."""
        self._distrusted_at = time.monotonic()

    def count_in_use(self) -> int:
        return self.size - len(self._idle)

    def end(self) -> None:
        """Close every connection, and wait a second at most for those that are at work."""
        deadline = time.monotonic() + END_SECONDS
        while self.count_in_use() and time.monotonic() < deadline:
            time.sleep(0.01)
        self.close()

    def close(self) -> None:
        """Close idle connections."""
        for _ in range(len(self._idle)):
            connection = self._idle.popleft()
            if connection is not None:
                connection.close()
            self._idle.append(None)

    def _open(self) -> C:
        try:
            connection = self._connect()
        except BaseException:
            self.release(None)
            raise
        connection.opened_at = time.monotonic()
        return connection

    def _wait_for_one(self) -> C | None:
        mine: SimpleQueue[C | None] = SimpleQueue()
        self._waiting.append(mine)
        self._serve()  # one may have come back just before
        try:
            return mine.get(timeout=WAIT_SECONDS)
        except Empty:
            return self._leave(mine)

    def _serve(self) -> None:
        """Hand what is idle to those who wait, in the order in which they came."""
        with self._serving:
            while self._waiting and self._idle:
                try:
                    connection = self._idle.pop()
                except IndexError:  # somebody who saw nobody wait was faster
                    return
                self._waiting.popleft().put(connection)

    def _leave(self, mine: SimpleQueue[C | None]) -> C | None:
        """Wait no longer. Raises: `Unavailable` unless one was handed over at the last moment."""
        with self._serving:
            if mine in self._waiting:
                self._waiting.remove(mine)
                reason = f"all {self.size} connections of this worker were in use for {WAIT_SECONDS:.0f} seconds"
                raise Unavailable(reason=reason)
        return mine.get_nowait()
