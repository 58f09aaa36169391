"""Changes feed: an offline client that asks again and again has what there is, and misses nothing."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from bucketlist.auth.recording import RECORDED
from bucketlist.buckets import service as buckets
from bucketlist.buckets.schemas import BucketIn
from bucketlist.feed import service
from bucketlist.feed.queries import THINGS
from bucketlist.feed.schemas import SCHEMAS
from bucketlist.kit.db.database import transaction
from bucketlist.kit.http.openapi import ApiApp
from tests.concurrency import together
from tests.people import Person
from tests.pictures import add_photo
from tests.responses import errors_of, json_of


def ask(person: Person, since: str | None = None, limit: int = 100) -> Any:
    return json_of(person.get(f"/v1/changes?limit={limit}" + (f"&since={since}" if since else "")))


class Copy:
    """What a client has that works offline."""

    def __init__(self, person: Person) -> None:
        self._person = person
        self.things: dict[str, Any] = {}
        self.cursor: str | None = None

    def update(self, limit: int = 100) -> None:
        while True:
            page = ask(self._person, self.cursor, limit)
            for change in page["changes"]:
                self._apply(change)
            self.cursor = page["cursor"]
            if not page["more"]:
                return self._drop_what_is_in_nothing()

    def _apply(self, change: Any) -> None:
        if change["action"] == "deleted":
            self.things.pop(change["id"], None)
        else:
            self.things[change["id"]] = change["data"]

    def _drop_what_is_in_nothing(self) -> None:
        for place in ("bucketId", "itemId", "entryId"):
            gone = [key for key, thing in self.things.items() if thing.get(place, key) not in (None, *self.things)]
            for key in gone:
                del self.things[key]


def things_of(person: Person) -> dict[str, Any]:
    found = json_of(person.get("/v1/buckets?archived=any&limit=100"))["buckets"]
    found += json_of(person.get("/v1/items?archived=any&limit=100"))["items"]
    told = json_of(person.get("/v1/entries?limit=100"))["entries"]
    found += [{name: each[name] for name in each if name != "itemName"} for each in told]
    found += json_of(person.get("/v1/photos?limit=100"))["photos"]
    return {thing["id"]: thing for thing in found}


def without_counts(things: dict[str, Any]) -> dict[str, Any]:
    """Those of a bucket move when its items do, and that of an entry with its photos, which is no change of it."""
    counts = ("itemCount", "doneCount", "photoCount")
    return {key: {name: thing[name] for name in thing if name not in counts} for key, thing in things.items()}


def test_the_feed_begins_with_everything_and_tells_each_thing_once(ada: Person, ben: Person) -> None:
    bucket = ada.make_bucket()
    item = ada.make_item(bucket["id"])
    changed = json_of(ada.patch(f"/v1/items/{item['id']}", {"name": "x"}))
    ben.make_bucket()

    page = ask(ada)

    told = [(each["kind"], each["id"], each["action"]) for each in page["changes"]]
    assert told == [("bucket", bucket["id"], "created"), ("item", item["id"], "changed")]
    assert page["changes"][1]["data"] == changed
    assert page["changes"][1]["at"] == changed["modifiedAt"]
    assert not page["more"]


def test_nothing_new_is_told_with_a_cursor_all_the_same(ada: Person) -> None:
    empty = ask(ada)
    again = ask(ada, empty["cursor"])

    assert [empty["changes"], again["changes"], again["more"]] == [[], [], False]
    assert again["cursor"] == empty["cursor"]
    bucket = ada.make_bucket()
    assert [each["data"] for each in ask(ada, empty["cursor"])["changes"]] == [bucket]


def test_what_was_deleted_is_told_without_a_word_of_it(ada: Person) -> None:
    bucket = ada.make_bucket()["id"]
    item, other = (ada.make_item(bucket)["id"] for _ in range(2))
    cursor = ask(ada)["cursor"]

    ada.delete(f"/v1/items/{item}")
    ada.delete(f"/v1/buckets/{bucket}")

    told = [(each["id"], each["action"], each["data"]) for each in ask(ada, cursor)["changes"]]
    assert told == [(item, "deleted", None), (bucket, "deleted", None)]
    assert {each["id"] for each in ask(ada)["changes"] if each["action"] != "deleted"} == set()
    assert other in {each["id"] for each in ask(ada)["changes"]}


@pytest.mark.parametrize("limit", [1, 3, 100])
def test_a_copy_that_is_kept_by_the_feed_is_what_there_is(ada: Person, limit: int) -> None:
    copy = Copy(ada)
    first, second = (ada.make_bucket(name)["id"] for name in ("First", "Second"))
    copy.update(limit)
    made = [ada.make_item(first, f"Item {number}", tags=["winter"])["id"] for number in range(4)]
    copy.update(limit)
    stories = [json_of(ada.post(f"/v1/items/{item}/entries", {"title": "Told"}))["id"] for item in made]
    for story in stories[2:]:
        add_photo(ada.actor, story, "entry")
    add_photo(ada.actor, made[3])
    ada.patch(f"/v1/entries/{stories[0]}", {"title": "Told again", "completes": False})
    ada.put(f"/v1/buckets/{first}/items/order", {"ids": made[::-1]})
    ada.patch(f"/v1/items/{made[0]}", {"bucketId": second})
    ada.delete(f"/v1/items/{made[1]}")
    ada.delete(f"/v1/entries/{stories[3]}")
    ada.patch("/v1/tags/winter", {"name": "ice"})
    copy.update(limit)
    ada.delete(f"/v1/buckets/{first}")
    ada.patch(f"/v1/buckets/{second}", {"archived": True})

    copy.update(limit)

    assert without_counts(copy.things) == without_counts(things_of(ada))


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
@pytest.mark.parametrize("kind", ["bucket", "item"])
def test_what_comes_back_is_told_with_all_that_is_in_it(ada: Person, limit: int, kind: str) -> None:
    copy, bucket = Copy(ada), ada.make_bucket()["id"]
    items = [ada.make_item(bucket, f"Item {number}")["id"] for number in range(3)]
    for item in (*items[:2], items[0]):
        ada.make_entry(item)
    ada.make_photo(items[0])
    ada.delete(f"/v1/items/{items[2]}")
    copy.update(limit)
    before, path = dict(copy.things), f"/v1/buckets/{bucket}" if kind == "bucket" else f"/v1/items/{items[0]}"

    ada.delete(path)
    copy.update(limit)
    gone = dict(copy.things)
    ada.post(f"/v1/trash/{json_of(ada.get('/v1/trash'))['trash'][0]['id']}/restore")
    ada.patch(path, {"name": "Changed since"})
    copy.update(limit)

    assert (len(before), len(gone)) == (7, 0 if kind == "bucket" else 3)
    assert without_counts(copy.things) == without_counts(things_of(ada))
    assert copy.things.keys() == before.keys()
    assert ask(ada, copy.cursor)["changes"] == []


def test_a_page_ends_early_where_there_is_much_text(ada: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST_BYTES", 5_000)
    names = [ada.make_bucket(f"Bucket {number}", description="x" * 2_000)["id"] for number in range(4)]

    first = ask(ada)
    rest = ask(ada, first["cursor"])

    assert [[each["id"] for each in page["changes"]] for page in (first, rest)] == [names[:2], names[2:]]
    assert (first["more"], rest["more"]) == (True, False)


def test_a_cursor_of_another_or_of_a_time_that_never_was_is_refused(ada: Person, ben: Person) -> None:
    ada.make_bucket()
    cursor = ask(ada)["cursor"]
    list_cursor = "WyJmaXJzdCIsbnVsbCxudWxsXQ"

    asked = [ben.get(f"/v1/changes?since={cursor}"), ada.get(f"/v1/changes?since={list_cursor}")]

    assert [errors_of(response) for response in asked] == [[("since", "cursor")]] * 2


def make_late(ada: Person, app: ApiApp, other: ApiApp) -> tuple[list[str], list[str], list[str]]:
    """The names that a client reads before, while and after one of two writes that overlap commits late."""
    copy = Copy(ada)
    seen: list[list[str]] = []

    def look() -> None:
        copy.update()
        seen.append([thing["name"] for thing in copy.things.values()])

    with ThreadPoolExecutor(2) as threads:  # none of them is in the transaction that is open here
        with transaction():
            buckets.add_bucket(ada.actor, BucketIn(name="Late"))
            quick = Person(other.test_client(), ada.email, ada.password, ada.actor, ada.access_token)
            waiting = threads.submit(quick.make_bucket, "Quick")
            threads.submit(look).result()
        waiting.result()
    look()
    copy.cursor = None
    look()
    return seen[0], seen[1], seen[2]


def test_a_change_that_commits_late_is_not_missed(app: ApiApp, other_worker: ApiApp, ada: Person) -> None:
    """Of two workers: the first has a number, and commits when the other has begun and a client has looked."""
    before, after, anew = make_late(ada, app, other_worker)

    assert (before, after, anew) == ([], ["Late", "Quick"], ["Late", "Quick"])


def test_a_client_that_reads_while_many_write_misses_nothing(app: ApiApp, other_worker: ApiApp, ada: Person) -> None:
    copy = Copy(ada)

    def work(number: int) -> None:
        if number == 0:
            for _ in range(20):
                copy.update(2)
            return
        client = (app, other_worker)[number % 2].test_client()
        device = Person(client, ada.email, ada.password, ada.actor, ada.access_token)
        for turn in range(5):
            device.make_bucket(f"{number}.{turn}")

    together(5, work)
    copy.update()

    assert copy.things == things_of(ada)
    assert len(copy.things) == 20


def test_every_recorded_kind_is_told() -> None:
    assert list(THINGS) == list(SCHEMAS)
    assert {kind: table for kind, (table, _) in THINGS.items()} == RECORDED
