"""Stateful property-based test: states, stories and photos are what a simple model says, whatever somebody does.

The model is the table of the page `/conventions`.
"""

from collections import Counter
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
from tests.pictures import add_photo
from tests.responses import json_of

_numbers = count()

STATES = st.sampled_from(["open", "doing", "done", "dropped"])
TIMES = st.integers(1, 3)
DATES = st.sampled_from([None, "2026", "2026~", "2026-11-24", "202X", "2025-24"])
Thing = dict[str, Any]


class Lives(RuleBasedStateMachine):
    """Somebody's items, their entries, and photos of both.

    What was deleted stays in the bundles, and is 404 until it is restored.
    """

    app: ClassVar[ApiApp]
    item_ids: Bundle[str] = Bundle("item_ids")
    entry_ids: Bundle[str] = Bundle("entry_ids")

    @initialize()
    def begin(self) -> None:
        self.person: Person = make_person(self.app, f"somebody.{next(_numbers)}@example.com")
        self.buckets = [self.person.make_bucket()["id"] for _ in range(2)]
        self.items: dict[str, Thing] = {}
        self.entries: dict[str, Thing] = {}
        self.photos: dict[str, Thing] = {}
        self.trash: dict[str, Thing] = {}  # what was deleted by itself
        self.hidden: dict[str, Thing] = {}  # entries and photos of what is in the trash

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
            self.hide()

    @precondition(lambda self: self.items)
    @rule(chance=st.integers(0), of_entry=st.booleans())
    def add_photos(self, chance: int, of_entry: bool) -> None:
        """Two, each of which comes last, behind those that lie in the trash."""
        is_of_entry = of_entry and bool(self.entries)
        of = one_of(self.entries if is_of_entry else self.items, chance)
        for _ in range(2):
            made = add_photo(self.person.actor, of, "entry" if is_of_entry else "item")
            told = {"itemId": made.item_id, "entryId": made.entry_id, "position": made.position}
            assert album_of(told) == ((self.entries[of]["itemId"], of) if is_of_entry else (of, None))
            everything = {**self.photos, **self.hidden, **self.trash}.values()
            beside = [one["position"] for one in everything if album_of(one) == album_of(told)]
            assert made.position > max(beside, default=0)
            self.photos[made.id] = told | {"createdAt": made.created_at}

    @precondition(lambda self: self.photos)
    @rule(chance=st.integers(0), place=st.integers(1, 3))
    def move_photo(self, chance: int, place: int) -> None:
        """All beside it are numbered anew; one that is there already stays."""
        photo_id = one_of(self.photos, chance)
        assert self.person.patch(f"/v1/photos/{photo_id}", {"position": place}).status_code == 200
        if self.photos[photo_id]["position"] != place:
            ids = [one for one in self.album(self.photos[photo_id]) if one != photo_id]
            ids.insert(place - 1, photo_id)
            for number, one in enumerate(ids, 1):
                self.photos[one]["position"] = number

    @precondition(lambda self: self.photos)
    @rule(chance=st.integers(0))
    def delete_photo(self, chance: int) -> None:
        photo_id = one_of(self.photos, chance)
        assert self.person.delete(f"/v1/photos/{photo_id}").status_code == 204
        self.trash[photo_id] = self.photos.pop(photo_id)
        assert self.person.patch(f"/v1/photos/{photo_id}", {"position": 1}).status_code == 404

    @precondition(lambda self: self.photos)
    @rule(chance=st.integers(0))
    def delete_what_has_photos(self, chance: int) -> None:
        photo = self.photos[one_of(self.photos, chance)]
        self.delete_entry(photo["entryId"]) if photo["entryId"] else self.delete_item(photo["itemId"])

    def album(self, photo: Thing) -> list[str]:
        """Those of its item or entry, in their order."""
        beside = {one: each for one, each in self.photos.items() if album_of(each) == album_of(photo)}
        return sorted(beside, key=lambda one: (beside[one]["position"], one))

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
            self.hide()

    @precondition(lambda self: self.trash)
    @rule(chance=st.integers(0))
    def restore(self, chance: int) -> None:
        thing_id, path = self.choose_trash(chance)
        thing = self.trash[thing_id]
        is_hidden = not self.is_in_something(thing)
        assert self.person.post(f"{path}/restore").status_code == (409 if is_hidden else 200)
        if is_hidden:
            return
        del self.trash[thing_id]
        self.place_of(thing)[thing_id] = thing
        if "completes" in thing:
            self.count(thing["itemId"], int(thing["completes"]), keep_state=True)
        self.show()

    def place_of(self, thing: Thing) -> dict[str, Thing]:
        return self.photos if "entryId" in thing else self.entries if "completes" in thing else self.items

    def is_in_something(self, thing: Thing) -> bool:
        """Is what it is in there?"""
        if "bucketId" in thing:
            return thing["bucketId"] in self.buckets
        return thing["entryId"] in self.entries if thing.get("entryId") else thing["itemId"] in self.items

    @precondition(lambda self: self.trash)
    @rule(chance=st.integers(0))
    def empty_one(self, chance: int) -> None:
        thing_id, path = self.choose_trash(chance)
        assert self.person.delete(path).status_code == 204
        for one, thing in list(self.trash.items()):
            if thing_id in (one, thing.get("itemId"), thing.get("entryId")):
                del self.trash[one]

    def choose_trash(self, chance: int) -> tuple[str, str]:
        """The id of an item, an entry or a photo, mostly of one that can be restored, and the path of where it lies."""
        rows = json_of(self.person.get("/v1/trash?limit=100"))["trash"]
        rows = [row for row in rows if row["kind"] != "bucket"]
        assert {row["thingId"] for row in rows} == self.trash.keys()
        ready = [row for row in rows if chance % 4 and self.is_in_something(self.trash[row["thingId"]])]
        row = (ready or rows)[chance // 4 % len(ready or rows)]
        return row["thingId"], f"/v1/trash/{row['id']}"

    @rule(place=st.integers(0, 5))
    def delete_a_bucket_for_a_new_one(self, place: int) -> None:
        if place >= len(self.buckets):
            return  # seldom, as all goes with it
        gone, self.buckets[place] = self.buckets[place], self.person.make_bucket()["id"]
        assert self.person.delete(f"/v1/buckets/{gone}").status_code == 204
        self.items = {item_id: item for item_id, item in self.items.items() if item["bucketId"] != gone}
        self.hide()

    def hide(self) -> None:
        """What is in something that is not there any more, entries before their photos."""
        for place in (self.entries, self.photos):
            for one, thing in list(place.items()):
                if not self.is_in_something(thing):
                    self.hidden[one] = place.pop(one)

    def show(self) -> None:
        for place in (self.entries, self.photos):
            for one, thing in list(self.hidden.items()):
                if self.place_of(thing) is place and self.is_in_something(thing):
                    place[one] = self.hidden.pop(one)

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
        counted = Counter(photo["entryId"] for photo in self.photos.values())
        assert all(one["photoCount"] == counted[one["id"]] for one in journal["entries"])
        for item_id in self.items:
            page = json_of(self.person.get(f"/v1/items/{item_id}/entries?limit=100"))
            own = {entry_id: entry for entry_id, entry in self.entries.items() if entry["itemId"] == item_id}
            assert [one["id"] for one in page["entries"]] == [entry_id for entry_id, _ in self.newest_first(own)]

    @invariant()
    def sees_the_photos(self) -> None:
        if not hasattr(self, "person"):
            return
        told = json_of(self.person.get("/v1/photos?limit=100"))["photos"]
        newest = sorted(self.photos, key=lambda one: (self.photos[one]["createdAt"], one), reverse=True)
        assert [one["id"] for one in told] == newest
        assert {one["id"]: {name: one[name] for name in self.photos[one["id"]]} for one in told} == self.photos
        for photo in {album_of(one): one for one in self.photos.values()}.values():
            of = f"entries/{photo['entryId']}" if photo["entryId"] else f"items/{photo['itemId']}"
            page = json_of(self.person.get(f"/v1/{of}/photos?limit=100"))
            assert [one["id"] for one in page["photos"]] == self.album(photo)

    def newest_first(self, entries: dict[str, Thing]) -> list[tuple[str, Thing]]:
        def key(one: tuple[str, Thing]) -> tuple[int, str]:
            return FuzzyDate.parse(one[1]["date"]).rank if one[1]["date"] else 0, one[0]

        return sorted(entries.items(), key=key, reverse=True)


def one_of(things: dict[str, Thing], chance: int) -> str:
    return list(things)[chance % len(things)]


def album_of(thing: Thing) -> tuple[str, str | None] | None:
    """The item and the entry that a photo is of; nothing of what is none."""
    return (thing["itemId"], thing["entryId"]) if "entryId" in thing else None


def test_states_and_stories_are_what_the_model_says(app: ApiApp) -> None:
    machine = type("Lives", (Lives,), {"app": app})
    few = settings(
        max_examples=25,
        phases=[Phase.generate],
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )

    run_state_machine_as_test(machine, settings=few)
