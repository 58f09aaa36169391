"""Periodic work goes on whatever happens to one round, and ends when it is told to."""

from collections.abc import Callable, Iterator
from itertools import count
from threading import Event
from typing import Any

import pytest
from structlog.testing import capture_logs

from bucketlist.kit.background import PeriodicThread, run_every
from bucketlist.kit.errors import Unavailable
from tests.concurrency import wait_until
from tests.leaks import find_leaks
from tests.patience import LONG

SOON = 0.001
PROBLEMS = [Unavailable(), OSError(28, "No space left on device"), ValueError("a mistake of ours"), KeyError("and one")]


def told_of(problems: list[Exception]) -> list[Any]:
    """What is logged by work whose rounds end in `problems`, one after the other, and then in none."""
    left, is_done = iter(problems), Event()

    def work() -> None:
        for problem in left:
            raise problem
        is_done.set()

    with capture_logs() as events:
        thread = run_every(SOON, work, "pruning")
        assert is_done.wait(LONG)
        thread.stop()
    return events


def test_whatever_breaks_a_round_is_told_and_the_next_one_comes() -> None:
    told = [(event["event"], event["log_level"], event.get("reason")) for event in told_of(PROBLEMS)]

    assert told == [
        ("pruning_failed", "warning", "database unavailable"),
        ("pruning_failed", "warning", "No space left on device"),
        ("pruning_failed", "error", None),
        ("pruning_failed", "error", None),
    ]


def test_what_breaks_each_round_is_told_once_a_minute() -> None:
    told = told_of([Unavailable() for _ in range(5)] + [ValueError()])

    assert [event["log_level"] for event in told] == ["warning", "error"]


def test_a_mistake_of_ours_is_told_with_its_place() -> None:
    (event,) = told_of([ValueError("a mistake of ours")])

    assert isinstance(event["exc_info"], ValueError)


@pytest.fixture
def start() -> Iterator[Callable[..., PeriodicThread]]:
    """Starts a thread that does not outlive the test."""
    started: list[PeriodicThread] = []

    def run(*arguments: Any, **options: Any) -> PeriodicThread:
        started.append(run_every(*arguments, **options))
        return started[-1]

    yield run
    for thread in started:
        thread.stop()


def test_no_round_begins_once_it_was_stopped_and_the_last_one_has_ended(start: Callable[..., PeriodicThread]) -> None:
    begun, ended = list[int](), list[int]()

    def work() -> None:
        begun.append(1)
        Event().wait(0.05)
        ended.append(1)

    thread = start(SOON, work, "test")
    wait_until(lambda: bool(begun))
    thread.stop()

    assert not thread.is_alive()
    assert len(begun) == len(ended)


def test_work_may_stop_its_own_thread(start: Callable[..., PeriodicThread]) -> None:
    threads: list[PeriodicThread] = []
    may_go, rounds = Event(), count(1)

    def work() -> int:
        may_go.wait(LONG)
        threads[0].stop()
        return next(rounds)

    threads.append(start(SOON, work, "test"))
    may_go.set()
    threads[0].join(LONG)

    assert not threads[0].is_alive()
    assert next(rounds) == 2


@pytest.mark.parametrize("first_after", [0.0, LONG])
def test_whoever_wakes_it_has_the_next_round_begin_at_once(
    start: Callable[..., PeriodicThread], first_after: float
) -> None:
    wake, done = Event(), list[int]()
    start(LONG, lambda: done.append(1), "test", first_after=first_after, wake=wake)
    before = 0 if first_after else 1
    wait_until(lambda: len(done) == before)

    wake.set()

    wait_until(lambda: len(done) == before + 1)


def test_what_was_not_stopped_is_a_leak(start: Callable[..., PeriodicThread]) -> None:
    thread = start(LONG, lambda: None, "forgotten")
    assert "the thread forgotten" in find_leaks()

    thread.stop()

    assert "the thread forgotten" not in find_leaks()
