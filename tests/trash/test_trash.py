"""REST resource trash: what was deleted is nowhere else, comes back in its place, or is gone for good."""

import pytest

from bucketlist.backup.verify import find_problems
from bucketlist.config import Settings
from bucketlist.models import metadata
from tests.people import Person
from tests.responses import code_of, json_of
from tests.trash.life import Life, restore, trash_of

THINGS = ["bucket", "item", "entry", "photo"]
UNKNOWN = "019abcde-0000-7000-8000-000000000000"


@pytest.mark.parametrize("kind", THINGS)
def test_what_is_restored_is_as_it_was_with_all_that_went_with_it(settings: Settings, life: Life, kind: str) -> None:
    ada, before = life.person, life.look()
    etag = ada.get(life.paths[kind]).headers["ETag"]

    (trash_id,) = life.delete(kind)
    sound = find_problems(settings)
    answer = restore(ada, trash_id)

    told = json_of(answer)
    after = life.look()
    moved = {path for path in before if before[path] != after.get(path)}
    assert (answer.status_code, told["kind"], told["id"]) == (200, kind, life.paths[kind].rpartition("/")[2])
    assert (told["data"], trash_of(ada)) == (json_of(ada.get(life.paths[kind])), [])
    assert (after.keys(), sound, find_problems(settings)) == (before.keys(), [], [])
    assert moved <= ({path for path in before if "/items" in path} if kind == "entry" else set())  # its modifiedAt
    assert ada.get(life.paths[kind]).headers["ETag"] != etag


@pytest.mark.parametrize(
    ("kind", "gone"),
    [("bucket", THINGS), ("item", ["item", "entry", "photo"]), ("entry", ["entry"]), ("photo", ["photo"])],
)
def test_what_is_in_the_trash_is_nowhere_else(life: Life, kind: str, gone: list[str]) -> None:
    ada = life.person

    life.delete(kind)

    statuses = {name: ada.get(path).status_code for name, path in life.paths.items()}
    assert statuses == {name: 404 if name in gone else 200 for name in THINGS}
    writes = [ada.patch(life.paths[name], {}).status_code for name in gone]
    writes += [ada.delete(life.paths[name]).status_code for name in gone]
    assert set(writes) == {404}
    counts = {name: json_of(ada.get(f"/v1/{name}"))["count"] for name in ("buckets", "items", "entries", "photos")}
    left = {"buckets": "bucket" not in gone, "entries": "entry" not in gone, "photos": "photo" not in gone}
    assert counts == {**left, "items": {"bucket": 0, "item": 1}.get(kind, 2)}
    seen = b"".join(body for _, body in life.look().values())
    names = {"bucket": b"Far away", "item": b"See the lights", "entry": b"The last night", "photo": b"At two"}
    assert [name for name in gone if names[name] in seen] == []


def test_the_counts_are_those_of_what_is_there(life: Life) -> None:
    ada = life.person
    seen = []

    def look() -> None:
        bucket, tags = json_of(ada.get(life.paths["bucket"])), json_of(ada.get("/v1/tags"))["tags"]
        seen.append((bucket["itemCount"], bucket["doneCount"], [tag["itemCount"] for tag in tags]))

    look()
    (trash_id,) = life.delete("item")
    look()
    assert code_of(ada.patch("/v1/tags/winter", {"name": "ice"})) == (404, "not_found")
    restore(ada, trash_id)
    look()

    assert seen == [(2, 1, [1]), (1, 0, []), (2, 1, [1])]


def test_an_entry_in_the_trash_does_not_count_until_it_is_back_and_the_state_stays(life: Life) -> None:
    ada = life.person
    told = [json_of(ada.get(life.paths["item"]))]

    (trash_id,) = life.delete("entry")
    ada.patch(life.paths["item"], {"state": "doing"})
    told.append(json_of(ada.get(life.paths["item"])))
    restore(ada, trash_id)
    told.append(json_of(ada.get(life.paths["item"])))

    assert [(item["timesDone"], item["state"]) for item in told] == [(1, "done"), (0, "doing"), (1, "doing")]


def test_a_row_of_the_trash_says_what_it_is_and_when_it_is_gone(life: Life) -> None:
    ada = life.person

    life.delete("photo", "entry", "item", "bucket")

    rows = trash_of(ada)
    assert [(row["kind"], row["name"], row["itemCount"]) for row in rows] == [
        ("bucket", "Far away", 1),
        ("item", "See the lights", 1),
        ("entry", "The last night", 0),
        ("photo", "At two", 0),
    ]
    assert [row["thingId"] for row in rows] == [life.bucket, life.item, life.entry, life.photo]
    assert all(row["deletedAt"] < row["goneAt"] for row in rows)


