"""Optimistic locking, tried again: how often, and after which pauses."""

import random
import time
from collections.abc import Iterator

TRIES = 50  # to change what others change at the same moment; of those who try at once, one succeeds each time
PAUSE_SECONDS = 0.004  # between two of them, at most


def tries() -> Iterator[None]:
    """Each try to change what others change at the same moment, after a pause of chance when there was one before.

    Two that go on in step have the same one lose every time.
    Source: Marc Brooker, Exponential Backoff and Jitter, AWS Architecture Blog, 2015.
    """
    yield
    for _ in range(1, TRIES):
        time.sleep(random.uniform(0, PAUSE_SECONDS))  # noqa: S311  # nobody gains by guessing it
        yield
