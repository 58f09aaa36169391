"""Routes of buckets: create, read, replace, change, delete, and what is counted in them."""

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
        *("id", "name", "description", "archived", "position", "itemCount", "doneCount", "createdAt", "modifiedAt")
    ]
    assert made["description"] == "Where the *maps* end."
    assert [made[name] for name in ("position", "itemCount", "doneCount")] == [1, 0, 0]
    assert json_of(ada.get(response.headers["Location"])) == made


def test_ada_makes_a_bucket_with_a_name_only(ada: Person) -> None:
    made = json_of(ada.post("/v1/buckets", {"name": "Far away"}))

    assert (made["name"], made["description"]) == ("Far away", None)


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


def counts_seen_by(person: Person, bucket_id: str) -> tuple[int, int]:
    bucket = json_of(person.get(f"/v1/buckets/{bucket_id}"))
    listed = json_of(person.get("/v1/buckets"))["buckets"]
    assert bucket in listed
    return bucket["itemCount"], bucket["doneCount"]


def test_ada_reads_a_bucket(ada: Person) -> None:
    bucket = ada.make_bucket("Far away", description="Where the maps end.")

    response = ada.get(f"/v1/buckets/{bucket['id']}")

    assert json_of(response) == bucket


def test_ada_sees_how_many_items_there_are_and_how_many_are_done(ada: Person) -> None:
    bucket, other = ada.make_bucket()["id"], ada.make_bucket()["id"]
    seen = [counts_seen_by(ada, bucket)]
    first, second = ada.make_item(bucket)["id"], ada.make_item(bucket, state="done")["id"]
    seen.append(counts_seen_by(ada, bucket))
    for path, body in (
        (f"/v1/items/{first}", {"state": "done"}),
        (f"/v1/items/{second}", {"state": "open"}),
        (f"/v1/items/{first}", {"bucketId": other}),
    ):
        ada.patch(path, body)
        seen.append(counts_seen_by(ada, bucket))
    ada.delete(f"/v1/items/{second}")

    assert seen == [(0, 0), (2, 1), (2, 2), (2, 1), (1, 0)]
    assert (counts_seen_by(ada, bucket), counts_seen_by(ada, other)) == ((0, 0), (1, 1))


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/v1/buckets/{bucket}/items", {"name": "One more"}),
        ("PATCH", "/v1/items/{item}", {"state": "done"}),
        ("PATCH", "/v1/items/{item}", {"bucketId": "{other}"}),
        ("DELETE", "/v1/items/{item}", None),
    ],
)
def test_ada_sees_in_the_etag_but_not_in_modified_at_that_an_item_changed(
    ada: Person, method: str, path: str, body: dict[str, str] | None
) -> None:
    names = {"bucket": ada.make_bucket()["id"], "other": ada.make_bucket()["id"]}
    names["item"] = ada.make_item(names["bucket"])["id"]
    before = ada.get(f"/v1/buckets/{names['bucket']}")

    ada.ask(method, path.format(**names), body and {key: value.format(**names) for key, value in body.items()})
    after = ada.get(f"/v1/buckets/{names['bucket']}", If_None_Match=before.headers["ETag"])

    assert after.status_code == 200
    assert after.headers["ETag"] != before.headers["ETag"]
    assert json_of(after)["modifiedAt"] == json_of(before)["modifiedAt"]


def test_ada_sees_the_same_etag_when_only_the_name_of_an_item_changed(ada: Person) -> None:
    bucket = ada.make_bucket()
    item = ada.make_item(bucket["id"])
    before = ada.get(f"/v1/buckets/{bucket['id']}")

    ada.patch(f"/v1/items/{item['id']}", {"name": "Changed"})

    assert ada.get(f"/v1/buckets/{bucket['id']}").headers["ETag"] == before.headers["ETag"]


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


def test_ada_deletes_a_bucket(ada: Person) -> None:
    bucket = ada.make_bucket()
    path = f"/v1/buckets/{bucket['id']}"

    response = ada.delete(path)

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


def test_ada_makes_a_bucket_again_under_an_old_id_and_finds_it_empty(ada: Person) -> None:
    bucket = ada.make_bucket()
    ada.make_item(bucket["id"])
    ada.delete(f"/v1/buckets/{bucket['id']}")
    ada.delete("/v1/trash")

    again = ada.make_bucket("Again", id=bucket["id"])

    assert (again["name"], again["itemCount"]) == ("Again", 0)


def counts(bucket: dict[str, object]) -> tuple[object, object]:
    return bucket["itemCount"], bucket["doneCount"]


def test_ada_sees_the_counts_of_each_bucket_and_not_bens(ada: Person, ben: Person) -> None:
    full, empty = ada.make_bucket()["id"], ada.make_bucket()["id"]
    for state in ("done", "open", "open"):
        ada.make_item(full, state=state)
    for bucket in (full, empty):
        ben.make_bucket(id=bucket)
        ben.make_item(bucket, state="done")

    listed = json_of(ada.get("/v1/buckets"))["buckets"]
    read = [json_of(ada.get(f"/v1/buckets/{bucket}")) for bucket in (full, empty)]

    assert [counts(bucket) for bucket in listed] == [(3, 1), (0, 0)]
    assert [counts(bucket) for bucket in read] == [(3, 1), (0, 0)]


def test_ada_finds_a_new_item_last_of_her_own(ada: Person, ben: Person) -> None:
    bucket = ada.make_bucket()["id"]
    ben.make_bucket(id=bucket)
    for _ in range(3):
        ben.make_item(bucket)

    assert ada.make_item(bucket)["position"] == 1
    assert ada.make_item(ada.make_bucket()["id"])["position"] == 1
