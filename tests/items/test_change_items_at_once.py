"""Concurrent changes of items: nobody's is lost, nobody waits for ever, nobody is told of our troubles."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import pytest

from bucketlist.kit.http.openapi import ApiApp
from bucketlist.kit.ids import new_id
from tests.concurrency import together
from tests.people import Person
from tests.responses import json_of

T = TypeVar("T")


def at_once(app: ApiApp, person: Person, count: int, work: Callable[[Person, int], T]) -> list[T]:
    """What `work` gives for each of `count` devices of a person, which begin together."""
    return together(count, lambda number: work(replace(person, client=app.test_client()), number))


def test_ada_keeps_both_of_two_changes_at_once(app: ApiApp, ada: Person) -> None:
    path = f"/v1/items/{ada.make_item(ada.make_bucket()['id'])['id']}"

    def change(device: Person, which: int) -> list[int]:
        field = ("name", "description")[which]
        return [device.patch(path, {field: f"{field} {turn}"}).status_code for turn in range(50)]

    statuses = at_once(app, ada, 2, change)

    item = json_of(ada.get(path))
    assert statuses == [[200] * 50] * 2
    assert (item["name"], item["description"]) == ("name 49", "description 49")


def test_ada_changes_one_item_from_twenty_devices_without_looking(app: ApiApp, ada: Person) -> None:
    path = f"/v1/items/{ada.make_item(ada.make_bucket()['id'])['id']}"

    def change(device: Person, number: int) -> list[int]:
        return [device.patch(path, {"name": f"{number} {turn}"}).status_code for turn in range(5)]

    statuses = Counter(status for found in at_once(app, ada, 20, change) for status in found)

    assert statuses == {200: 100}


def test_ada_makes_one_item_of_twenty_with_the_same_id(app: ApiApp, ada: Person) -> None:
    bucket, item_id = ada.make_bucket()["id"], new_id()

    responses = at_once(
        app,
        ada,
        20,
        lambda device, number: device.post(f"/v1/buckets/{bucket}/items", {"id": item_id, "name": str(number)}),
    )

    assert Counter(response.status_code for response in responses) == {201: 1, 409: 19}
    assert json_of(ada.get(f"/v1/buckets/{bucket}"))["itemCount"] == 1


def test_ada_makes_many_items_at_once_and_finds_them_all(app: ApiApp, ada: Person) -> None:
    bucket = ada.make_bucket()["id"]

    def make_ten(device: Person, number: int) -> list[str]:
        return [device.make_item(bucket, f"{number} {turn}")["id"] for turn in range(10)]

    made = {item_id for ids in at_once(app, ada, 10, make_ten) for item_id in ids}

    page = json_of(ada.get(f"/v1/buckets/{bucket}/items?limit=100"))
    assert {item["id"] for item in page["items"]} == made
    assert json_of(ada.get(f"/v1/buckets/{bucket}"))["itemCount"] == 100


@pytest.mark.parametrize("turn", range(5))
def test_ada_deletes_a_bucket_once_while_items_come_and_go(app: ApiApp, ada: Person, turn: int) -> None:
    here, there = ada.make_bucket()["id"], ada.make_bucket()["id"]
    item = ada.make_item(there)["id"]
    requests: list[tuple[str, str, dict[str, str] | None]] = [
        ("DELETE", f"/v1/buckets/{here}", None),
        ("DELETE", f"/v1/buckets/{here}/", None),
        ("POST", f"/v1/buckets/{here}/items", {"name": "x"}),
        ("PATCH", f"/v1/items/{item}", {"bucketId": here}),
    ]

    responses = at_once(app, ada, 4, lambda device, which: device.ask(*requests[which]))

    statuses = [response.status_code for response in responses]
    assert sorted(statuses[:2]) == [204, 404]
    assert statuses[2] in (201, 404)
    assert statuses[3] in (200, 422)
    assert ada.get(f"/v1/items/{item}").status_code in (200, 404)
