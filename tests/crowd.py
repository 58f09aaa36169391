"""Many who do something at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

T = TypeVar("T")


def together(people: int, work: Callable[[int], T]) -> list[T]:
    """What `work` gave to each of them, who all began when the last was ready."""
    ready = Barrier(people)

    def start(number: int) -> T:
        ready.wait()
        return work(number)

    with ThreadPoolExecutor(people) as threads:
        return list(threads.map(start, range(people)))
