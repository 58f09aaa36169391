"""Photos of entries: their own list, counted in the entry, and gone with it."""

from itertools import product
from typing import Any

import pytest
from pydantic_core import from_json
from sqlalchemy import select

from bucketlist.backup.verify import find_problems
from bucketlist.config import Settings
from bucketlist.models import changes, files
from tests.people import Person
from tests.pictures import add_photo
from tests.raw_database import open_database
from tests.responses import code_of, json_of
from tests.rows import count_rows


@pytest.fixture
def item(ada: Person) -> str:
    """The id of an item of Ada's."""
    made: str = ada.make_item(ada.make_bucket()["id"])["id"]
    return made


@pytest.fixture
def entry(ada: Person, item: str) -> str:
    """The id of an entry of that item."""
    made: str = ada.make_entry(item)["id"]
    return made


def listed(person: Person, path: str) -> list[str]:
    return [photo["id"] for photo in json_of(person.get(path))["photos"]]


def test_a_photo_of_an_entry_says_of_which_one_and_of_which_item(ada: Person, item: str, entry: str) -> None:
    of_item, of_entry = ada.make_photo(item), ada.make_photo(entry, of="entries")

    assert [(photo["itemId"], photo["entryId"]) for photo in (of_item, of_entry)] == [(item, None), (item, entry)]
    assert json_of(ada.get(f"/v1/photos/{of_entry['id']}")) == of_entry


def test_a_list_has_the_photos_of_an_item_itself_or_of_one_entry_or_all(ada: Person, item: str, entry: str) -> None:
    other = ada.make_entry(item)["id"]
    parents = [(item, "items"), (entry, "entries"), (other, "entries")]
    made = {parent: ada.make_photo(parent, of=of)["id"] for parent, of in parents}

    found = {parent: listed(ada, f"/v1/{of}/{parent}/photos") for parent, of in parents}

    assert found == {parent: [photo] for parent, photo in made.items()}
    assert sorted(listed(ada, "/v1/photos")) == sorted(made.values())
    assert [json_of(ada.get(f"/v1/photos/{photo}"))["position"] for photo in made.values()] == [1, 1, 1]


def test_an_item_and_an_entry_of_one_id_have_each_their_own(ada: Person, entry: str) -> None:
    twin = ada.make_item(ada.make_bucket()["id"], id=entry)["id"]
    of_entry, of_item = ada.make_photo(entry, of="entries")["id"], ada.make_photo(twin)["id"]

    assert [listed(ada, f"/v1/{of}/{entry}/photos") for of in ("entries", "items")] == [[of_entry], [of_item]]


def test_an_entry_counts_its_photos_wherever_it_is_read(ada: Person, item: str, entry: str) -> None:
    before = ada.get(f"/v1/entries/{entry}")
    photos = [ada.make_photo(entry, of="entries")["id"] for _ in range(2)]
    ada.make_photo(item)

    after = ada.get(f"/v1/entries/{entry}", If_None_Match=before.headers["ETag"])

    assert after.status_code == 200
    assert json_of(after) == json_of(before) | {"photoCount": 2}
    journal, of_item = (json_of(ada.get(path))["entries"] for path in ("/v1/entries", f"/v1/items/{item}/entries"))
    told = [change["data"] for change in json_of(ada.get("/v1/changes"))["changes"] if change["kind"] == "entry"]
    assert [one["photoCount"] for one in (*journal, *of_item, *told)] == [2, 2, 2]
    ada.delete(f"/v1/photos/{photos[0]}")
    changed = ada.patch(f"/v1/entries/{entry}", {"title": "Green"})
    assert json_of(changed)["photoCount"] == 1
    assert ada.get(f"/v1/entries/{entry}", If_None_Match=changed.headers["ETag"]).status_code == 304


def test_ada_sorts_the_photos_of_an_entry_and_those_of_the_item_stay(ada: Person, item: str, entry: str) -> None:
    of_item = ada.make_photo(item)
    ids = [ada.make_photo(entry, of="entries")["id"] for _ in range(3)]

    moved = ada.patch(f"/v1/photos/{ids[2]}", {"position": 1, "caption": "The best"})

    assert (json_of(moved)["position"], json_of(moved)["caption"]) == (1, "The best")
    assert json_of(ada.get(f"/v1/photos/{ids[2]}")) == json_of(moved)
    assert listed(ada, f"/v1/entries/{entry}/photos") == [ids[2], ids[0], ids[1]]
    assert json_of(ada.get(f"/v1/photos/{of_item['id']}")) == of_item


def test_the_change_log_tells_from_what_to_what_a_photo_was_changed(
    ada: Person, settings: Settings, entry: str
) -> None:
    first, second = (ada.make_photo(entry, caption="Dawn", of="entries")["id"] for _ in range(2))
    long = "\U0001f30c" * 500  # which counts in the storage of an account

    for body in ({"caption": "Dusk"}, {"position": 1}, {"caption": long, "position": 7}, {"caption": long}):
        ada.patch(f"/v1/photos/{second}", body)

    told = select(changes.c.fields).where(changes.c.thing_id == second, changes.c.action == "changed")
    with open_database(settings) as connection:
        rows = connection.execute(told.order_by(changes.c.number)).scalars().all()
    assert [from_json(row) for row in rows if row] == [
        {"caption": ["Dawn", "Dusk"]},
        {"position": [2, 1]},
        {"caption": ["Dusk", long], "position": [1, 2]},
    ]
    assert find_problems(settings) == []
    assert listed(ada, f"/v1/entries/{entry}/photos") == [first, second]


@pytest.mark.parametrize("what", ["entry", "item", "bucket"])
def test_photos_go_with_their_entry_and_all_that_it_is_in(ada: Person, item: str, entry: str, what: str) -> None:
    bucket = json_of(ada.get(f"/v1/items/{item}"))["bucketId"]
    of_item, of_entry = ada.make_photo(item)["id"], ada.make_photo(entry, of="entries")["id"]
    paths = {"entry": f"/v1/entries/{entry}", "item": f"/v1/items/{item}", "bucket": f"/v1/buckets/{bucket}"}

    assert ada.delete(paths[what]).status_code == 204

    left = [of_item] if what == "entry" else []
    assert listed(ada, "/v1/photos") == left
    assert count_rows(files) == 2
    assert ada.get(f"/v1/photos/{of_entry}").status_code == 404
    assert ada.get(f"/v1/entries/{entry}/photos").status_code == 404
    ada.delete("/v1/trash")
    assert count_rows(files) == len(left)
    assert (json_of(ada.get("/v1/users/me"))["storageBytes"] > 0) == bool(left)


@pytest.mark.parametrize(("method", "is_known"), [*product(("GET", "POST"), (True, False))])
def test_nobody_reaches_the_photos_of_an_entry_of_somebody_else(
    ada: Person, ben: Person, entry: str, method: str, is_known: bool
) -> None:
    path = f"/v1/entries/{entry if is_known else '019abcde-0000-7000-8000-000000000000'}/photos"

    response: Any = ben.get(path) if method == "GET" else ben.upload(path, b"no picture at all")

    assert code_of(response) == (404, "not_found")
    assert listed(ada, f"/v1/entries/{entry}/photos") == []


def test_a_photo_stays_with_its_entry_when_the_item_is_moved(ada: Person, item: str, entry: str) -> None:
    photo = add_photo(ada.actor, entry, "entry")

    ada.patch(f"/v1/items/{item}", {"bucketId": ada.make_bucket()["id"]})

    assert listed(ada, f"/v1/entries/{entry}/photos") == [photo.id]
