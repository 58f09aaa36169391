"""Crash injection: a process is killed in the middle of its work, at a statement, as by an exception nobody handles."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from bucketlist.kit.db.driver import Compiled, Values
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.services import services_of


class Killed(BaseException):
    """What was not committed is undone, and nothing else is done."""


@contextmanager
def failing_at(app: ApiApp, number: int, error: BaseException) -> Iterator[None]:
    """At that statement, counted from 1, `error` is raised."""
    database = services_of(app).database
    executed = 0

    def fail(_: Compiled, __: Values) -> None:
        nonlocal executed
        executed += 1
        if executed == number:
            raise error

    database.on_execute = fail
    try:
        yield
    finally:
        database.on_execute = None


@contextmanager
def killed_at(app: ApiApp, number: int) -> Iterator[None]:
    """At that statement, counted from 1."""
    with failing_at(app, number, Killed()), pytest.raises(Killed):
        yield


def count_statements(app: ApiApp, work: Callable[[], object]) -> int:
    """How many `work` takes."""
    database = services_of(app).database
    executed: list[Compiled] = []
    database.on_execute = lambda statement, _: executed.append(statement)
    work()
    database.on_execute = None
    return len(executed)
