"""Coverage scope: which tests count as covering the code. To trace what a test runs takes as long as to run it."""

import importlib
import os
import pkgutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from coverage import Coverage

import bucketlist

TESTS = Path(__file__).parent
HOUSE = tuple(TESTS / folder for folder in ("architecture", "every_route", "lists"))
CHILDREN = "COVERAGE_PROCESS_CONFIG"  # by which coverage tells processes that a test starts to count
STARTING = {  # servers, whose code runs nowhere else; what commands and other servers run, counts in other tests
    TESTS / "serving" / f"test_{name}.py" for name in ("share_the_work", "stop", "tell_metrics")
}


ACTING = ("__main__", "wsgi")
_stopped: list[Coverage] = []  # what measured until `untraced`, the newest first


def counts(item: pytest.Item) -> bool:
    """Not what asks all routes the same: that covers hardly a line which the tests of a room do not.

    Who wants to know which test runs which line (`--cov-context`) is told of all.
    """
    return not any(item.path.is_relative_to(folder) for folder in HOUSE) or wants_all(item.config)


def fixture_counts(made: pytest.FixtureDef[object], config: pytest.Config) -> bool:
    """What is made once; not what is made for each test, which is an application more often than not."""
    return made.scope != "function" or wants_all(config)


def wants_all(config: pytest.Config) -> bool:
    return config.getoption("cov_context", None) is not None


@contextmanager
def counted_children(item: pytest.Item) -> Iterator[None]:
    """Do the processes that the test starts count?"""
    kept = os.environ.get(CHILDREN)
    if kept is None or item.path in STARTING or wants_all(item.config):
        yield
        return
    os.environ[CHILDREN] = ""
    try:
        yield
    finally:
        os.environ[CHILDREN] = kept


@contextmanager
def untraced() -> Iterator[None]:
    """Nothing is measured, but for what is `traced` inside.

    A process of pytest-xdist measures twice, as a process and for pytest-cov, and the one resumes when the other stops.
    """
    while (measuring := Coverage.current()) is not None:
        measuring.stop()
        _stopped.append(measuring)
    try:
        yield
    finally:
        while _stopped:
            _stopped.pop().start()


@contextmanager
def traced() -> Iterator[None]:
    """Inside `untraced`: measured once, if it was measured before."""
    if not _stopped or Coverage.current() is not None:
        yield
        return
    _stopped[0].start()
    try:
        yield
    finally:
        _stopped[0].stop()


def import_the_package() -> None:
    """All that does nothing when it is imported, so that `def` and `class` are measured whoever imports them next."""
    for module in pkgutil.walk_packages(bucketlist.__path__, "bucketlist."):
        if not module.name.startswith("bucketlist.migrations.") and not module.name.endswith(ACTING):
            importlib.import_module(module.name)
