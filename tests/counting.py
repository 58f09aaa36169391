"""Which tests count as covering the code. To trace what a test runs takes as long as to run it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from coverage import Coverage

HOUSE = Path(__file__).parent / "house"


def counts(item: pytest.Item) -> bool:
    """Not what asks all routes the same, nor the twin of a test, with the same name, on the other database."""
    parameters = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
    return not item.path.is_relative_to(HOUSE) and parameters.get("database_url") != "postgresql"


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
