"""Mutex for each key: who does the same at the same moment waits for the first."""

from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from threading import Condition

from bucketlist.kit.errors import RequestInProgress

WAIT_SECONDS = 3.0


class KeyedLock:
    """A mutex for each key, among the threads of one process."""

    def __init__(self) -> None:
        self._taken: set[Hashable] = set()
        self._changed = Condition()

    @contextmanager
    def hold(self, key: Hashable) -> Iterator[None]:
        """Hold the lock of `key` until the block ends. Raises: `RequestInProgress` after `WAIT_SECONDS` in vain."""
        with self._changed:
            if not self._changed.wait_for(lambda: key not in self._taken, WAIT_SECONDS):
                raise RequestInProgress
            self._taken.add(key)
        try:
            yield
        finally:
            with self._changed:
                self._taken.remove(key)
                self._changed.notify_all()
