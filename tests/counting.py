"""Which tests count as covering the code. To trace what a test runs takes as long as to run it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from coverage import Coverage

TESTS = Path(__file__).parent
HOUSE = TESTS / "house"
CHILDREN = "COVERAGE_PROCESS_CONFIG"  # by which coverage tells processes that a test starts to count
STARTING = {  # servers, whose code runs nowhere else; what commands and other servers run, counts in other tests
    TESTS / "serving" / f"test_{name}.py"
    for name in ("back_up_meanwhile", "share_the_work", "stop", "take_over_a_socket", "tell_metrics")
}


def counts(item: pytest.Item) -> bool:
    """Not what asks all routes the same: that covers hardly a line which the tests of a room do not.

    Who wants to know which test runs which line (`--cov-context`) is told of all.
    """
    return not item.path.is_relative_to(HOUSE) or item.config.getoption("cov_context", None) is not None


@contextmanager
def counted_children(item: pytest.Item) -> Iterator[None]:
    """Do the processes that the test starts count?"""
    kept = os.environ.get(CHILDREN)
    if kept is None or item.path in STARTING or item.config.getoption("cov_context", None) is not None:
        yield
        return
    os.environ[CHILDREN] = ""
    try:
        yield
    finally:
        os.environ[CHILDREN] = kept


@contextmanager
def untraced() -> Iterator[None]:
    measuring = Coverage.current()
    if measuring is None:
        yield
        return
    measuring.stop()
    try:
        yield
    finally:
        measuring.start()
