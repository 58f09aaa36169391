"""Concurrent writes of entries and items: whatever meets, each count is right and nobody hears of our troubles."""

from collections import Counter
from random import Random
from typing import Any

import pytest

from bucketlist.backup.verify import find_problems
from bucketlist.config import Settings
from bucketlist.kit.db.errors import ConstraintViolation
from bucketlist.kit.http.openapi import ApiApp
from tests.authentication import bearer
from tests.concurrency import together
from tests.fault_injection import failing_at
from tests.people import Person
from tests.responses import code_of, json_of

DEVICES, TURNS = 8, 12
LONG = "x" * 3_000


def requests_of(chance: Random, buckets: list[str], items: list[str], made: list[str]) -> tuple[str, str, Any]:
    """What somebody does next; `made` are entries of anybody."""
    bucket, item, completes = chance.choice(buckets), chance.choice(items), chance.random() < 0.7
    entry = f"/v1/entries/{chance.choice(made)}" if made else "/v1/entries/none"
    story = {"completes": completes, "story": chance.choice(["", LONG]), "keepState": chance.random() < 0.3}
    return chance.choice(
        [
            ("POST", f"/v1/items/{item}/entries", story),
            ("POST", f"/v1/items/{item}/entries", story),
            ("POST", f"/v1/buckets/{bucket}/items", {"name": "x", "entry": {"completes": completes, "story": LONG}}),
            ("PATCH", entry, story),
            ("PUT", entry, story),
            ("DELETE", entry, None),
            ("PATCH", f"/v1/items/{item}", {"bucketId": bucket, "state": chance.choice(["open", "dropped"])}),
            ("PATCH", f"/v1/items/{item}", {"tags": [f"tag {chance.randrange(3)}"], "description": LONG}),
            ("DELETE", f"/v1/items/{item}", None) if chance.random() < 0.2 else ("GET", "/v1/entries", None),
            ("DELETE", f"/v1/buckets/{bucket}", None) if chance.random() < 0.05 else ("GET", "/v1/items", None),
        ]
    )


@pytest.mark.parametrize("seed", range(3))
def test_many_devices_at_one_life_leave_every_count_right(
    app: ApiApp, settings: Settings, ada: Person, seed: int
) -> None:
    buckets = [ada.make_bucket()["id"] for _ in range(3)]
    items = [ada.make_item(buckets[number % 3], times=number + 1)["id"] for number in range(5)]
    made: list[str] = []

    def live(device: int) -> list[int]:
        client, chance, statuses = app.test_client(), Random(f"{seed} {device}"), []
        for _ in range(TURNS):
            method, path, body = requests_of(chance, buckets, items, made)
            answer = client.open(path, method=method, json=body, headers=bearer(ada.access_token))
            made.extend([answer.get_json()["id"]] if answer.status_code == 201 and "entries" in path else [])
            statuses.append(answer.status_code)
        return statuses

    statuses = Counter(status for each in together(DEVICES, live) for status in each)

    assert set(statuses) <= {200, 201, 204, 404, 422}
    assert find_problems(settings) == []
    journal = json_of(ada.get("/v1/entries?limit=100"))["entries"]
    counted = Counter(entry["itemId"] for entry in journal if entry["completes"])
    there = json_of(ada.get("/v1/items?limit=100"))["items"]
    assert {item["id"]: item["timesDone"] for item in there if item["timesDone"]} == counted


@pytest.mark.parametrize(("completes", "number"), [(True, 2), (False, 1)])
def test_an_item_that_goes_while_an_entry_is_written_is_not_there(
    app: ApiApp, ada: Person, completes: bool, number: int
) -> None:
    path = f"/v1/items/{ada.make_item(ada.make_bucket()['id'])['id']}/entries"

    with failing_at(app, number, ConstraintViolation("fk_entries_user_id_item_id")):
        answer = ada.post(path, {"completes": completes})

    assert code_of(answer) == (404, "not_found")
