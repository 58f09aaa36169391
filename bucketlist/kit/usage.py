"""Sliding window counter: how much each has used of late, for fair queuing.

It is approximated by two windows, the one that runs and the one before, so that nothing is kept of single uses.
"""

from collections.abc import Hashable
from time import monotonic

MOST_NAMES = 10_000  # in a window; one more begins the next


class RecentUsage:
    """What was used in the last `window_seconds`, or up to twice as many. Its callers take turns."""

    def __init__(self, window_seconds: float) -> None:
        self._window_seconds = window_seconds
        self._now: dict[Hashable, float] = {}
        self._before: dict[Hashable, float] = {}
        self._ends_at = monotonic() + window_seconds

    def add(self, who: Hashable, amount: float) -> float:
        """How much `who` had used before."""
        used = self.of(who)
        self._now[who] = self._now.get(who, 0) + amount
        return used

    def of(self, who: Hashable) -> float:
        self._turn()
        return self._now.get(who, 0) + self._before.get(who, 0)

    def _turn(self) -> None:
        """Begin the next window when this one is over or full; what was used long ago is forgotten."""
        present = monotonic()
        if present < self._ends_at and len(self._now) < MOST_NAMES:
            return
        is_long_ago = present >= self._ends_at + self._window_seconds
        self._before, self._now = {} if is_long_ago else self._now, {}
        self._ends_at = present + self._window_seconds
