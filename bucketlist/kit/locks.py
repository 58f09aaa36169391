"""Mutex for each key: who does the same at the same moment waits for the first."""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from threading import Condition

WAIT_SECONDS = 3.0


class KeyedLock:
    """A mutex for each key, among the threads of one process; `refusal` makes what is raised after a wait in vain."""

    def __init__(self, refusal: Callable[[], Exception]) -> None:
        self._refusal = refusal
        self._taken: set[Hashable] = set()
        self._changed = Condition()

    @contextmanager
    def hold(self, key: Hashable) -> Iterator[None]:
        """Hold the lock of `key` until the block ends. Raises: the refusal after `WAIT_SECONDS`."""
        with self._changed:
            if not self._changed.wait_for(lambda: key not in self._taken, WAIT_SECONDS):
                raise self._refusal()
            self._taken.add(key)
        try:
            yield
        finally:
            with self._changed:
                self._taken.remove(key)
                self._changed.notify_all()
