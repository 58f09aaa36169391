"""A process that is killed in the middle of its work: at a statement, as an exception that nobody handles."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from bucketlist.kit.db import Compiled, Database, Values
from bucketlist.kit.openapi import ApiApp


class Killed(BaseException):
    """What was not committed is undone, and nothing else is done."""


@contextmanager
def killed_at(app: ApiApp, number: int) -> Iterator[None]:
    """At that statement, counted from 1."""
    database: Database = app.extensions["database"]
    executed = 0

    def kill(_: Compiled, __: Values) -> None:
        nonlocal executed
        executed += 1
        if executed == number:
            raise Killed

    database.on_execute = kill
    try:
        with pytest.raises(Killed):
            yield
    finally:
        database.on_execute = None


def count_statements(app: ApiApp, work: Callable[[], object]) -> int:
    """How many `work` takes."""
    database: Database = app.extensions["database"]
    executed: list[Compiled] = []
    database.on_execute = lambda statement, _: executed.append(statement)
    work()
    database.on_execute = None
    return len(executed)
