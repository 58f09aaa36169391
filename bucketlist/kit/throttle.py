"""Throttling: what is worth doing now and then only, as a write of last use, for each of many."""

import time

REMEMBERED = 10_000


class Throttle:
    """Says of each key whether it is due again, once in so many seconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._done_at: dict[str, float] = {}

    def is_due(self, key: str) -> bool:
        """Is it a while ago that it was? It is done now."""
        present, done_at = time.monotonic(), self._done_at.get(key)
        if done_at is not None and present - done_at < self._seconds:
            return False
        if len(self._done_at) >= REMEMBERED:
            self._done_at.clear()
        self._done_at[key] = present
        return True