def test_the_trash_comes_in_pages_newest_first(ada: Person, ben: Person) -> None:
    made = [ada.make_bucket(f"Bucket {number}")["id"] for number in range(5)]
    for one in made:
        ada.delete(f"/v1/buckets/{one}")

    first = json_of(ada.get("/v1/trash?limit=2"))
    second = json_of(ada.get(first["next"]))
    back = json_of(ada.get(second["previous"]))

    names = [row["thingId"] for row in (*first["trash"], *second["trash"])]
    assert (names, first["count"], back["trash"]) == (made[:0:-1], 5, first["trash"])
    assert trash_of(ben) == []
    assert ben.get(first["next"]).status_code == 422


def test_what_is_in_something_in_the_trash_comes_back_after_it_and_the_refusal_names_it(life: Life) -> None:
    ada = life.person
    entry, item, bucket = life.delete("entry", "item", "bucket")

    refused = [json_of(restore(ada, one)) for one in (entry, item)]

    parents = [(problem["code"], problem["parent"]) for problem in refused]
    assert parents == [
        ("parent_in_trash", {"kind": "item", "id": life.item, "trashId": item, "name": "See the lights"}),
        ("parent_in_trash", {"kind": "bucket", "id": life.bucket, "trashId": bucket, "name": "Far away"}),
    ]
    assert [row["id"] for row in trash_of(ada)] == [bucket, item, entry]
    assert [restore(ada, one).status_code for one in (bucket, item, entry)] == [200] * 3
    assert json_of(ada.get(life.paths["item"]))["timesDone"] == 1


@pytest.mark.parametrize("kind", ["entry", "photo"])
def test_a_part_names_the_bucket_when_its_item_lies_in_that_only(life: Life, kind: str) -> None:
    part, bucket = life.delete(kind, "bucket")

    assert json_of(restore(life.person, part))["parent"]["trashId"] == bucket


def test_ids_stay_taken_in_the_trash_and_are_free_when_it_is_emptied(life: Life) -> None:
    ada = life.person
    other = ada.make_item(ada.make_bucket()["id"])["id"]
    life.delete("entry", "bucket")
    wanted = [
        ("/v1/buckets", {"name": "x", "id": life.bucket}),
        (f"/v1/items/{other}/entries", {"id": life.entry}),
    ]

    taken = [code_of(ada.post(*one)) for one in wanted]
    assert ada.delete("/v1/trash").status_code == 204

    assert taken == [(409, "id_taken")] * 2
    assert [ada.post(*one).status_code for one in wanted] == [201] * 2


def test_what_comes_back_is_in_its_old_place(life: Life) -> None:
    ada = life.person
    last = ada.make_item(life.bucket, "Last")["id"]
    (trash_id,) = life.delete("item")
    new = ada.make_item(life.bucket, "New")["id"]

    restore(ada, trash_id)

    in_order = [item["id"] for item in json_of(ada.get(f"{life.paths['bucket']}/items"))["items"]]
    assert in_order == [life.item, life.other, last, new]


def test_nothing_of_anothers_trash_is_there(life: Life, ben: Person) -> None:
    (trash_id,) = life.delete("item")

    asked = [restore(ben, trash_id), ben.delete(f"/v1/trash/{trash_id}"), restore(ben, UNKNOWN)]
    assert [code_of(answer) for answer in asked] == [(404, "not_found")] * 3
    assert ben.delete("/v1/trash").status_code == 204

    assert [row["id"] for row in trash_of(life.person)] == [trash_id]


def test_a_restore_that_is_sent_again_is_answered_again_with_a_key(life: Life) -> None:
    ada = life.person
    (trash_id,) = life.delete("item")

    first, again = (ada.post(f"/v1/trash/{trash_id}/restore", Idempotency_Key="once") for _ in range(2))

    assert (again.status_code, json_of(again), again.headers["Idempotency-Replayed"]) == (200, json_of(first), "true")
    assert restore(ada, trash_id).status_code == 404


@pytest.mark.parametrize("kind", THINGS)
def test_a_delete_takes_the_version_that_was_seen_and_no_other(life: Life, kind: str) -> None:
    ada, path = life.person, life.paths[kind]
    etag = ada.get(path).headers["ETag"]

    refused = ada.delete(path, If_Match='"other"')
    taken = ada.delete(path, If_Match=etag)

    assert (code_of(refused), taken.status_code) == ((412, "precondition_failed"), 204)


def test_history_shows_that_an_item_was_deleted_and_restored(life: Life) -> None:
    ada = life.person
    (trash_id,) = life.delete("item")
    restore(ada, trash_id)

    told = json_of(ada.get(f"{life.paths['item']}/history"))["history"]

    assert [(row["action"], row["sessionId"]) for row in told[:2]] == [
        ("restored", ada.actor.session_id),
        ("deleted", ada.actor.session_id),
    ]


def test_every_table_of_things_leads_to_the_trash() -> None:
    leads = {table.name for table in metadata.sorted_tables if "trash_id" in table.c}

    assert leads == {table.name for table in metadata.sorted_tables if "kind" in table.info}
