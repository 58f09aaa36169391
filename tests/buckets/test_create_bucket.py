"""Route `POST /v1/buckets`."""

import pytest

from tests.conftest import on_both_paths
from tests.people import Person
from tests.responses import json_of


@on_both_paths
def test_ada_makes_a_bucket(ada: Person, base_path: str) -> None:
    response = ada.post("/v1/buckets", {"name": "Far away", "description": "Where the *maps* end.\n"})

    made = json_of(response)
    assert response.status_code == 201
    assert response.headers["Location"] == f"{base_path}/v1/buckets/{made['id']}"
    assert list(made) == [
        *("id", "name", "description", "position", "itemCount", "doneCount", "createdAt", "modifiedAt")
    ]
    assert made["description"] == "Where the *maps* end."
    assert [made[name] for name in ("position", "itemCount", "doneCount")] == [1, 0, 0]
    assert json_of(ada.get(response.headers["Location"])) == made


def test_ada_makes_a_bucket_with_a_name_only(ada: Person) -> None:
    made = json_of(ada.post("/v1/buckets", {"name": "Far away"}))

    assert (made["name"], made["description"]) == ("Far away", None)


def test_ada_makes_a_bucket_with_a_slash_at_the_end(ada: Person) -> None:
    response = ada.post("/v1/buckets/", {"name": "Far away"})

    assert response.status_code == 201


def test_ada_makes_two_buckets_of_one_name(ada: Person) -> None:
    first, second = ada.make_bucket("Far away"), ada.make_bucket("Far away")

    assert first["id"] != second["id"]


def test_ada_finds_a_new_bucket_last(ada: Person, ben: Person) -> None:
    ben.make_bucket()
    positions = [ada.make_bucket()["position"] for _ in range(3)]
    ada.delete(f"/v1/buckets/{ada.make_bucket()['id']}")

    last = ada.make_bucket("Last")

    assert positions == [1, 2, 3]
    assert json_of(ada.get("/v1/buckets?sort=-position&limit=1"))["buckets"] == [last]


@pytest.mark.parametrize(
    "kind", ["application/x-www-form-urlencoded", "text/plain", "application/merge-patch+json", ""]
)
def test_ada_cannot_make_a_bucket_of_something_else_than_json(ada: Person, kind: str) -> None:
    headers = {"Authorization": f"Bearer {ada.access_token}", "Content-Type": kind}

    response = ada.client.post("/v1/buckets", data=b'{"name": "Far away"}', headers=headers)

    assert (response.status_code, json_of(response)["code"]) == (415, "unsupported_media_type")
    assert json_of(ada.get("/v1/buckets"))["count"] == 0


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", 'application/JSON;charset="UTF-8"'])
def test_ada_can_name_the_charset(ada: Person, kind: str) -> None:
    headers = {"Authorization": f"Bearer {ada.access_token}", "Content-Type": kind}

    response = ada.client.post("/v1/buckets", data='{"name": "Größe"}'.encode(), headers=headers)

    assert json_of(response)["name"] == "Größe"
