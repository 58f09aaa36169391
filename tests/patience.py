"""Timeouts for a busy, slow machine: how long a test waits for what has to happen, and for what others hold up."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

LONG = 120.0  # seconds; whoever waits for as long waits in vain


def timed(work: Callable[[], T]) -> tuple[T, float]:
    """What it gave, and how many seconds it took."""
    started = time.monotonic()
    found = work()
    return found, time.monotonic() - started


def allowed(unharmed: float) -> float:
    """The seconds that a request may take beside others, by those that it takes alone: the one bound a test asserts."""
    return 15 + 20 * unharmed
