"""Optimistic locking: who loses against others at the same moment tries again, and not in step with them (jitter)."""

from types import SimpleNamespace

import pytest

from bucketlist.kit import optimistic_locking
from bucketlist.kit.errors import Conflict
from bucketlist.kit.optimistic_locking import (
    LONGEST_PAUSE_SECONDS,
    MAX_UPDATE_ATTEMPTS,
    PAUSE_SECONDS,
    optimistic_attempts,
    update_if_unchanged,
)


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long each pause would be; nobody waits."""
    noted: list[float] = []
    monkeypatch.setattr(optimistic_locking, "time", SimpleNamespace(sleep=noted.append))  # other threads do sleep
    return noted


def test_between_two_tries_is_a_pause_of_chance(pauses: list[float]) -> None:
    assert len(list(optimistic_attempts())) == MAX_UPDATE_ATTEMPTS

    assert len(set(pauses)) == len(pauses) == MAX_UPDATE_ATTEMPTS - 1
    assert 0 <= pauses[0] <= PAUSE_SECONDS
    assert LONGEST_PAUSE_SECONDS / 2 < max(pauses) <= LONGEST_PAUSE_SECONDS


def test_who_succeeds_at_once_waits_for_nothing(pauses: list[float]) -> None:
    next(optimistic_attempts())

    assert pauses == []


class Row:
    """A row that `faster` others change before the one who asks."""

    def __init__(self, value: int, faster: int = 0) -> None:
        self.value, self.version, self.faster = value, 1, faster

    def read(self) -> tuple[int, int]:
        return self.value, self.version

    def write(self, seen: tuple[int, int], wanted: tuple[int, int]) -> tuple[int, int] | None:
        if self.faster:
            self.faster -= 1
            self.value, self.version = self.value + 10, self.version + 1
        if seen[1] != self.version:
            return None
        self.value, self.version = wanted[0], self.version + 1
        return self.read()


def add_one(seen: tuple[int, int]) -> tuple[int, int]:
    return seen[0] + 1, seen[1]


def test_who_loses_begins_again_from_what_is_there_now() -> None:
    row = Row(1, faster=3)

    assert update_if_unchanged(row.read, add_one, row.write) == (32, 5)


def test_what_is_left_as_it_is_is_not_written() -> None:
    row = Row(1, faster=1)

    assert update_if_unchanged(row.read, lambda seen: seen, row.write) == (1, 1)


def test_who_loses_every_time_is_told_of_a_conflict() -> None:
    row = Row(1, faster=MAX_UPDATE_ATTEMPTS)

    with pytest.raises(Conflict):
        update_if_unchanged(row.read, add_one, row.write)

    assert row.faster == 0


def test_what_refuses_is_not_tried_again() -> None:
    row = Row(1)

    with pytest.raises(ZeroDivisionError):
        update_if_unchanged(row.read, lambda seen: (seen[0] // 0, seen[1]), row.write)

    assert row.read() == (1, 1)
