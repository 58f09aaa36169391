"""Route `DELETE /v1/items/{itemId}`."""

import pytest

from tests.people import Person
from tests.responses import json_of


@pytest.mark.parametrize("slash", ["", "/"])
def test_ada_deletes_an_item(ada: Person, slash: str) -> None:
    bucket = ada.make_bucket()
    gone, kept = ada.make_item(bucket["id"]), ada.make_item(bucket["id"])

    response = ada.delete(f"/v1/items/{gone['id']}{slash}")

    assert (response.status_code, response.data) == (204, b"")
    assert "Content-Type" not in response.headers
    assert ada.get(f"/v1/items/{gone['id']}").status_code == 404
    assert json_of(ada.get("/v1/items"))["items"] == [kept]


def test_ada_cannot_delete_an_item_twice(ada: Person) -> None:
    item = ada.make_item(ada.make_bucket()["id"])

    statuses = [ada.delete(f"/v1/items/{item['id']}").status_code for _ in range(2)]

    assert statuses == [204, 404]


def test_cleo_cannot_delete_adas_item(ada: Person, cleo: Person) -> None:
    item = ada.make_item(ada.make_bucket()["id"])

    response = cleo.delete(f"/v1/items/{item['id']}")

    assert response.status_code == 404
    assert json_of(ada.get(f"/v1/items/{item['id']}")) == item
