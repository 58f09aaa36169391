"""Many who do something at the same moment, or one after the other."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Semaphore
from typing import TypeVar

T = TypeVar("T")

SECONDS = 60


def together(people: int, work: Callable[[int], T]) -> list[T]:
    """What `work` gave to each of them, who all began when the last was ready."""
    ready = Barrier(people, timeout=SECONDS)
    came = Semaphore(0)

    def start(number: int) -> T:
        came.release()
        ready.wait()
        return work(number)

    with ThreadPoolExecutor(people) as threads:
        started = []
        for number in range(people):
            started.append(threads.submit(start, number))
            assert came.acquire(timeout=SECONDS)  # Python 3.11 may not trace a thread that starts beside another
        return [each.result() for each in started]


def wait_until(
    happened: Callable[[], bool], seconds: float = 20, seen: Callable[[], object] = lambda: "It did not happen."
) -> None:
    """Return as soon as it happened. Raises: `AssertionError` with what was `seen` instead when it takes too long."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, seen()
        time.sleep(0.005)
