"""Fair queueing: nobody has more than a share of what there is, and whoever wants more waits for their own.

A database connection that one person's slow statements hold is missing for everybody else. So a person holds at most
half of a worker's connections; and what reads a whole account, as a search does, goes in a lane of its own
(`slow_lane.py`), in which a person has at most a quarter of the connections. What reads one row finds the rest.

Source: John Nagle, On Packet Switches With Infinite Storage, RFC 970, 1985.
"""

from collections import deque
from collections.abc import Callable, Hashable
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar
from queue import Empty, SimpleQueue
from threading import Lock

from bucketlist.kit.db.slow_lane import SlowLane
from bucketlist.kit.errors import TooManyAtOnce, Unavailable

WAIT_SECONDS = 5.0
MOST_WAITING = 16  # in the slow lane, of one person: each holds a thread
ANY_NUMBER = 2**31
BUSY = "So much is asked for this account that this waited for too long. Nothing was changed; try again shortly."


asking: ContextVar[str | None] = ContextVar("asking", default=None)  # whose request is at work, if it is anybody's


class Shares:
    """A semaphore for each key, whose waiters are served in the order in which they came."""

    def __init__(self, most: int, refusal: Callable[[], Exception], *, most_waiting: int = ANY_NUMBER) -> None:
        self.most = most
        self._refusal = refusal
        self._most_waiting = most_waiting
        self._held: dict[Hashable, int] = {}
        self._waiting: dict[Hashable, deque[SimpleQueue[None]]] = {}
        self._changing = Lock()

    def acquire(self, key: Hashable) -> None:
        """Acquire one of the share of `key`; raises what `refusal` makes after `WAIT_SECONDS` in vain."""
        with self._changing:
            held = self._held.get(key, 0)
            if held < self.most:
                self._held[key] = held + 1
                return
            line = self._waiting.setdefault(key, deque())
            if len(line) >= self._most_waiting:
                raise self._refusal()
            mine: SimpleQueue[None] = SimpleQueue()
            line.append(mine)
        try:
            mine.get(timeout=WAIT_SECONDS)
        except Empty:
            self._leave(key, mine)

    def release(self, key: Hashable) -> None:
        """Release one: hand it to whoever waits longest, if anybody does."""
        with self._changing:
            line = self._waiting.get(key)
            if line:
                line.popleft().put(None)
                return
            self._waiting.pop(key, None)
            held = self._held.pop(key) - 1
            if held:
                self._held[key] = held

    def _leave(self, key: Hashable, mine: SimpleQueue[None]) -> None:
        """Wait no longer, unless it was handed over at the last moment."""
        with self._changing:
            line = self._waiting.get(key, ())
            if mine in line:
                line.remove(mine)  # type: ignore[union-attr]  # it is in there, so it is no tuple
                raise self._refusal()


class One:
    """A share that is acquired, and released at the end of the block."""

    __slots__ = ("_key", "_shares")

    def __init__(self, shares: Shares, key: Hashable) -> None:
        self._shares = shares
        self._key = key

    def __enter__(self) -> None:
        self._shares.acquire(self._key)

    def __exit__(self, *_: object) -> None:
        self._shares.release(self._key)


class Several:
    """Shares, each with its key, that are acquired in this order and released at the end of the block."""

    __slots__ = ("_acquired", "_wanted")

    def __init__(self, *wanted: tuple[Shares | SlowLane, Hashable]) -> None:
        self._wanted = wanted
        self._acquired: list[tuple[Shares | SlowLane, Hashable]] = []

    def __enter__(self) -> None:
        try:
            for shares, key in self._wanted:
                shares.acquire(key)
                self._acquired.append((shares, key))
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *_: object) -> None:
        for shares, key in self._acquired:
            shares.release(key)


NO_SHARE: AbstractContextManager[object] = nullcontext()


class FairShares:
    """Fair queueing for a connection pool of `size`: what one person, and what all slow statements, may hold of it."""

    def __init__(self, size: int) -> None:
        self._of_person = Shares((size + 1) // 2, lambda: Unavailable(BUSY))
        self._in_line = Shares((size + 1) // 2, lambda: Unavailable(BUSY))
        self._slow_of_person = Shares(max(1, size // 4), TooManyAtOnce, most_waiting=MOST_WAITING)
        self._slow = SlowLane(max(1, size // 2), max(1, size * 3 // 4))

    def share(
        self, person: str | None, *, is_slow: bool = False, is_in_line: bool = False
    ) -> AbstractContextManager[object]:
        """For what `person` has the database do, slow ones in their lane; what nobody asks for needs no share.

        `is_in_line` is what waits for its turn to write without a connection: it keeps nobody from reading.
        Entering raises: `TooManyAtOnce`, `Unavailable`.
        """
        if person is None:
            return NO_SHARE
        if is_in_line:
            return One(self._in_line, person)
        if is_slow:
            return Several((self._slow_of_person, person), (self._slow, person), (self._of_person, person))
        return One(self._of_person, person)
