"""Mutex: who does the same at the same moment waits for the first."""

from threading import Event, Thread

import pytest

from bucketlist.kit import locks as turns
from bucketlist.kit.locks import KeyedLock
from tests.concurrency import together


class Busy(Exception):
    """What is raised when a lock was waited for in vain."""


def test_of_twelve_with_one_key_one_is_at_work(monkeypatch: pytest.MonkeyPatch) -> None:
    turn, at_work, seen = KeyedLock(Busy), [0], set[int]()

    def work(_: int) -> None:
        for _ in range(50):
            with turn.hold("key"):
                at_work[0] += 1
                seen.add(at_work[0])
                at_work[0] -= 1

    together(12, work)

    assert seen == {1}


def test_another_key_does_not_wait() -> None:
    turn = KeyedLock(Busy)

    with turn.hold("mine"), turn.hold("yours"):
        pass


def test_nobody_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "WAIT_SECONDS", 0.05)
    turn, may_go, is_taken = KeyedLock(Busy), Event(), Event()

    def hold() -> None:
        with turn.hold("key"):
            is_taken.set()
            may_go.wait(10)

    first = Thread(target=hold)
    first.start()
    is_taken.wait(10)
    with pytest.raises(Busy):
        turn.hold("key").__enter__()
    may_go.set()
    first.join()

    with turn.hold("key"):
        assert not first.is_alive()


def test_a_turn_ends_when_its_work_fails() -> None:
    turn = KeyedLock(Busy)

    for _ in range(2):
        with pytest.raises(ZeroDivisionError), turn.hold("key"):
            raise ZeroDivisionError
