"""Entries and the state of their item: `timesDone` counts those that complete it, and one of them makes it done."""

from collections import Counter
from typing import Any

import pytest

from bucketlist.kit.http.openapi import ApiApp
from tests.authentication import bearer
from tests.concurrency import just_before, together
from tests.people import Person
from tests.responses import code_of, errors_of, json_of

STATES = ["open", "doing", "done", "dropped"]


def make(ada: Person, **fields: Any) -> dict[str, Any]:
    return ada.make_item(ada.make_bucket()["id"], **fields)


def read(ada: Person, item: dict[str, Any]) -> tuple[str, int]:
    found = json_of(ada.get(f"/v1/items/{item['id']}"))
    return found["state"], found["timesDone"]


@pytest.mark.parametrize("state", STATES)
def test_the_entry_that_brings_it_to_times_makes_an_item_done_whatever_it_was(ada: Person, state: str) -> None:
    item = make(ada, times=2, state=state)
    seen = []

    for _ in range(3):
        ada.make_entry(item["id"])
        seen.append(read(ada, item))

    assert seen == [(state, 1), ("done", 2), ("done", 3)]


def test_what_is_done_has_no_reason_for_letting_go(ada: Person) -> None:
    item = make(ada, state="dropped", droppedReason="Too cold.")

    ada.make_entry(item["id"], completes=False)
    kept = json_of(ada.get(f"/v1/items/{item['id']}"))
    ada.make_entry(item["id"])

    assert (kept, read(ada, item)) == (item, ("done", 1))
    assert json_of(ada.get(f"/v1/items/{item['id']}"))["droppedReason"] is None


@pytest.mark.parametrize("state", STATES)
def test_keep_state_keeps_it(ada: Person, state: str) -> None:
    item = make(ada, state=state)

    entry = ada.make_entry(item["id"], keepState=True)

    assert read(ada, item) == (state, 1)
    assert "keepState" not in entry


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_note_that_is_made_one_that_completes_counts_and_back_again(ada: Person, method: str) -> None:
    item = make(ada)
    path = f"/v1/entries/{ada.make_entry(item['id'], completes=False)['id']}"
    seen = [read(ada, item)]

    for body in ({"completes": True, "keepState": True}, {"completes": False}, {"completes": True}):
        ada.ask(method, path, body)
        seen.append(read(ada, item))
    ada.patch(f"/v1/items/{item['id']}", {"state": "doing"})
    for title, completes in (("x", True), ("y", False)):
        ada.ask(method, path, {"title": title, "completes": completes})
        seen.append(read(ada, item))

    assert seen == [("open", 0), ("open", 1), ("open", 0), ("done", 1), ("doing", 1), ("doing", 0)]


def test_an_entry_that_is_deleted_counts_no_more_and_moves_no_state(ada: Person) -> None:
    item = make(ada)
    note, day = (ada.make_entry(item["id"], completes=completes)["id"] for completes in (False, True))

    statuses = [ada.delete(f"/v1/entries/{entry}").status_code for entry in (note, day, day)]

    assert statuses == [204, 204, 404]
    assert read(ada, item) == ("done", 0)


@pytest.mark.parametrize(("times", "state"), [(1, "done"), (5, "done"), (2, "open")])
def test_times_that_are_changed_move_no_state(ada: Person, times: int, state: str) -> None:
    item = make(ada, times=2)
    for _ in range(2 if state == "done" else 1):
        ada.make_entry(item["id"])

    ada.patch(f"/v1/items/{item['id']}", {"times": times})

    assert read(ada, item)[0] == state


def test_a_count_is_a_change_of_the_item_and_a_note_is_none(ada: Person) -> None:
    item = make(ada, times=3)
    path, tags = f"/v1/items/{item['id']}", []

    for completes in (False, True, True):
        ada.make_entry(item["id"], completes=completes)
        tags.append(ada.get(path).headers["ETag"])

    assert len(set(tags)) == 3
    assert ada.patch(path, {"name": "x"}, If_Match=tags[1]).status_code == 412
    assert json_of(ada.get(path))["modifiedAt"] > item["modifiedAt"]
    assert json_of(ada.get(f"/v1/buckets/{item['bucketId']}"))["doneCount"] == 0


def test_times_done_is_nobodys_to_write(ada: Person) -> None:
    path = f"/v1/items/{make(ada)['id']}"

    answers = [ada.ask(method, path, {"name": "x", "timesDone": 1}) for method in ("PUT", "PATCH")]

    assert [errors_of(answer) for answer in answers] == [[("/timesDone", "extra_forbidden")]] * 2
    assert json_of(ada.put(path, {"name": "y"}))["timesDone"] == 0


