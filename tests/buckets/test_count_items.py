"""Aggregate counts: each bucket counts the items that are in it and belong to its owner, whatever has the same id."""

from tests.people import Person
from tests.responses import json_of


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
