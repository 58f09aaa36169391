"""Route `DELETE /v1/buckets/{bucketId}`."""

import pytest

from tests.people import Person
from tests.responses import json_of


@pytest.mark.parametrize("slash", ["", "/"])
def test_ada_deletes_a_bucket(ada: Person, slash: str) -> None:
    bucket = ada.make_bucket()
    path = f"/v1/buckets/{bucket['id']}"

    response = ada.delete(f"{path}{slash}")

    assert (response.status_code, response.data) == (204, b"")
    assert "Content-Type" not in response.headers
    assert ada.get(path).status_code == 404
    assert json_of(ada.get("/v1/buckets"))["count"] == 0


def test_ada_deletes_the_items_of_a_bucket_with_it(ada: Person) -> None:
    bucket, other = ada.make_bucket(), ada.make_bucket()
    gone, kept = ada.make_item(bucket["id"]), ada.make_item(other["id"])

    ada.delete(f"/v1/buckets/{bucket['id']}")

    assert ada.get(f"/v1/items/{gone['id']}").status_code == 404
    assert ada.get(f"/v1/buckets/{bucket['id']}/items").status_code == 404
    assert json_of(ada.get("/v1/items"))["items"] == [kept]


def test_ada_leaves_bens_bucket_of_the_same_id(ada: Person, ben: Person) -> None:
    bucket = ada.make_bucket()
    his = ben.make_bucket(id=bucket["id"])
    ben.make_item(his["id"])

    ada.delete(f"/v1/buckets/{bucket['id']}")

    assert json_of(ben.get(f"/v1/buckets/{his['id']}"))["itemCount"] == 1


def test_ada_cannot_delete_a_bucket_twice(ada: Person) -> None:
    bucket = ada.make_bucket()

    statuses = [ada.delete(f"/v1/buckets/{bucket['id']}").status_code for _ in range(2)]

    assert statuses == [204, 404]


def test_ada_makes_a_bucket_again_under_an_old_id_and_finds_it_empty(ada: Person) -> None:
    bucket = ada.make_bucket()
    ada.make_item(bucket["id"])
    ada.delete(f"/v1/buckets/{bucket['id']}")

    again = ada.make_bucket("Again", id=bucket["id"])

    assert (again["name"], again["itemCount"]) == ("Again", 0)


def test_cleo_cannot_delete_adas_bucket(ada: Person, cleo: Person) -> None:
    bucket = ada.make_bucket()

    response = cleo.delete(f"/v1/buckets/{bucket['id']}")

    assert response.status_code == 404
    assert json_of(ada.get(f"/v1/buckets/{bucket['id']}")) == bucket
