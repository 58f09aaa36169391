"""Priority queue for slow statements: whoever has used the database least of late goes first.

All slow statements together hold half of the connections, so that what reads one row finds the rest. Served in the
order in which they came, a few persons with large accounts would have everybody else wait for each of their searches.
So waiting goes by seconds used in the last minutes, and those who have used few have some connections more.

Source: Demers, Keshav and Shenker, Analysis and Simulation of a Fair Queueing Algorithm, SIGCOMM 1989.
"""

import heapq
from collections.abc import Hashable
from itertools import count
from queue import Empty, SimpleQueue
from threading import Lock
from time import monotonic

from bucketlist.kit.errors import Unavailable
from bucketlist.kit.usage import RecentUsage

WAIT_SECONDS = 5.0
LIGHT_SECONDS = 1.0  # of slow statements in the last five or ten minutes: whoever has used less is in no one's way
WINDOW_SECONDS = 300.0
BUSY = (
    "Others are searching so much right now that this had to wait for too long. Nothing was changed; try again shortly."
)

Waiting = tuple[float, int, Hashable, SimpleQueue[None]]


class SlowLane:
    """A semaphore of `most`, and of `most_of_light` for whoever has used few seconds of late and holds no place."""

    def __init__(self, most: int, most_of_light: int) -> None:
        self._most, self._most_of_light = most, most_of_light
        self._began: list[tuple[Hashable, float]] = []  # who holds a place, and since when
        self._waiting: list[Waiting] = []  # a heap
        self._used, self._numbers, self._changing = RecentUsage(WINDOW_SECONDS), count(), Lock()

    def acquire(self, who: Hashable) -> None:
        """Acquire a place, to be given back. Raises: `Unavailable` after `WAIT_SECONDS` in vain."""
        with self._changing:
            if self._has_place(who):
                self._began.append((who, monotonic()))
                return
            mine: SimpleQueue[None] = SimpleQueue()
            entered = (self._used.of(who), next(self._numbers), who, mine)
            heapq.heappush(self._waiting, entered)
        try:
            mine.get(timeout=WAIT_SECONDS)
        except Empty:
            self._leave(entered)

    def release(self, who: Hashable) -> None:
        """Release a place: note what it took, and hand it to whoever has used least, if they may have it."""
        with self._changing:
            held = next(held for held in self._began if held[0] == who)
            self._began.remove(held)
            self._used.add(who, monotonic() - held[1])
            while self._waiting and self._has_place(self._waiting[0][2]):
                _, _, next_one, line = heapq.heappop(self._waiting)
                self._began.append((next_one, monotonic()))
                line.put(None)

    def _has_place(self, who: Hashable) -> bool:
        is_light = self._used.of(who) < LIGHT_SECONDS and all(who != other for other, _ in self._began)
        return len(self._began) < (self._most_of_light if is_light else self._most)

    def _leave(self, entered: Waiting) -> None:
        """Wait no longer, unless it was handed over at the last moment."""
        with self._changing:
            if entered in self._waiting:
                self._waiting.remove(entered)
                heapq.heapify(self._waiting)
                raise Unavailable(BUSY)
