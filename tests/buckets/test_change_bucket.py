"""Routes `PUT` and `PATCH /v1/buckets/{bucketId}`."""

import pytest

from tests.people import Person
from tests.responses import json_of


def test_ada_changes_one_field_and_keeps_the_other(ada: Person) -> None:
    bucket = ada.make_bucket("Far away", description="Where the maps end.")
    path = f"/v1/buckets/{bucket['id']}"

    renamed = json_of(ada.patch(path, {"name": "Further away"}))
    described = json_of(ada.patch(path, {"description": "Beyond."}))

    assert (renamed["name"], renamed["description"]) == ("Further away", "Where the maps end.")
    assert (described["name"], described["description"]) == ("Further away", "Beyond.")
    assert json_of(ada.get(path)) == described


def test_ada_replaces_a_bucket_and_empties_what_she_leaves_away(ada: Person) -> None:
    bucket = ada.make_bucket("Far away", description="Where the maps end.")

    replaced = json_of(ada.put(f"/v1/buckets/{bucket['id']}", {"name": "Further away"}))

    assert (replaced["name"], replaced["description"]) == ("Further away", None)
    assert [replaced[name] for name in ("id", "position", "createdAt")] == [
        bucket[name] for name in ("id", "position", "createdAt")
    ]


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_ada_sees_the_counts_of_what_she_changed(ada: Person, method: str) -> None:
    bucket = ada.make_bucket()
    ada.make_item(bucket["id"], state="done")
    ada.make_item(bucket["id"])

    changed = json_of(ada.ask(method, f"/v1/buckets/{bucket['id']}", {"name": "Changed"}))

    assert (changed["itemCount"], changed["doneCount"]) == (2, 1)


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_ada_changes_a_bucket_with_a_slash_at_the_end(ada: Person, method: str) -> None:
    bucket = ada.make_bucket()

    response = ada.ask(method, f"/v1/buckets/{bucket['id']}/", {"name": "Changed"})

    assert json_of(response)["name"] == "Changed"


def test_ada_changes_a_bucket_by_a_merge_patch(ada: Person) -> None:
    bucket = ada.make_bucket("Far away", description="Where the maps end.")

    response = ada.patch(
        f"/v1/buckets/{bucket['id']}", {"description": None}, Content_Type="application/merge-patch+json"
    )

    assert (json_of(response)["name"], json_of(response)["description"]) == ("Far away", None)


def test_ada_cannot_replace_a_bucket_by_a_merge_patch(ada: Person) -> None:
    bucket = ada.make_bucket()

    response = ada.put(f"/v1/buckets/{bucket['id']}", {"name": "x"}, Content_Type="application/merge-patch+json")

    assert response.status_code == 415


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_cleo_cannot_change_adas_bucket(ada: Person, cleo: Person, method: str) -> None:
    bucket = ada.make_bucket()

    response = cleo.ask(method, f"/v1/buckets/{bucket['id']}", {"name": "Changed"})

    assert response.status_code == 404
    assert json_of(ada.get(f"/v1/buckets/{bucket['id']}")) == bucket
