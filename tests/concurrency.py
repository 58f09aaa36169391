"""Concurrency helpers for tests: many who do something at the same moment, or one after the other."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier
from typing import TypeVar

from bucketlist.kit.db.driver import Compiled, Values
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.services import services_of
from tests.patience import LONG

T = TypeVar("T")

SECONDS = LONG


def together(people: int, work: Callable[[int], T]) -> list[T]:
    """What `work` gave to each of them, who all began when the last was ready."""
    ready = Barrier(people, timeout=SECONDS)

    def start(number: int) -> T:
        ready.wait()
        return work(number)

    with ThreadPoolExecutor(people) as threads:
        return list(threads.map(start, range(people)))


def wait_until(
    happened: Callable[[], bool], seconds: float = LONG, seen: Callable[[], object] = lambda: "It did not happen."
) -> None:
    """Return as soon as it happened. Raises: `AssertionError` with what was `seen` instead when it takes too long."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, seen()
        time.sleep(0.005)


@contextmanager
def just_before(app: ApiApp, verb: str, act: Callable[[], object], *, times: int = 1) -> Iterator[None]:
    """`act` is done just before the first statements that begin with `verb`, as another device would."""
    database = services_of(app).database
    left = times

    def interfere(statement: Compiled, _: Values) -> None:
        nonlocal left
        if left and statement.sql.startswith(verb):
            left -= 1
            database.on_execute = None
            act()
            database.on_execute = interfere

    database.on_execute = interfere
    yield
    database.on_execute = None
    assert left == 0
