"""Rate limit for log lines: what happens again and again is told once in a while, with how often it was not."""

from datetime import datetime, timedelta

from bucketlist.kit import clock

MOST_KINDS = 256


class Seldom:
    """A rate limit: one line in so many seconds, of each kind."""

    def __init__(self, seconds: float) -> None:
        self._pause = timedelta(seconds=seconds)
        self._told: dict[str, datetime] = {}
        self._untold: dict[str, int] = {}

    def untold(self, kind: str) -> int | None:
        """How many of this kind were not told since the last one that was; None when this one is not to be told."""
        now = clock.now()
        told = self._told.get(kind)
        if told is not None and told <= now < told + self._pause:  # a clock that was set back silences nothing
            self._untold[kind] = self._untold.get(kind, 0) + 1
            return None
        if len(self._told) >= MOST_KINDS:
            self._told.clear()
            self._untold.clear()
        self._told[kind] = now
        return self._untold.pop(kind, 0)
