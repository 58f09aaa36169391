"""Route `GET /v1/buckets/{bucketId}`, and what is counted in it."""

import pytest

from tests.people import Person
from tests.responses import json_of


def counts(person: Person, bucket_id: str) -> tuple[int, int]:
    bucket = json_of(person.get(f"/v1/buckets/{bucket_id}"))
    listed = json_of(person.get("/v1/buckets"))["buckets"]
    assert bucket in listed
    return bucket["itemCount"], bucket["doneCount"]


@pytest.mark.parametrize("slash", ["", "/"])
def test_ada_reads_a_bucket(ada: Person, slash: str) -> None:
    bucket = ada.make_bucket("Far away", description="Where the maps end.")

    response = ada.get(f"/v1/buckets/{bucket['id']}{slash}")

    assert json_of(response) == bucket


def test_ada_sees_how_many_items_there_are_and_how_many_are_done(ada: Person) -> None:
    bucket, other = ada.make_bucket()["id"], ada.make_bucket()["id"]
    seen = [counts(ada, bucket)]
    first, second = ada.make_item(bucket)["id"], ada.make_item(bucket, state="done")["id"]
    seen.append(counts(ada, bucket))
    for path, body in (
        (f"/v1/items/{first}", {"state": "done"}),
        (f"/v1/items/{second}", {"state": "open"}),
        (f"/v1/items/{first}", {"bucketId": other}),
    ):
        ada.patch(path, body)
        seen.append(counts(ada, bucket))
    ada.delete(f"/v1/items/{second}")

    assert seen == [(0, 0), (2, 1), (2, 2), (2, 1), (1, 0)]
    assert (counts(ada, bucket), counts(ada, other)) == ((0, 0), (1, 1))


def test_ada_sees_no_item_of_bens_in_her_counts(ada: Person, ben: Person) -> None:
    bucket = ada.make_bucket()
    ben.make_bucket(id=bucket["id"])
    ben.make_item(bucket["id"], state="done")

    assert counts(ada, bucket["id"]) == (0, 0)
    assert counts(ben, bucket["id"]) == (1, 1)


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


def test_cleo_cannot_read_adas_bucket(ada: Person, cleo: Person) -> None:
    bucket = ada.make_bucket()

    response = cleo.get(f"/v1/buckets/{bucket['id']}")

    assert (response.status_code, json_of(response)["code"]) == (404, "not_found")
