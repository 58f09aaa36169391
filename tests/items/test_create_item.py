"""Route `POST /v1/buckets/{bucketId}/items`."""

import pytest

from bucketlist.kit.ids import new_id
from tests.conftest import on_both_paths
from tests.people import Person
from tests.responses import errors_of, json_of


@on_both_paths
def test_ada_adds_an_item(ada: Person, base_path: str) -> None:
    bucket = ada.make_bucket()

    response = ada.post(
        f"/v1/buckets/{bucket['id']}/items",
        {"name": "See the northern lights", "description": "In *February*.", "state": "done"},
    )

    made = json_of(response)
    assert response.status_code == 201
    assert response.headers["Location"] == f"{base_path}/v1/items/{made['id']}"
    assert list(made) == [*("id", "bucketId", "name", "description", "state", "position", "createdAt", "modifiedAt")]
    assert (made["bucketId"], made["state"], made["position"]) == (bucket["id"], "done", 1)
    assert json_of(ada.get(response.headers["Location"])) == made


def test_ada_adds_an_item_that_is_open_unless_she_says_else(ada: Person) -> None:
    made = ada.make_item(ada.make_bucket()["id"])

    assert (made["state"], made["description"]) == ("open", None)


@pytest.mark.parametrize("state", ["Done", "finished", "", " done", None, True, 1, [], "doing", "dropped"])
def test_ada_cannot_add_an_item_in_another_state(ada: Person, state: object) -> None:
    bucket = ada.make_bucket()

    response = ada.post(f"/v1/buckets/{bucket['id']}/items", {"name": "x", "state": state})

    assert [pointer for pointer, _ in errors_of(response)] == ["/state"]


def test_ada_finds_a_new_item_last_in_its_bucket(ada: Person) -> None:
    first, second = ada.make_bucket()["id"], ada.make_bucket()["id"]

    positions = [ada.make_item(bucket)["position"] for bucket in (first, second, first, first, second)]

    assert positions == [1, 1, 2, 3, 2]


def test_ada_adds_an_item_with_a_slash_at_the_end(ada: Person) -> None:
    response = ada.post(f"/v1/buckets/{ada.make_bucket()['id']}/items/", {"name": "x"})

    assert response.status_code == 201


def test_ada_cannot_say_the_bucket_twice(ada: Person) -> None:
    bucket = ada.make_bucket()

    response = ada.post(f"/v1/buckets/{bucket['id']}/items", {"name": "x", "bucketId": bucket["id"]})

    assert errors_of(response) == [("/bucketId", "extra_forbidden")]


def test_ada_cannot_add_an_item_to_a_bucket_that_was_never_there(ada: Person) -> None:
    response = ada.post(f"/v1/buckets/{new_id()}/items", {"name": "x"})

    assert (response.status_code, json_of(response)["code"]) == (404, "not_found")


def test_cleo_cannot_add_an_item_to_adas_bucket(ada: Person, cleo: Person) -> None:
    bucket = ada.make_bucket()

    response = cleo.post(f"/v1/buckets/{bucket['id']}/items", {"name": "x"})

    assert response.status_code == 404
    assert json_of(ada.get(f"/v1/buckets/{bucket['id']}"))["itemCount"] == 0


def test_cleo_learns_nothing_of_adas_ids_by_using_them(ada: Person, cleo: Person) -> None:
    hers = ada.make_item(ada.make_bucket()["id"])
    bucket = cleo.make_bucket()

    made = cleo.make_item(bucket["id"], id=hers["id"])

    assert made["id"] == hers["id"]
    assert json_of(ada.get(f"/v1/items/{hers['id']}")) == hers
