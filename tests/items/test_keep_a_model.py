"""Stateful property-based test: whatever somebody does with buckets and items, they see what a simple model says.

What is in the trash keeps its place in the model, as restoring it gives that back.
"""

import unicodedata
from itertools import count
from typing import Any, ClassVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bucketlist.kit.http.openapi import ApiApp
from bucketlist.kit.text import normalise
from tests.people import Person, make_person
from tests.responses import json_of

_numbers = count()

NAMES = st.text(st.sampled_from("aBé\u0301ß 字😀%_\\'\""), min_size=1, max_size=8).filter(
    lambda name: name.strip(" \u0301")
)
TEXTS = st.one_of(st.none(), st.just(""), NAMES)
STATES = st.sampled_from(["open", "done"])


class Shelves(RuleBasedStateMachine):
    """Somebody's buckets and items, in their order: what the service has to show."""

    app: ClassVar[ApiApp]
    bucket_ids: Bundle[str] = Bundle("bucket_ids")
    item_ids: Bundle[str] = Bundle("item_ids")

    @initialize()
    def begin(self) -> None:
        self.person: Person = make_person(self.app, f"somebody.{next(_numbers)}@example.com")
        self.buckets: list[dict[str, Any]] = []
        self.items: list[dict[str, Any]] = []
        self.trash: list[str] = []  # the newest last

    @rule(target=bucket_ids, name=NAMES, description=TEXTS)
    def make_bucket(self, name: str, description: str | None) -> str:
        made = self.person.make_bucket(name, description=description)
        self.buckets.append({"id": made["id"], "name": normalise(name, 500), "description": as_kept(description)})
        return str(made["id"])

    @rule(target=item_ids, bucket_id=bucket_ids, name=NAMES, state=STATES)
    def make_item(self, bucket_id: str, name: str, state: str) -> Any:
        response = self.person.post(f"/v1/buckets/{bucket_id}/items", {"name": name, "state": state})
        assert response.status_code == (201 if self.find(bucket_id) else 404)
        if response.status_code == 404:
            return multiple()
        item_id = json_of(response)["id"]
        self.items.append({"id": item_id, "bucketId": bucket_id, "name": normalise(name, 500), "state": state})
        return item_id

    @rule(bucket_id=bucket_ids, name=NAMES, description=TEXTS)
    def change_bucket(self, bucket_id: str, name: str, description: str | None) -> None:
        response = self.person.patch(f"/v1/buckets/{bucket_id}", {"name": name, "description": description})
        self.check_change(response.status_code, bucket_id, name=normalise(name, 500), description=as_kept(description))

    @rule(item_id=item_ids, name=NAMES, state=STATES)
    def change_item(self, item_id: str, name: str, state: str) -> None:
        response = self.person.patch(f"/v1/items/{item_id}", {"name": name, "state": state})
        self.check_change(response.status_code, item_id, name=normalise(name, 500), state=state)

    @rule(item_id=item_ids, bucket_id=bucket_ids)
    def move_item(self, item_id: str, bucket_id: str) -> None:
        response = self.person.patch(f"/v1/items/{item_id}", {"bucketId": bucket_id})
        item = self.find(item_id)
        missing = 404 if item is None else 422
        assert response.status_code == (200 if item and self.find(bucket_id) else missing)
        if item and response.status_code == 200 and item["bucketId"] != bucket_id:
            self.items.remove(item)
            self.items.append(item | {"bucketId": bucket_id})

    @rule(bucket_id=bucket_ids)
    def delete_bucket(self, bucket_id: str) -> None:
        self.delete(f"/v1/buckets/{bucket_id}", bucket_id)

    @rule(item_id=item_ids)
    def delete_item(self, item_id: str) -> None:
        self.delete(f"/v1/items/{item_id}", item_id)

    def delete(self, path: str, thing_id: str) -> None:
        assert self.person.delete(path).status_code == (204 if self.find(thing_id) else 404)
        if self.find(thing_id):
            self.trash.append(thing_id)

    @precondition(lambda self: self.trash)
    @rule(chance=st.integers(0))
    def restore(self, chance: int) -> None:
        thing_id, path = self.choose_trash(chance)
        item = next((item for item in self.items if item["id"] == thing_id), None)
        is_hidden = item is not None and item["bucketId"] in self.trash
        assert self.person.post(f"{path}/restore").status_code == (409 if is_hidden else 200)
        if not is_hidden:
            self.trash.remove(thing_id)

    @precondition(lambda self: self.trash)
    @rule(chance=st.integers(0))
    def empty_one(self, chance: int) -> None:
        thing_id, path = self.choose_trash(chance)
        assert self.person.delete(path).status_code == 204
        self.forget({thing_id})

    @rule()
    def empty_all(self) -> None:
        assert self.person.delete("/v1/trash").status_code == 204
        self.forget(set(self.trash))

    def choose_trash(self, chance: int) -> tuple[str, str]:
        """The id of a thing, and the path of where it lies."""
        rows = json_of(self.person.get("/v1/trash?limit=100"))["trash"]
        row = rows[chance % len(rows)]
        return row["thingId"], f"/v1/trash/{row['id']}"

    def forget(self, gone: set[str]) -> None:
        gone = gone | {item["id"] for item in self.items if item["bucketId"] in gone}
        self.buckets = [bucket for bucket in self.buckets if bucket["id"] not in gone]
        self.items = [item for item in self.items if item["id"] not in gone]
        self.trash = [thing_id for thing_id in self.trash if thing_id not in gone]

    @rule(words=st.sampled_from(["a", "B", "ss", "字", "%", "_", "\\", "É"]))
    def search(self, words: str) -> None:
        found = json_of(self.person.get(f"/v1/items?limit=100&q={words.replace('%', '%25')}"))["items"]
        expected = {item["id"] for item in self.there(self.items) if folded(words) in folded(item["name"])}
        assert {item["id"] for item in found} == expected

    @invariant()
    def sees_what_is_there(self) -> None:
        if not hasattr(self, "person"):
            return
        buckets = json_of(self.person.get("/v1/buckets?limit=100"))["buckets"]
        assert [part(bucket, "id", "name", "description") for bucket in buckets] == self.there(self.buckets)
        trash = json_of(self.person.get("/v1/trash?limit=100"))["trash"]
        assert [row["thingId"] for row in trash] == self.trash[::-1]
        for bucket in buckets:
            expected = [item for item in self.there(self.items) if item["bucketId"] == bucket["id"]]
            page = json_of(self.person.get(f"/v1/buckets/{bucket['id']}/items?limit=100"))
            assert [part(item, "id", "bucketId", "name", "state") for item in page["items"]] == expected
            done = sum(item["state"] == "done" for item in expected)
            assert (bucket["itemCount"], bucket["doneCount"], page["count"]) == (len(expected), done, len(expected))

    def find(self, wanted: str) -> dict[str, Any] | None:
        return next((thing for thing in self.there([*self.buckets, *self.items]) if thing["id"] == wanted), None)

    def there(self, things: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Those that are not in the trash, nor in something that is."""
        return [thing for thing in things if not {thing["id"], thing.get("bucketId")} & set(self.trash)]

    def check_change(self, status: int, wanted: str, **fields: str | None) -> None:
        thing = self.find(wanted)
        assert status == (200 if thing else 404)
        if thing:
            thing.update(fields)


def part(thing: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: thing[name] for name in names}


def folded(text: str) -> str:
    """Sharp s with an accent is an s, and another that has the accent: not twice the same letter."""
    return unicodedata.normalize("NFKC", text.casefold())


def as_kept(text: str | None) -> str | None:
    return normalise(text or "", 20_000) or None


def test_somebody_sees_what_the_model_says(app: ApiApp) -> None:
    machine = type("Shelves", (Shelves,), {"app": app})
    few = settings(
        max_examples=40,
        phases=[Phase.generate],
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )

    run_state_machine_as_test(machine, settings=few)
