"""Route `GET /v1/items/{itemId}`, and the two lists of items."""

import pytest

from bucketlist.kit.ids import new_id
from tests.people import Person
from tests.responses import json_of


@pytest.mark.parametrize("slash", ["", "/"])
def test_ada_reads_an_item(ada: Person, slash: str) -> None:
    item = ada.make_item(ada.make_bucket()["id"], description="In February.")

    response = ada.get(f"/v1/items/{item['id']}{slash}")

    assert json_of(response) == item


def test_cleo_cannot_read_adas_item(ada: Person, cleo: Person) -> None:
    item = ada.make_item(ada.make_bucket()["id"])

    response = cleo.get(f"/v1/items/{item['id']}")

    assert (response.status_code, json_of(response)["code"]) == (404, "not_found")


def test_ada_lists_the_items_of_one_bucket_or_of_all(ada: Person) -> None:
    first, second, empty = (ada.make_bucket()["id"] for _ in range(3))
    items = [ada.make_item(first, "a"), ada.make_item(second, "b"), ada.make_item(first, "c")]

    lists = [
        json_of(ada.get(f"/v1/{path}?sort=name"))
        for path in (f"buckets/{first}/items", f"buckets/{empty}/items", "items")
    ]

    assert [page["items"] for page in lists] == [[items[0], items[2]], [], items]
    assert [page["count"] for page in lists] == [2, 0, 3]


def test_ada_finds_no_list_in_a_bucket_that_was_never_there(ada: Person) -> None:
    response = ada.get(f"/v1/buckets/{new_id()}/items")

    assert response.status_code == 404


def test_cleo_sees_none_of_adas_items(ada: Person, cleo: Person) -> None:
    bucket = ada.make_bucket()
    ada.make_item(bucket["id"])

    assert cleo.get(f"/v1/buckets/{bucket['id']}/items").status_code == 404
    assert json_of(cleo.get("/v1/items"))["items"] == []
    assert json_of(cleo.get("/v1/items?q=lights"))["count"] == 0
