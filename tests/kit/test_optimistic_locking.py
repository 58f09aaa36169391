"""Optimistic locking: who loses against others at the same moment tries again, and not in step with them (jitter)."""

import time

import pytest

from bucketlist.kit.optimistic_locking import (
    LONGEST_PAUSE_SECONDS,
    MAX_UPDATE_ATTEMPTS,
    PAUSE_SECONDS,
    optimistic_attempts,
)


def test_between_two_tries_is_a_pause_of_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)

    assert len(list(optimistic_attempts())) == MAX_UPDATE_ATTEMPTS

    assert len(set(pauses)) == len(pauses) == MAX_UPDATE_ATTEMPTS - 1
    assert 0 <= pauses[0] <= PAUSE_SECONDS
    assert LONGEST_PAUSE_SECONDS / 2 < max(pauses) <= LONGEST_PAUSE_SECONDS


def test_who_succeeds_at_once_waits_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda _: pytest.fail("It waited."))

    next(optimistic_attempts())
