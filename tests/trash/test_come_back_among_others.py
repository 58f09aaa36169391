"""Trash and sorting by hand: what comes back has its old position, and `id` decides where that is another's by now."""

from typing import Any, NamedTuple

import pytest

from tests.people import Person
from tests.pictures import small_jpeg
from tests.responses import json_of
from tests.trash.life import restore, trash_of


class Shelf(NamedTuple):
    """Three things of a kind that are sorted by hand; photos one by one, others all at once."""

    person: Person
    kind: str
    path: str
    ids: list[str]

    def sort(self, *ids: str) -> None:
        asked = [self.person.put(f"{self.path}/order", {"ids": ids})] if self.kind != "photos" else []
        for place, photo_id in enumerate(ids if self.kind == "photos" else (), 1):
            asked.append(self.person.patch(f"/v1/photos/{photo_id}", {"position": place}))
        assert all(answer.status_code in (200, 204) for answer in asked)

    def add(self) -> str:
        is_photo = self.kind == "photos"
        made = self.person.upload(self.path, small_jpeg()) if is_photo else self.person.post(self.path, {"name": "x"})
        return str(json_of(made)["id"])

    def rows(self, parameters: str = "") -> list[tuple[int, str]]:
        return [(row["position"], row["id"]) for row in self.page(f"{self.path}{parameters}")[self.kind]]

    def page(self, path: str) -> Any:
        return json_of(self.person.get(path))


@pytest.fixture(params=["buckets", "items", "photos"])
def shelf(request: pytest.FixtureRequest, ada: Person) -> Shelf:
    bucket = "" if request.param == "buckets" else ada.make_bucket()["id"]
    path = f"/v1/buckets/{bucket}/items" if bucket else "/v1/buckets"
    if request.param == "photos":
        path = f"/v1/items/{ada.make_item(bucket)['id']}/photos"
    shelf = Shelf(ada, request.param, path, [])
    shelf.ids.extend(shelf.add() for _ in range(3))
    return shelf


def sort_meanwhile(shelf: Shelf) -> None:
    """The second of three is deleted, the others trade places, and it comes back."""
    first, second, third = shelf.ids
    assert shelf.person.delete(f"/v1/{shelf.kind}/{second}").status_code == 204
    shelf.sort(third, first)
    assert restore(shelf.person, trash_of(shelf.person)[0]["id"]).status_code == 200


def test_what_comes_back_after_a_new_order_has_its_position_and_the_id_decides(shelf: Shelf) -> None:
    first, second, third = shelf.ids

    sort_meanwhile(shelf)

    assert shelf.rows() == [(1, third), *sorted([(2, first), (2, second)])]
    assert shelf.kind == "photos" or shelf.rows("?sort=-position") == shelf.rows()[::-1]


def test_pages_neither_skip_nor_repeat_what_has_one_position(shelf: Shelf) -> None:
    sort_meanwhile(shelf)

    pages = [shelf.page(f"{shelf.path}?limit=1")]
    while pages[-1]["next"]:
        pages.append(shelf.page(pages[-1]["next"]))
    back = [pages[-1]]
    while back[-1]["previous"]:
        back.append(shelf.page(back[-1]["previous"]))

    told = [(row["position"], row["id"]) for page in pages for row in page[shelf.kind]]
    assert told == shelf.rows()
    assert [page[shelf.kind] for page in back] == [page[shelf.kind] for page in pages[::-1]]


def test_the_next_order_gives_each_a_position_of_its_own(shelf: Shelf) -> None:
    sort_meanwhile(shelf)

    shelf.sort(*shelf.ids)

    assert shelf.rows() == list(enumerate(shelf.ids, 1))


def test_what_is_new_comes_behind_what_lies_in_the_trash(shelf: Shelf) -> None:
    last = shelf.ids[-1]
    shelf.person.delete(f"/v1/{shelf.kind}/{last}")
    new = shelf.add()

    restore(shelf.person, trash_of(shelf.person)[0]["id"])

    assert shelf.rows() == list(enumerate([*shelf.ids, new], 1))
