"""History of an item: what changed, from what to what, when, and by which session or token."""

from typing import Any

from sqlalchemy import func, select

from bucketlist.auth import recording
from bucketlist.backup.checks import find_miscounts
from bucketlist.config import Settings
from bucketlist.models import changes, users
from bucketlist.ops.pruning import prune
from tests.people import Person
from tests.raw_database import open_database
from tests.responses import code_of, json_of


def history_of(person: Person, item: dict[str, Any], parameters: str = "") -> Any:
    return json_of(person.get(f"/v1/items/{item['id']}/history{parameters}"))


def test_ada_reads_what_she_did_to_an_item_newest_first(ada: Person) -> None:
    item = ada.make_item(ada.make_bucket()["id"], "Lights", steps=[{"text": "Save up"}])
    path = f"/v1/items/{item['id']}"

    changed = json_of(ada.patch(path, {"name": "See the lights", "tags": ["winter"], "steps": []}))
    ada.patch(path, {"name": "See the lights"})  # as it is already

    told, created = history_of(ada, item)["history"]
    steps = [{"text": "Save up", "done": False}]
    assert (created["action"], created["at"], created["fields"]) == ("created", item["createdAt"], [])
    assert (told["action"], told["at"]) == ("changed", changed["modifiedAt"])
    assert told["fields"] == [
        {"field": "name", "from": "Lights", "to": "See the lights"},
        {"field": "tags", "from": [], "to": ["winter"]},
        {"field": "steps", "from": steps, "to": []},
    ]


def test_history_tells_sessions_from_personal_tokens(ada: Person) -> None:
    item, token = ada.make_item(ada.make_bucket()["id"]), ada.make_token("write")

    ada.patch(f"/v1/items/{item['id']}", {"name": "x"}, Authorization=f"Bearer {token['token']}")

    by = [(each["sessionId"], each["tokenId"]) for each in history_of(ada, item)["history"]]
    assert by == [(None, token["id"]), (ada.actor.session_id, None)]


def test_history_tells_what_an_entry_moves_in_its_item(ada: Person) -> None:
    item = ada.make_item(ada.make_bucket()["id"])

    ada.post(f"/v1/items/{item['id']}/entries", {"title": "There"})

    told = history_of(ada, item)["history"][0]["fields"]
    assert {each["field"]: (each["from"], each["to"]) for each in told} == {
        "state": ("open", "done"),
        "timesDone": (0, 1),
    }


def test_a_new_order_and_a_renamed_tag_are_told_once_and_without_fields(ada: Person) -> None:
    bucket = ada.make_bucket()["id"]
    first, second = (ada.make_item(bucket, tags=["winter"]) for _ in range(2))
    order = [second["id"], first["id"]]

    ada.put(f"/v1/buckets/{bucket}/items/order", {"ids": order})
    ada.put(f"/v1/buckets/{bucket}/items/order", {"ids": order[::-1]})
    ada.patch("/v1/tags/winter", {"name": "ice"})

    told = history_of(ada, first)["history"]
    assert [(each["action"], each["fields"]) for each in told] == [("changed", []), ("created", [])]


def test_history_comes_in_pages(ada: Person) -> None:
    item = ada.make_item(ada.make_bucket()["id"])
    for number in range(4):
        ada.patch(f"/v1/items/{item['id']}", {"times": number + 2})

    first = history_of(ada, item, "?limit=3")
    second = json_of(ada.get(first["next"]))

    told = [each["fields"][0]["to"] if each["fields"] else None for each in first["history"] + second["history"]]
    assert (first["count"], second["next"], told) == (5, None, [5, 4, 3, 2, None])


def test_the_history_of_what_is_gone_or_anothers_is_404(ada: Person, ben: Person) -> None:
    item = ada.make_item(ada.make_bucket()["id"])
    path = f"/v1/items/{item['id']}/history"

    assert code_of(ben.get(path)) == (404, "not_found")
    ada.delete(f"/v1/items/{item['id']}")
    assert code_of(ada.get(path)) == (404, "not_found")


def test_the_last_row_that_restored_a_busy_thing_is_kept_and_the_one_before_is_not(
    ada: Person, settings: Settings, monkeypatch: Any
) -> None:
    monkeypatch.setattr(recording, "THIN_EVERY", 1)
    item = ada.make_item(ada.make_bucket()["id"])
    path = f"/v1/items/{item['id']}"
    for _ in range(2):
        ada.delete(path)
        ada.post(f"/v1/trash/{json_of(ada.get('/v1/trash'))['trash'][0]['id']}/restore")
    for number in range(recording.KEPT_CHANGES):
        ada.patch(path, {"times": number + 2})

    prune()

    with open_database(settings) as connection:
        told = list(connection.scalars(select(changes.c.action).where(changes.c.thing_id == item["id"])))
    assert (told.count("restored"), len(told)) == (1, recording.KEPT_CHANGES + 1)


def test_the_words_of_what_is_gone_go_with_the_next_pruning_and_the_feed_tells_of_it_all_the_same(
    ada: Person, settings: Settings
) -> None:
    bucket = ada.make_bucket()["id"]
    item, within = (ada.make_item(ada.make_bucket()["id"])["id"], ada.make_item(bucket)["id"])
    for thing in (item, within):
        ada.patch(f"/v1/items/{thing}", {"description": "x" * 3_000})
    ada.delete(f"/v1/items/{item}")
    ada.delete(f"/v1/buckets/{bucket}")
    ada.delete("/v1/trash")

    prune()

    with open_database(settings) as connection:
        kept = list(connection.execute(select(changes.c.thing_id, changes.c.fields)))
        assert connection.scalar(select(users.c.text_bytes)) == 0
    told = {each["id"]: each["action"] for each in json_of(ada.get("/v1/changes"))["changes"]}
    assert [fields for _, fields in kept] == [None] * 4
    assert {told[thing] for thing in (item, within, bucket)} == {"deleted"}


def test_the_history_of_a_busy_item_is_bounded_and_its_words_count_no_more(
    ada: Person, settings: Settings, monkeypatch: Any
) -> None:
    monkeypatch.setattr(recording, "THIN_EVERY", 4)
    item = ada.make_item(ada.make_bucket()["id"])
    insert = "x" * 3_000
    for number in range(recording.KEPT_CHANGES + 2):
        ada.patch(f"/v1/items/{item['id']}", {"description": f"{insert}{number}" if number < 3 else str(number)})

    prune()

    with open_database(settings) as connection:
        kept = connection.scalar(select(func.count()).select_from(changes).where(changes.c.thing_id == item["id"]))
        assert list(find_miscounts(connection)) == []
    assert kept == recording.KEPT_CHANGES
