"""R2, fair queueing: nobody holds more than a share of the connections, heavy searches keep no light one waiting."""

from threading import Thread

import pytest

from bucketlist.kit.db import shares as fairness
from bucketlist.kit.db import slow_lane
from bucketlist.kit.db.shares import FairShares, Shares
from bucketlist.kit.db.slow_lane import LIGHT_SECONDS, SlowLane
from bucketlist.kit.errors import TooManyAtOnce, Unavailable
from tests.concurrency import wait_until

SIZE = 8


@pytest.fixture
def fair(monkeypatch: pytest.MonkeyPatch) -> FairShares:
    for module in (fairness, slow_lane):
        monkeypatch.setattr(module, "WAIT_SECONDS", 0.01)
    return FairShares(SIZE)


@pytest.mark.threat(row=53)
def test_r2_one_person_has_half_of_the_connections_and_others_still_get_one(fair: FairShares) -> None:
    for _ in range(SIZE // 2):
        fair.share("ada").__enter__()

    with pytest.raises(Unavailable):
        fair.share("ada").__enter__()
    fair.share("ben").__enter__()


@pytest.mark.threat(row=53)
def test_r2_one_person_has_two_slow_statements_at_once(fair: FairShares) -> None:
    for _ in range(SIZE // 4):
        fair.share("ada", is_slow=True).__enter__()

    with pytest.raises(TooManyAtOnce) as refused:
        fair.share("ada", is_slow=True).__enter__()

    assert (refused.value.status, refused.value.headers) == (429, {"Retry-After": "1"})
    fair.share("ada").__enter__()


@pytest.mark.threat(row=53)
def test_r2_slow_statements_of_many_people_leave_connections(fair: FairShares) -> None:
    for number in range(SIZE * 3 // 4):
        fair.share(f"crowd {number}", is_slow=True).__enter__()

    with pytest.raises(Unavailable):
        fair.share("ada", is_slow=True).__enter__()
    fair.share("ada").__enter__()


def test_r2_what_was_refused_or_failed_holds_nothing(fair: FairShares) -> None:
    crowd = [fair.share(f"crowd {number}", is_slow=True) for number in range(SIZE * 3 // 4)]
    for held in crowd:
        held.__enter__()
    for _ in range(5):
        with pytest.raises(Unavailable):
            fair.share("ada", is_slow=True).__enter__()
    for held in crowd:
        held.__exit__(ValueError, ValueError(), None)

    for number in range(SIZE // 4):
        fair.share(f"ben {number}", is_slow=True).__enter__()
        fair.share("ada", is_slow=True).__enter__()


def test_r2_nobody_asks_in_housekeeping_so_it_needs_no_share(fair: FairShares) -> None:
    for _ in range(SIZE * 2):
        fair.share(None, is_slow=True).__enter__()


def test_r2_who_waits_longest_is_served_first() -> None:
    shares, served = Shares(1, Unavailable), []
    shares.acquire("ada")

    def wait(number: int) -> None:
        shares.acquire("ada")
        served.append(number)
        shares.release("ada")

    threads = []
    for number in range(3):
        threads.append(Thread(target=wait, args=(number,)))
        threads[-1].start()
        wait_until(lambda: len(shares._waiting["ada"]) == len(threads))
    shares.release("ada")
    for thread in threads:
        thread.join()

    assert served == [0, 1, 2]
    assert (shares._held, shares._waiting) == ({}, {})


def test_r2_a_line_that_is_too_long_takes_no_more() -> None:
    shares = Shares(1, Unavailable, most_waiting=0)
    shares.acquire("ada")

    with pytest.raises(Unavailable):
        shares.acquire("ada")
    shares.acquire("ben")


def heavy_lane(*people: str, most: int = 2, most_of_light: int = 3) -> SlowLane:
    """Each of them has used more than the one before."""
    lane = SlowLane(most, most_of_light)
    for number, person in enumerate(people, 1):
        lane._used.add(person, LIGHT_SECONDS * number)
    return lane


@pytest.mark.threat(row=53)
def test_r2_whoever_used_little_finds_a_place_beside_those_who_used_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slow_lane, "WAIT_SECONDS", 0.01)
    lane = heavy_lane("ben", "cleo")
    lane.acquire("ben")
    lane.acquire("cleo")

    with pytest.raises(Unavailable, match="searching"):
        lane.acquire("cleo")
    lane.acquire("ada")


@pytest.mark.threat(row=53)
def test_r2_a_place_that_is_given_back_goes_to_whoever_used_least() -> None:
    lane, served = heavy_lane("ada", "ben", "cleo", most=1, most_of_light=1), []
    lane.acquire("cleo")

    def wait(person: str) -> None:
        lane.acquire(person)
        served.append(person)
        lane.release(person)

    threads = []
    for person in ("cleo", "ben", "ada"):
        threads.append(Thread(target=wait, args=(person,)))
        threads[-1].start()
        wait_until(lambda: len(lane._waiting) == len(threads))
    lane.release("cleo")
    for thread in threads:
        thread.join()

    assert served == ["ada", "ben", "cleo"]
    assert (lane._began, lane._waiting) == ([], [])
