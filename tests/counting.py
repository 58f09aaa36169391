"""Which tests count as covering the code. To trace what a test runs takes as long as to run it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from coverage import Coverage

HOUSE = Path(__file__).parent / "house"


def counts(item: pytest.Item) -> bool:
    """Not what asks all routes the same: that covers hardly a line which the tests of a room do not.

    Who wants to know which test runs which line (`--cov-context`) is told of all.
    """
    return not item.path.is_relative_to(HOUSE) or item.config.getoption("cov_context", None) is not None


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
