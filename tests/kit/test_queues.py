"""R9, fair queuing: a few threads, and who has asked for little lately comes first."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from threading import Barrier, BrokenBarrierError, Event
from typing import Any

import pytest

from bucketlist.kit import queues
from bucketlist.kit.errors import Unavailable
from bucketlist.kit.queues import FairQueue, Flow
from tests.concurrency import together, wait_until

ADA, BEN = Flow("ada", "there"), Flow("ben", "there")


class Crowd:
    """People who want something done by a queue of one thread, which is held up until `let_go`."""

    def __init__(self, most_waiting: int = 100) -> None:
        self.queue = FairQueue(1, most_waiting, "test", "Busy.")
        self.done: list[str] = []
        self._gate = Event()
        self._enter(self._gate.wait, Flow("", ""))
        wait_until(lambda: self.queue._working == 1)

    def want(self, name: str, flow: Flow) -> Future[None]:
        return self._enter(lambda: self.done.append(name), flow)

    def let_go(self) -> None:
        self._gate.set()
        self.queue._threads.shutdown()

    def _enter(self, work: Callable[[], Any], flow: Flow) -> Future[None]:
        """As `run` does, but without waiting, so that the order is the one in which they are written here."""
        entered = self.queue._enter(work, flow)
        self.queue._threads.submit(self.queue._serve)
        return entered.done


@pytest.fixture
def crowd() -> Iterator[Crowd]:
    made = Crowd()
    yield made
    made.let_go()


def test_who_leaves_changes_nothing_in_the_order_of_the_others(crowd: Crowd) -> None:
    """Of a heap the first goes in a way that puts the last of all in its place."""
    for number in range(4):
        crowd.want(f"ada {number}", ADA)
        crowd.want(f"ben {number}", Flow("ben", "quiet"))

    assert crowd.queue._leave(min(crowd.queue._waiting))
    crowd.let_go()

    assert crowd.done == ["ben 0", "ada 1", "ben 1", "ada 2", "ben 2", "ada 3", "ben 3"]


@pytest.mark.threat(row=13)
def test_r9_a_flood_waits_behind_itself(crowd: Crowd) -> None:
    for number in range(5):
        crowd.want(f"ada {number}", ADA)
    crowd.want("ben", BEN)

    crowd.let_go()

    assert crowd.done == ["ada 0", "ben", "ada 1", "ada 2", "ada 3", "ada 4"]


def test_r9_who_comes_for_the_first_time_passes_all_who_came_before(crowd: Crowd) -> None:
    people = [Flow(f"{number}", "there") for number in range(5)]
    for person in people * 2:
        crowd.queue._of_people.add(person.person, 1)
    for person in people:
        crowd.want(person.person, person)
    crowd.want("ben", BEN)

    crowd.let_go()

    assert crowd.done == ["ben", "0", "1", "2", "3", "4"]


def test_r9_of_people_who_are_alike_the_one_from_a_quiet_network_comes_first(crowd: Crowd) -> None:
    for number in range(3):
        crowd.want(f"loud {number}", Flow(f"{number}", "loud"))
    crowd.want("quiet", Flow("quiet", "quiet"))

    crowd.let_go()

    assert crowd.done == ["loud 0", "quiet", "loud 1", "loud 2"]


@pytest.mark.threat(row=10)
def test_r4_who_is_known_passes_strangers_with_a_new_network_each_time(crowd: Crowd) -> None:
    for number in range(3):
        crowd.want(f"stranger {number}", Flow(f"{number}", f"network {number}"))
    for number in range(queues.HEAD_START + 1):
        crowd.want(f"ada {number}", Flow("ada", "home", is_known=True))

    crowd.let_go()

    before, after = crowd.done[: queues.HEAD_START], crowd.done[queues.HEAD_START :]
    assert before == [f"ada {number}" for number in range(queues.HEAD_START)]
    assert after == ["stranger 0", "stranger 1", "stranger 2", f"ada {queues.HEAD_START}"]


@pytest.mark.threat(row=10)
def test_r4_an_owner_who_came_nineteen_times_of_late_passes_a_queue_full_of_strangers() -> None:
    crowd = Crowd(most_waiting=3)
    for _ in range(19):
        crowd.queue._of_people.add("ada", 1)
        crowd.queue._of_networks.add("home", 1)
    for name in ("one", "two", "three", "four"):
        crowd.want(name, Flow(name, name))
    ada = crowd.want("ada", Flow("ada", "home", is_known=True))

    crowd.let_go()

    assert ada.exception() is None
    assert crowd.done == ["ada", "one", "two"]


@pytest.mark.threat(row=10)
def test_r4_a_queue_full_of_strangers_has_room_for_who_is_known() -> None:
    crowd = Crowd(most_waiting=2)
    strangers = [crowd.want(name, Flow(name, name)) for name in ("one", "two")]
    ada = crowd.want("ada", Flow("ada", "home", is_known=True))

    crowd.let_go()

    assert [isinstance(stranger.exception(), Unavailable) for stranger in strangers] == [False, True]
    assert ada.exception() is None
    assert crowd.done == ["ada", "one"]


def test_r9_when_the_queue_is_full_the_last_has_to_go() -> None:
    crowd = Crowd(most_waiting=2)
    first, second = crowd.want("ada 0", ADA), crowd.want("ada 1", ADA)
    ben = crowd.want("ben", BEN)

    crowd.let_go()

    assert isinstance(second.exception(), Unavailable)
    assert (first.exception(), ben.exception()) == (None, None)
    assert crowd.done == ["ada 0", "ben"]


def test_who_waits_too_long_is_told_to_come_again_and_nothing_is_done(crowd: Crowd) -> None:
    with pytest.raises(Unavailable):
        crowd.queue.run(lambda: crowd.done.append("late"), ADA, 0.01)

    crowd.let_go()

    assert crowd.done == []


def test_what_has_begun_is_waited_for() -> None:
    queue, answered = FairQueue(1, 10, "test", "Busy."), Event()
    entered = queue._enter(lambda: answered.wait(10), ADA)
    queue._threads.submit(queue._serve)
    wait_until(lambda: queue._working == 1)

    assert not queue._leave(entered)
    answered.set()
    assert entered.done.result(10)


def test_a_place_is_free_again_when_the_work_failed() -> None:
    queue = FairQueue(1, 10, "test", "Busy.")

    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            queue.run(lambda: 1 // 0, ADA, 3)

    assert queue.run(lambda: "done", ADA, 3) == "done"
    wait_until(lambda: len(queue) == 0)


def test_as_many_are_at_work_as_there_are_threads() -> None:
    queue, both, all_three = FairQueue(2, 10, "test", "Busy."), Barrier(2), Barrier(3)

    def wait_in_vain(_: int) -> int:
        with pytest.raises(BrokenBarrierError):
            queue.run(lambda: all_three.wait(0.2), ADA, 5)
        return 1

    assert sorted(together(2, lambda _: queue.run(lambda: both.wait(5), ADA, 5))) == [0, 1]
    assert together(3, wait_in_vain) == [1, 1, 1]
