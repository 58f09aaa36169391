"""Connections are few, whoever finds none waits, and what is broken is replaced."""

import time
from threading import Timer

import pytest

from bucketlist.kit import pool as pools
from bucketlist.kit.errors import Unavailable
from bucketlist.kit.pool import Pool
from tests.crowd import together


class Line:
    """Something to lend."""

    opened = 0

    def __init__(self) -> None:
        self.is_broken = self.is_gone = self.is_closed = False
        Line.opened += 1

    def is_stale(self) -> bool:
        return self.is_gone

    def close(self) -> None:
        self.is_closed = True


@pytest.fixture
def pool() -> Pool[Line]:
    Line.opened = 0
    return Pool(Line, 2)


def test_a_connection_is_opened_when_it_is_first_needed(pool: Pool[Line]) -> None:
    assert Line.opened == 0

    pool.take(checked=True)

    assert (Line.opened, pool.count_lent()) == (1, 1)


def test_the_last_one_given_back_is_the_first_one_taken(pool: Pool[Line]) -> None:
    first, second = pool.take(checked=False), pool.take(checked=False)
    pool.give_back(first)
    pool.give_back(second)

    assert pool.take(checked=False) is second
    assert pool.take(checked=False) is first
    assert Line.opened == 2


def test_who_comes_one_after_the_other_shares_one_connection(pool: Pool[Line]) -> None:
    for _ in range(10):
        pool.give_back(pool.take(checked=True))

    assert Line.opened == 1


def test_who_finds_none_waits_for_one(pool: Pool[Line]) -> None:
    first = pool.take(checked=False)
    pool.take(checked=False)
    Timer(0.1, pool.give_back, [first]).start()

    assert pool.take(checked=False) is first


def test_who_waits_too_long_is_refused(pool: Pool[Line], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pools, "WAIT_SECONDS", 0.1)
    taken = [pool.take(checked=False) for _ in range(2)]
    started = time.monotonic()

    with pytest.raises(Unavailable):
        pool.take(checked=False)

    assert 0.1 <= time.monotonic() - started < 0.5
    pool.give_back(taken[0])
    assert pool.take(checked=False) is taken[0]


def test_nobody_waits_longer_than_the_contract_says() -> None:
    assert pools.WAIT_SECONDS == 3


def test_a_broken_connection_is_closed_and_replaced(pool: Pool[Line]) -> None:
    broken = pool.take(checked=False)
    broken.is_broken = True

    pool.give_back(broken)

    assert broken.is_closed
    assert pool.take(checked=False) is not broken
    assert pool.count_lent() == 1


def test_a_connection_that_went_stale_is_replaced_when_it_is_checked(pool: Pool[Line]) -> None:
    stale = pool.take(checked=False)
    stale.is_gone = True
    pool.give_back(stale)

    assert pool.take(checked=False) is stale
    pool.give_back(stale)
    fresh = pool.take(checked=True)

    assert fresh is not stale
    assert stale.is_closed
    assert pool.count_lent() == 1


def test_a_connection_that_cannot_be_opened_takes_no_place() -> None:
    def refuse() -> Line:
        raise Unavailable

    pool = Pool(refuse, 1)

    for _ in range(3):
        with pytest.raises(Unavailable):
            pool.take(checked=True)
    assert pool.count_lent() == 0


def test_closing_closes_what_is_idle(pool: Pool[Line]) -> None:
    idle, lent = pool.take(checked=False), pool.take(checked=False)
    pool.give_back(idle)

    pool.close()

    assert idle.is_closed
    assert not lent.is_closed
    assert pool.take(checked=False) is not idle


def test_a_crowd_never_holds_more_than_there_are() -> None:
    pool: Pool[Line] = Pool(Line, 2)
    held: list[int] = []

    def come_and_go(_: int) -> None:
        for turn in range(500):
            connection = pool.take(checked=bool(turn % 2))
            held.append(pool.count_lent())
            pool.give_back(connection)

    together(8, come_and_go)

    assert max(held) <= 2
    assert pool.count_lent() == 0


def test_a_place_that_others_took_first_is_waited_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pools, "WAIT_SECONDS", 0.2)
    pool: Pool[Line] = Pool(Line, 1)
    pool.take(checked=False)

    def wake() -> None:
        with pool._returned:  # as if it had been given back and taken again at once
            pool._returned.notify_all()

    Timer(0.05, wake).start()
    with pytest.raises(Unavailable):
        pool.take(checked=False)
