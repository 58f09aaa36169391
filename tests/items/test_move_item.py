"""Route `PATCH /v1/items/{itemId}` with `bucketId`: an item moves to another bucket."""

import pytest

from bucketlist.kit.ids import new_id
from tests.people import Person
from tests.responses import errors_of, json_of

WRITES = pytest.mark.parametrize("method", ["PUT", "PATCH"])


@WRITES
def test_ada_moves_an_item_to_the_end_of_another_bucket(ada: Person, method: str) -> None:
    here, there = ada.make_bucket()["id"], ada.make_bucket()["id"]
    item, stays = ada.make_item(here, "Moved"), ada.make_item(here)
    others = [ada.make_item(there) for _ in range(3)]

    moved = json_of(ada.ask(method, f"/v1/items/{item['id']}", {"name": "Moved", "bucketId": there}))

    assert moved == item | {"bucketId": there, "position": 4, "modifiedAt": moved["modifiedAt"]}
    assert moved["modifiedAt"] > item["modifiedAt"]
    assert json_of(ada.get(f"/v1/buckets/{there}/items"))["items"] == [*others, moved]
    assert json_of(ada.get(f"/v1/buckets/{here}/items"))["items"] == [stays]


@WRITES
def test_ada_moves_nothing_by_naming_the_bucket_where_it_is(ada: Person, method: str) -> None:
    bucket = ada.make_bucket()["id"]
    item = ada.make_item(bucket, "Stays")
    ada.make_item(bucket)
    etag = ada.get(f"/v1/items/{item['id']}").headers["ETag"]

    response = ada.ask(method, f"/v1/items/{item['id']}", {"name": "Stays", "bucketId": bucket})

    assert json_of(response) == item
    assert response.headers["ETag"] == etag


def test_ada_finds_an_item_last_when_it_comes_back(ada: Person) -> None:
    here, there = ada.make_bucket()["id"], ada.make_bucket()["id"]
    item, stays = ada.make_item(here), ada.make_item(here)

    for bucket in (there, here):
        ada.patch(f"/v1/items/{item['id']}", {"bucketId": bucket})

    found = json_of(ada.get(f"/v1/buckets/{here}/items"))["items"]
    assert [row["id"] for row in found] == [stays["id"], item["id"]]


@WRITES
@pytest.mark.parametrize("made_up", ["", "nonsense", "00000000-0000-0000-0000-000000000000", "a\u0000b"])
def test_f25_ada_is_told_that_a_bucket_in_the_body_is_not_there(ada: Person, method: str, made_up: str) -> None:
    item = ada.make_item(ada.make_bucket()["id"], "Stays")

    response = ada.ask(method, f"/v1/items/{item['id']}", {"name": "Changed", "bucketId": made_up or new_id()})

    assert errors_of(response) == [("/bucketId", "bucket_not_found")]
    assert json_of(ada.get(f"/v1/items/{item['id']}")) == item


@WRITES
def test_f25_cleo_cannot_move_her_item_to_adas_bucket(ada: Person, cleo: Person, method: str) -> None:
    adas = ada.make_bucket()
    item = cleo.make_item(cleo.make_bucket()["id"], "Stays")

    foreign = cleo.ask(method, f"/v1/items/{item['id']}", {"name": "Stays", "bucketId": adas["id"]}, X_Request_Id="r")
    unknown = cleo.ask(method, f"/v1/items/{item['id']}", {"name": "Stays", "bucketId": new_id()}, X_Request_Id="r")

    assert (foreign.status_code, foreign.data) == (unknown.status_code, unknown.data)
    assert errors_of(foreign) == [("/bucketId", "bucket_not_found")]
    assert json_of(ada.get(f"/v1/buckets/{adas['id']}"))["itemCount"] == 0


@WRITES
@pytest.mark.parametrize("bucket", [None, 1, True, [], {}])
def test_ada_cannot_move_an_item_to_what_is_no_id(ada: Person, method: str, bucket: object) -> None:
    item = ada.make_item(ada.make_bucket()["id"])

    response = ada.ask(method, f"/v1/items/{item['id']}", {"name": "x", "bucketId": bucket})

    assert [pointer for pointer, _ in errors_of(response)] == ["/bucketId"]


def test_ada_keeps_an_item_that_she_moved_before_she_deleted_its_old_bucket(ada: Person) -> None:
    here, there = ada.make_bucket()["id"], ada.make_bucket()["id"]
    item = ada.make_item(here)
    ada.patch(f"/v1/items/{item['id']}", {"bucketId": there})

    ada.delete(f"/v1/buckets/{here}")

    assert json_of(ada.get(f"/v1/items/{item['id']}"))["bucketId"] == there


@WRITES
def test_f25_an_item_that_is_not_there_comes_before_a_bucket_that_is_not(ada: Person, method: str) -> None:
    response = ada.ask(method, f"/v1/items/{new_id()}", {"name": "x", "bucketId": new_id()})

    assert (response.status_code, json_of(response)["code"]) == (404, "not_found")


def test_f25_a_bucket_in_the_address_that_is_not_there_is_404(ada: Person) -> None:
    response = ada.post(f"/v1/buckets/{new_id()}/items", {"name": "x"})

    assert (response.status_code, json_of(response)["code"]) == (404, "not_found")