@pytest.mark.parametrize(("more", "state"), [({}, "done"), *(({"state": state}, state) for state in STATES)])
@pytest.mark.parametrize("completes", [True, False])
def test_what_is_done_already_is_made_with_its_entry(
    ada: Person, more: dict[str, str], state: str, completes: bool
) -> None:
    entry = {"completes": completes, "title": "Long ago", "date": "198X", "people": ["Nora"]}

    made = make(ada, times=2, tags=["cold"], entry=entry, **more)

    (kept,) = json_of(ada.get(f"/v1/items/{made['id']}/entries"))["entries"]
    assert (made["state"], made["timesDone"]) == (state, completes)
    assert json_of(ada.get(f"/v1/items/{made['id']}")) == made
    assert {name: kept[name] for name in entry} == entry
    assert json_of(ada.get("/v1/items?tag=cold&state=" + state))["count"] == 1


@pytest.mark.parametrize(
    ("entry", "refused"),
    [
        ({"rating": 6}, "/entry/rating"),
        ({"keepState": True}, "/entry/keepState"),
        ({"people": ["x", ""]}, "/entry/people/1"),
        (None, "/entry"),
        ([], "/entry"),
        ("x", "/entry"),
    ],
)
def test_an_item_is_not_made_without_an_entry_that_is_wrong(ada: Person, entry: Any, refused: str) -> None:
    path = f"/v1/buckets/{ada.make_bucket()['id']}/items"

    assert [place for place, _ in errors_of(ada.post(path, {"name": "x", "entry": entry}))] == [refused]
    assert json_of(ada.get(path))["count"] == 0


def test_item_and_entry_are_made_together_or_not_at_all(ada: Person) -> None:
    taken = ada.make_entry(make(ada)["id"])["id"]
    path = f"/v1/buckets/{ada.make_bucket()['id']}/items"

    refused = [ada.post(path, {"name": "x", "tags": tags, "entry": {"id": taken}}) for tags in ([], ["new"])]

    assert [code_of(answer) for answer in refused] == [(409, "id_taken")] * 2
    assert (json_of(ada.get(path))["count"], json_of(ada.get("/v1/tags"))["count"]) == (0, 0)


def test_a_retry_of_what_is_done_already_is_told_from_what_is_not(ada: Person) -> None:
    path = f"/v1/buckets/{ada.make_bucket()['id']}/items"
    wanted = {"name": "x", "entry": {"title": "Long ago"}}

    first, again = (ada.post(path, wanted, Idempotency_Key="once") for _ in range(2))

    assert (again.headers["Idempotency-Replayed"], again.data) == ("true", first.data)
    assert ada.post(path, wanted | {"state": "open"}, Idempotency_Key="once").status_code == 422
    assert [json_of(ada.get(one))["count"] for one in (path, "/v1/entries")] == [1, 1]


def test_of_twelve_at_once_each_is_counted_and_one_makes_it_done(app: ApiApp, ada: Person) -> None:
    item = make(ada, times=12)
    path = f"/v1/items/{item['id']}"

    def add(number: int) -> int:
        client, mine = app.test_client(), bearer(ada.access_token)
        if number % 3 == 0:
            client.patch(path, json={"place": f"Place {number}"}, headers=mine)
        return client.post(f"{path}/entries", json={"title": f"{number}"}, headers=mine).status_code

    assert Counter(together(12, add)) == {201: 12}
    assert read(ada, item) == ("done", 12)


@pytest.mark.parametrize("completes", [True, False])
def test_an_entry_of_an_item_that_goes_at_the_same_moment_is_not_made(
    app: ApiApp, ada: Person, completes: bool
) -> None:
    item = make(ada)
    path = f"/v1/items/{item['id']}"

    first = "SELECT items.id, items.state" if completes else "INSERT INTO entries"
    with just_before(app, first, lambda: ada.delete(path)):
        answer = ada.post(f"{path}/entries", {"completes": completes})

    assert (answer.status_code, json_of(ada.get("/v1/entries"))["count"]) == (404, 0)


@pytest.mark.parametrize(("method", "body"), [("PATCH", {"completes": False}), ("DELETE", None)])
def test_an_entry_that_changes_at_the_same_moment_is_counted_as_it_is(
    app: ApiApp, ada: Person, method: str, body: dict[str, bool] | None
) -> None:
    item = make(ada)
    path = f"/v1/entries/{ada.make_entry(item['id'])['id']}"

    with just_before(app, "SELECT items.id, items.state", lambda: ada.patch(path, {"title": "Meanwhile"})):
        answer = ada.ask(method, path, body)

    assert (answer.status_code < 300, read(ada, item)) == (True, ("done", 0))
