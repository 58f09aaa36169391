"""Metrics of requests: a histogram of how long they took, by route, method and status, in less than a microsecond each.

Never a path, a person or an address. What can be read at any moment, such as how many connections are lent, is a gauge;
who has something to read names it with `add_gauge`.
"""

from bisect import bisect_left
from collections.abc import Callable
from threading import Lock
from typing import NamedTuple

BOUNDS_MICROSECONDS = (
    *(500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000),
    *(500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000),
)
PLACES = len(BOUNDS_MICROSECONDS) + 1  # the last is for what took longer


class Key(NamedTuple):
    """The labels of a metric: what requests are told apart by."""

    route: str
    method: str
    status: str


class Gauge(NamedTuple):
    """A gauge, something that goes up and down: what it is, and how it is read."""

    about: str
    read: Callable[[], int]


gauges: dict[str, Gauge] = {}


def add_gauge(name: str, about: str, read: Callable[[], int]) -> None:
    """One of this name in a process: the last that was added counts."""
    gauges[name] = Gauge(about, read)


class RequestHistogram:
    """A histogram of requests. A row is as long as `PLACES`, and one more for the sum of microseconds."""

    def __init__(self) -> None:
        self.rows: dict[Key | tuple[str, str, str], list[int]] = {}
        self._lock = Lock()

    def count(self, route: str, method: str, status: str, microseconds: int) -> None:
        key = (route, method, status)
        row = self.rows.get(key) or self.rows.setdefault(key, [0] * (PLACES + 1))
        place = bisect_left(BOUNDS_MICROSECONDS, microseconds)
        with self._lock:  # of two threads that add at once, one would be lost
            row[place] += 1
            row[-1] += microseconds
