"""Quota checks take time, so a worker does them now and then; near the bound, each time."""

from collections.abc import Callable
from itertools import groupby

import pytest

from bucketlist.auth.actor import Actor
from bucketlist.limits import quotas
from bucketlist.limits.quotas import ALLOWANCE_SECONDS, Quota

MOST = 100_000
FAR = MOST - 5_000
UNSEEN = 31  # after a look that found room


class NoRoom(Exception):
    """The row would be one too many."""


class Shelf:
    """What a person holds, and how many rows each that was added was allowed to find; None is one without a look."""

    def __init__(self, quota: Quota, person: str = "ada", *, held: int = 0) -> None:
        self.actor = Actor(person, "session", "token", 0, "write")
        self.quota, self.held = quota, held
        self.looks: list[int | None] = []

    def add(self, *, meanwhile: Callable[[], None] = lambda: None) -> None:
        """`meanwhile` happens while the database looks. Raises: `NoRoom`."""

        def insert(at_most: int | None) -> int | None:
            self.looks.append(at_most)
            meanwhile()
            if at_most is not None and self.held > at_most:
                return None
            self.held += 1
            return self.held

        self.quota.add(self.actor, insert, refuse)

    def add_many(self, count: int) -> None:
        for _ in range(count):
            self.add()

    def runs(self) -> list[tuple[int | None, int]]:
        """The looks, and how many times in a row."""
        return [(look, len(list(same))) for look, same in groupby(self.looks)]

    def find_no_room(self) -> None:
        held, self.held = self.held, MOST
        with pytest.raises(NoRoom):
            self.add()
        self.held = held


def refuse() -> None:
    raise NoRoom


@pytest.fixture(autouse=True)
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Lets so many seconds go by; by itself time stands still."""
    now = [0.0]
    monkeypatch.setattr(quotas, "monotonic", lambda: now[0])

    def go_by(seconds: float) -> None:
        now[0] += seconds

    return go_by


@pytest.fixture
def shelf() -> Shelf:
    return Shelf(Quota(MOST))


def test_one_in_thirty_two_is_looked_at(shelf: Shelf) -> None:
    shelf.add_many(96)

    assert shelf.runs() == [(FAR, 1), (None, UNSEEN)] * 3


def test_no_look_is_good_for_longer_than_a_second_as_other_workers_add_as_well(
    shelf: Shelf, later: Callable[[float], None]
) -> None:
    shelf.add_many(2)
    shelf.held = MOST

    later(ALLOWANCE_SECONDS)

    with pytest.raises(NoRoom):
        shelf.add()
    assert shelf.looks[:2] == [FAR, None]


def test_a_second_counts_from_when_the_look_began(shelf: Shelf, later: Callable[[float], None]) -> None:
    shelf.add(meanwhile=lambda: later(ALLOWANCE_SECONDS))

    shelf.add()

    assert shelf.looks == [FAR, FAR]


def test_a_look_leaves_room_for_what_others_have_on_its_way(shelf: Shelf) -> None:
    shelf.held = FAR

    shelf.add()

    with pytest.raises(NoRoom):
        Shelf(Quota(MOST), held=FAR + 1).add()


def test_a_small_bound_is_near_from_the_first_row_on() -> None:
    shelf = Shelf(Quota(300))

    shelf.add()

    assert shelf.looks == [0]


def test_each_person_is_looked_at(shelf: Shelf) -> None:
    ben = Shelf(shelf.quota, "ben")

    shelf.add()
    ben.add()

    assert ben.looks == [FAR]


def test_who_has_come_near_the_bound_is_looked_at_each_time(shelf: Shelf) -> None:
    for _ in range(3):
        shelf.find_no_room()

    assert shelf.looks == [FAR] * 3


def test_of_looks_at_the_same_moment_one_counts(shelf: Shelf) -> None:
    shelf.add(meanwhile=lambda: shelf.add_many(2) if len(shelf.looks) == 1 else None)
    shelf.add_many(UNSEEN + 1)

    assert shelf.runs() == [(FAR, 3), (None, UNSEEN), (FAR, 1)]


def test_a_look_does_not_count_when_another_found_no_room_since_it_began(shelf: Shelf) -> None:
    shelf.add(meanwhile=lambda: shelf.find_no_room() if len(shelf.looks) == 1 else None)
    shelf.add_many(UNSEEN + 2)

    assert shelf.runs() == [(FAR, 3), (None, UNSEEN), (FAR, 1)]


def test_a_look_that_began_after_room_was_missing_counts_although_an_older_one_ends_later(shelf: Shelf) -> None:
    def let_two_come() -> None:
        if len(shelf.looks) == 1:
            shelf.find_no_room()
            shelf.add()

    shelf.add(meanwhile=let_two_come)
    shelf.add_many(UNSEEN + 1)

    assert shelf.runs() == [(FAR, 3), (None, UNSEEN), (FAR, 1)]


def test_a_look_that_fails_is_made_again(shelf: Shelf) -> None:
    def fail() -> None:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        shelf.add(meanwhile=fail)
    shelf.add_many(2)

    assert shelf.looks == [FAR, FAR, None]


def test_so_many_people_are_remembered_and_then_all_are_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quotas, "REMEMBERED_PEOPLE", 2)
    quota = Quota(MOST)
    ada, ben, eve = (Shelf(quota, name) for name in ("ada", "ben", "eve"))

    for person in (ada, ben, ada, ben, eve, ada):
        person.add()

    assert ada.looks == [FAR, None, FAR]
    assert ben.looks == [FAR, None]
