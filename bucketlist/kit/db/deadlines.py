"""Statement timeout for SQLite, which has none: a watchdog thread interrupts what runs for too long.

SQLite looks for an interrupt at each row, so that nothing is asked of a statement but the moment of its end. Its own
progress handler would ask for the interpreter's lock every so many steps, and wait for it whenever Python is busy.

Source: https://www.sqlite.org/c3ref/interrupt.html
"""

import os
import threading
import time
from typing import Protocol
from weakref import WeakSet

from bucketlist.kit.background import PeriodicThread, run_every

LOOKS_EVERY_SECONDS = 0.1


class Interruptible(Protocol):
    """A connection that can be interrupted, and knows the deadline of its present statement."""

    def interrupt_if_late(self, now: float) -> None: ...


class Watchdog:
    """A watchdog thread for statement timeouts of the connections that it was shown, for as long as there are any."""

    def __init__(self) -> None:
        self._begin()
        os.register_at_fork(after_in_child=self._begin)

    def _begin(self) -> None:
        """In a child nobody would release a lock that a thread of its parent held at the fork."""
        self._watched: WeakSet[Interruptible] = WeakSet()
        self._changing = threading.Lock()
        self._thread: PeriodicThread | None = None

    def watch(self, connection: Interruptible) -> None:
        with self._changing:
            self._watched.add(connection)
            if self._thread is None:
                self._thread = run_every(LOOKS_EVERY_SECONDS, self._look, "statement_watchdog")

    def forget(self, connection: Interruptible) -> None:
        with self._changing:
            self._watched.discard(connection)

    def _look(self) -> None:
        with self._changing:
            present = list(self._watched)
            if self._thread and not present:
                self._thread.stop()
                self._thread = None
        for connection in present:
            connection.interrupt_if_late(time.monotonic())


watchdog = Watchdog()
