"""Connection pool: connections are few, whoever finds none waits, and what is broken is replaced."""

import time
from threading import Thread, Timer

import pytest

from bucketlist.kit.db import pool as pools
from bucketlist.kit.db.pool import Pool
from bucketlist.kit.errors import Unavailable
from tests.concurrency import together, wait_until


class Line:
    """Something to lend."""

    opened = 0
    opened_at = 0.0

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

    pool.acquire(checked=True)

    assert (Line.opened, pool.count_in_use()) == (1, 1)


def test_the_last_one_given_back_is_the_first_one_taken(pool: Pool[Line]) -> None:
    first, second = pool.acquire(checked=False), pool.acquire(checked=False)
    pool.release(first)
    pool.release(second)

    assert pool.acquire(checked=False) is second
    assert pool.acquire(checked=False) is first
    assert Line.opened == 2


def test_who_comes_one_after_the_other_shares_one_connection(pool: Pool[Line]) -> None:
    for _ in range(10):
        pool.release(pool.acquire(checked=True))

    assert Line.opened == 1


def test_who_finds_none_waits_for_one(pool: Pool[Line]) -> None:
    first = pool.acquire(checked=False)
    pool.acquire(checked=False)
    Timer(0.1, pool.release, [first]).start()

    assert pool.acquire(checked=False) is first


def test_who_waits_too_long_is_refused(pool: Pool[Line], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pools, "WAIT_SECONDS", 0.1)
    taken = [pool.acquire(checked=False) for _ in range(2)]

    with pytest.raises(Unavailable):
        pool.acquire(checked=False)

    pool.release(taken[0])
    assert pool.acquire(checked=False) is taken[0]


def test_nobody_waits_longer_than_the_contract_says() -> None:
    assert pools.WAIT_SECONDS == 3


def test_a_broken_connection_is_closed_and_replaced(pool: Pool[Line]) -> None:
    broken = pool.acquire(checked=False)
    broken.is_broken = True

    pool.release(broken)

    assert broken.is_closed
    assert pool.acquire(checked=False) is not broken
    assert pool.count_in_use() == 1


def test_a_connection_that_went_stale_is_replaced_when_it_is_checked(pool: Pool[Line]) -> None:
    stale = pool.acquire(checked=False)
    stale.is_gone = True
    pool.release(stale)

    assert pool.acquire(checked=False) is stale
    pool.release(stale)
    fresh = pool.acquire(checked=True)

    assert fresh is not stale
    assert stale.is_closed
    assert pool.count_in_use() == 1


def test_a_connection_that_cannot_be_opened_takes_no_place() -> None:
    def refuse() -> Line:
        raise Unavailable

    pool = Pool(refuse, 1)

    for _ in range(3):
        with pytest.raises(Unavailable):
            pool.acquire(checked=True)
    assert pool.count_in_use() == 0


def test_closing_closes_what_is_idle(pool: Pool[Line]) -> None:
    idle, lent = pool.acquire(checked=False), pool.acquire(checked=False)
    pool.release(idle)

    pool.close()

    assert idle.is_closed
    assert not lent.is_closed
    assert pool.acquire(checked=False) is not idle


def test_a_crowd_never_holds_more_than_there_are() -> None:
    pool: Pool[Line] = Pool(Line, 2)
    held: list[int] = []

    def come_and_go(_: int) -> None:
        for turn in range(500):
            connection = pool.acquire(checked=bool(turn % 2))
            held.append(pool.count_in_use())
            pool.release(connection)

    together(8, come_and_go)

    assert max(held) <= 2
    assert pool.count_in_use() == 0


def test_who_waits_longest_is_served_first(pool: Pool[Line]) -> None:
    lent = [pool.acquire(checked=False) for _ in range(2)]
    served: list[int] = []

    def come(number: int) -> None:
        connection = pool.acquire(checked=False)
        served.append(number)
        pool.release(connection)

    crowd = []
    for number in range(5):
        crowd.append(Thread(target=come, args=[number]))
        crowd[-1].start()
        wait_until(lambda: len(pool._waiting) == len(crowd))
    pool.release(lent[0])
    for thread in crowd:
        thread.join()

    assert served == list(range(5))


def test_who_comes_while_others_wait_does_not_overtake_them(pool: Pool[Line]) -> None:
    """Even when a connection is idle at that moment, on its way to somebody who waits."""
    lent = [pool.acquire(checked=False) for _ in range(2)]
    waits = Thread(target=pool.acquire, kwargs={"checked": False})
    waits.start()
    wait_until(lambda: len(pool._waiting) == 1)
    with pool._serving:
        giver = Thread(target=pool.release, args=[lent[0]])
        giver.start()
        wait_until(lambda: pool.count_in_use() == 1)
        late = Thread(target=pool.acquire, kwargs={"checked": False})
        late.start()
        wait_until(lambda: len(pool._waiting) == 2)
    waits.join()
    giver.join()

    assert len(pool._waiting) == 1
    pool.release(lent[1])
    late.join()


def test_one_that_comes_at_the_last_moment_is_not_lost(pool: Pool[Line], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pools, "WAIT_SECONDS", 1)
    lent = [pool.acquire(checked=False) for _ in range(2)]
    found: list[Line] = []
    waits = Thread(target=lambda: found.append(pool.acquire(checked=False)))
    waits.start()
    wait_until(lambda: len(pool._waiting) == 1)
    with pool._serving:
        time.sleep(1.1)  # the wait is over while it is handed over
        pool._waiting.popleft().put(lent[0])
    waits.join()

    assert found == [lent[0]]
