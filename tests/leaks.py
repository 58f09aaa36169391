"""Resource leaks: what a test leaves open, a garbage collector closes whenever it likes, in some other test's name.

So each file of tests is collected after, and what turns up then is that file's.
"""

import gc
import sys
import threading
import tracemalloc
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bucketlist.kit.background import PeriodicThread


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    """Fails the last test of a file, after the fixtures of the file, for all that the file has left open."""
    yield
    if nextitem is None or nextitem.path != item.path:
        refuse_leaks(item)


WATCHDOG = "statement_watchdog"  # ends by itself, with the last connection


def find_leaks() -> list[str]:
    """What was left open and is garbage now, each with what is known of it; it is closed afterwards.

    And periodic work that was not stopped: it writes into the log and the tables of other tests.
    """
    with unraisable() as raised, warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("ignore")
        warnings.simplefilter("always", ResourceWarning)
        gc.collect()
    running = [thread.name for thread in threading.enumerate() if isinstance(thread, PeriodicThread)]
    threads = [f"the thread {name}" for name in running if name != WATCHDOG]
    return [tell(warning) for warning in warned] + raised + threads


@contextmanager
def unraisable() -> Iterator[list[str]]:
    """The exceptions that end nowhere, as those of finalizers do, until the block ends."""
    usual, raised = sys.unraisablehook, list[str]()
    sys.unraisablehook = lambda each: raised.append(f"{each.exc_value!r} in {each.object!r}")
    try:
        yield raised
    finally:
        sys.unraisablehook = usual


def tell(warning: warnings.WarningMessage) -> str:
    """With the lines that made it, when Python was asked to remember them."""
    made = tracemalloc.get_object_traceback(warning.source) if warning.source is not None else None
    return "\n".join([str(warning.message), *(made.format() if made else ())])


def refuse_leaks(item: pytest.Item) -> None:
    """Raises: pytest's failure, with all that the file of `item` has left open."""
    found = find_leaks()
    if found:
        left = "\n".join(found)
        pytest.fail(
            f"{item.path.name} left open (PYTHONTRACEMALLOC=20 tells where it was made):\n{left}", pytrace=False
        )
