"""Optimistic locking with retries: a change of a version that is no longer there begins again, after a backoff.

The version is compared in `auth/statements.py`, and a client’s `If-Match` in `kit/etags.py`.
"""

import random
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from bucketlist.kit.errors import Conflict

MAX_UPDATE_ATTEMPTS = (
    50  # to change what others change at the same moment; of those who try at once, one succeeds each time
)
PAUSE_SECONDS = 0.004  # before the second, at most; twice as long each time
LONGEST_PAUSE_SECONDS = 0.25  # of many, on a slow machine, one after the other has the time to succeed then

Seen = TypeVar("Seen")
Wanted = TypeVar("Wanted")
Written = TypeVar("Written")


def update_if_unchanged(
    read: Callable[[], Seen], edit: Callable[[Seen], Wanted], write: Callable[[Seen, Wanted], Written | None]
) -> Seen | Written:
    """Read-modify-write under optimistic locking: what `write` gives; what was read, when `edit` leaves it as it is.

    `write` gives nothing when somebody else was faster; then it begins again. Whatever refuses raises in `read` or
    `edit`. Raises: `Conflict` when others were faster each time.
    """
    for _ in optimistic_attempts():
        seen = read()
        wanted = edit(seen)
        is_so_already: bool = seen == wanted
        if is_so_already:
            return seen
        if written := write(seen, wanted):
            return written
    raise Conflict


def delete_if_unchanged(read: Callable[[], Seen], delete: Callable[[Seen], Written | None]) -> Written:
    """What `delete` gives, which gives nothing when somebody else was faster; then it begins again.

    Whatever refuses raises in `read`. Raises: `Conflict` when others were faster each time.
    """
    for _ in optimistic_attempts():
        if written := delete(read()):
            return written
    raise Conflict


def optimistic_attempts() -> Iterator[None]:
    """Each try to change what others change at the same moment, after a pause of chance when there was one before.

    Two that go on in step have the same one lose every time, and twenty who pause too shortly meet again and again.
    Source: Marc Brooker, Exponential Backoff and Jitter, AWS Architecture Blog, 2015.
    """
    yield
    for lost in range(MAX_UPDATE_ATTEMPTS - 1):
        longest = min(PAUSE_SECONDS * 2.0**lost, LONGEST_PAUSE_SECONDS)
        time.sleep(random.uniform(0, longest))  # noqa: S311  # nobody gains by guessing it
        yield
