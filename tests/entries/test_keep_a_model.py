"""Stateful property-based test: states, counts and stories are what a simple model says, whatever somebody does.

The model is the table of the page `/conventions`.
"""

from itertools import count
from typing import Any, ClassVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bucketlist.kit.fuzzy_dates import FuzzyDate
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.kit.ids import new_id
from tests.people import Person, make_person
from tests.responses import json_of

_numbers = count()

STATES = st.sampled_from(["open", "doing", "done", "dropped"])
TIMES = st.integers(1, 3)
DATES = st.sampled_from([None, "2026", "2026~", "2026-11-24", "202X", "2025-24"])
Thing = dict[str, Any]


class Lives(RuleBasedStateMachine):
    """Somebody's items and their entries. What was deleted stays in the bundles, and is 404 until it is restored."""

    app: ClassVar[ApiApp]
    item_ids: Bundle[str] = Bundle("item_ids")
    entry_ids: Bundle[str] = Bundle("entry_ids")

    @initialize()
    def begin(self) -> None:
        self.person: Person = make_person(self.app, f"somebody.{next(_numbers)}@example.com")
        self.buckets = [self.person.make_bucket()["id"] for _ in range(2)]
        self.items: dict[str, Thing] = {}
        self.entries: dict[str, Thing] = {}
        self.trash: dict[str, Thing] = {}  # items and entries that were deleted by themselves
        self.hidden: dict[str, Thing] = {}  # entries whose item is in the trash

    @rule(target=item_ids, times=TIMES, state=STATES, place=st.integers(0, 1))
    def make_item(self, times: int, state: str, place: int) -> str:
        return self.keep_item(place, times, {"state": state}, state)

    @rule(target=item_ids, times=TIMES, state=st.none() | STATES, completes=st.booleans(), date=DATES)
    def make_item_that_is_done_already(self, times: int, state: str | None, completes: bool, date: str | None) -> str:
        story = {"id": new_id(), "completes": completes, "date": date}
        more = {"entry": story} if state is None else {"entry": story, "state": state}
        item_id = self.keep_item(0, times, more, state or "done")
        self.entries[str(story["id"])] = {"itemId": item_id, "completes": completes, "date": date}
        self.items[item_id]["timesDone"] = int(completes)
        return item_id

    def keep_item(self, place: int, times: int, more: Thing, state: str) -> str:
        made = self.person.make_item(self.buckets[place], times=times, **more)
        kept = {"bucketId": self.buckets[place], "times": times, "state": state, "timesDone": 0}
        self.items[made["id"]] = kept
        return str(made["id"])

    @rule(target=entry_ids, item_id=item_ids, completes=st.booleans(), keep_state=st.booleans(), date=DATES)
    def add_entry(self, item_id: str, completes: bool, keep_state: bool, date: str | None) -> str:
        entry = {"completes": completes, "date": date}
        answer = self.person.post(f"/v1/items/{item_id}/entries", entry | {"keepState": keep_state})
        assert answer.status_code == (201 if item_id in self.items else 404)
        entry_id = str(json_of(answer).get("id"))
        if item_id in self.items:
            self.entries[entry_id] = entry | {"itemId": item_id}
            self.count(item_id, int(completes), keep_state)
        return entry_id

    @rule(entry_id=entry_ids, completes=st.booleans(), keep_state=st.booleans(), date=DATES, method=st.booleans())
    def change_entry(self, entry_id: str, completes: bool, keep_state: bool, date: str | None, method: bool) -> None:
        body = {"completes": completes, "date": date, "keepState": keep_state}
        answer = self.person.ask("PUT" if method else "PATCH", f"/v1/entries/{entry_id}", body)
        entry = self.entries.get(entry_id)
        assert answer.status_code == (200 if entry else 404)
        if entry:
            self.count(entry["itemId"], completes - entry["completes"], keep_state)
            entry |= {"completes": completes, "date": date}

    @rule(entry_id=entry_ids)
    def delete_entry(self, entry_id: str) -> None:
        entry = self.entries.pop(entry_id, None)
        assert self.person.delete(f"/v1/entries/{entry_id}").status_code == (204 if entry else 404)
        if entry:
            self.trash[entry_id] = entry
            self.count(entry["itemId"], -int(entry["completes"]), keep_state=True)

    @rule(item_id=item_ids, change=st.fixed_dictionaries({}, optional={"state": STATES, "times": TIMES}))
    def change_item(self, item_id: str, change: Thing) -> None:
        answer = self.person.patch(f"/v1/items/{item_id}", change)
        assert answer.status_code == (200 if item_id in self.items else 404)
        self.items.get(item_id, {}).update(change)

    @rule(item_id=item_ids, place=st.integers(0, 1))
    def move_item(self, item_id: str, place: int) -> None:
        self.change_item(item_id, {"bucketId": self.buckets[place]})

    @rule(item_id=item_ids)
    def delete_item(self, item_id: str) -> None:
        item = self.items.pop(item_id, None)
        assert self.person.delete(f"/v1/items/{item_id}").status_code == (204 if item else 404)
        if item:
            self.trash[item_id] = item
            self.hide_entries()

    @precondition(lambda self: self.trash)
    @rule(chance=st.integers(0))
    def restore(self, chance: int) -> None:
        thing_id, path = self.choose_trash(chance)
        thing = self.trash[thing_id]
        place = self.items if "itemId" in thing else self.buckets
        is_hidden = (thing["itemId"] if "itemId" in thing else thing["bucketId"]) not in place
        assert self.person.post(f"{path}/restore").status_code == (409 if is_hidden else 200)
        if is_hidden:
            return
        del self.trash[thing_id]
        if "itemId" in thing:
            self.entries[thing_id] = thing
            self.count(thing["itemId"], int(thing["completes"]), keep_state=True)
        else:
            self.items[thing_id] = thing
            back = {one: entry for one, entry in self.hidden.items() if entry["itemId"] == thing_id}
            self.entries |= back
            self.hidden = {one: entry for one, entry in self.hidden.items() if one not in back}

    @precondition(lambda self: self.trash)
    @rule(chance=st.integers(0))
    def empty_one(self, chance: int) -> None:
        thing_id, path = self.choose_trash(chance)
        assert self.person.delete(path).status_code == 204
        kept = {one: thing for one, thing in self.trash.items() if thing_id not in (one, thing.get("itemId"))}
        self.trash = kept

    def choose_trash(self, chance: int) -> tuple[str, str]:
        """The id of an item or an entry, and the path of where it lies."""
        rows = json_of(self.person.get("/v1/trash?limit=100"))["trash"]
        rows = [row for row in rows if row["kind"] != "bucket"]
        assert {row["thingId"] for row in rows} == self.trash.keys()
        row = rows[chance % len(rows)]
        return row["thingId"], f"/v1/trash/{row['id']}"

    @rule(place=st.integers(0, 1))
    def delete_a_bucket_for_a_new_one(self, place: int) -> None:
        gone, self.buckets[place] = self.buckets[place], self.person.make_bucket()["id"]
        assert self.person.delete(f"/v1/buckets/{gone}").status_code == 204
        self.items = {item_id: item for item_id, item in self.items.items() if item["bucketId"] != gone}
        self.hide_entries()

    def hide_entries(self) -> None:
        kept = {entry_id: entry for entry_id, entry in self.entries.items() if entry["itemId"] in self.items}
        self.hidden |= {entry_id: entry for entry_id, entry in self.entries.items() if entry_id not in kept}
        self.entries = kept

    def count(self, item_id: str, times: int, keep_state: bool) -> None:
        """What the table says: the entry that brings it to `times` makes an item done."""
        item = self.items[item_id]
        item["timesDone"] += times
        if times > 0 and item["timesDone"] == item["times"] and not keep_state:
            item["state"] = "done"

    @invariant()
    def sees_what_is_there(self) -> None:
        if not hasattr(self, "person"):
            return
        items = json_of(self.person.get("/v1/items?limit=100"))["items"]
        assert {item["id"]: {name: item[name] for name in self.items[item["id"]]} for item in items} == self.items
        journal = json_of(self.person.get("/v1/entries?limit=100"))
        told = [
            (one["id"], {name: one[name] for name in ("completes", "date", "itemId")}) for one in journal["entries"]
        ]
        assert told == self.newest_first(self.entries)
        for item_id in self.items:
            page = json_of(self.person.get(f"/v1/items/{item_id}/entries?limit=100"))
            own = {entry_id: entry for entry_id, entry in self.entries.items() if entry["itemId"] == item_id}
            assert [one["id"] for one in page["entries"]] == [entry_id for entry_id, _ in self.newest_first(own)]

    def newest_first(self, entries: dict[str, Thing]) -> list[tuple[str, Thing]]:
        def key(one: tuple[str, Thing]) -> tuple[int, str]:
            return FuzzyDate.parse(one[1]["date"]).rank if one[1]["date"] else 0, one[0]

        return sorted(entries.items(), key=key, reverse=True)


def test_states_and_stories_are_what_the_model_says(app: ApiApp) -> None:
    machine = type("Lives", (Lives,), {"app": app})
    few = settings(
        max_examples=20,
        phases=[Phase.generate],
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )

    run_state_machine_as_test(machine, settings=few)
