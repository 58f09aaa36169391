"""R2: priority queue: whose searches have taken much of late keep nobody waiting whose have not."""

from threading import Thread

import pytest

from bucketlist.kit.db import slow_lane
from bucketlist.kit.db.slow_lane import LIGHT_SECONDS, SlowLane
from bucketlist.kit.errors import Unavailable
from tests.concurrency import wait_until


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
