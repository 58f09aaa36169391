"""Entries of an item: routes, validation, versions; what holds for every route is tested in `tests/every_route`."""

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import product
from typing import Any

import pytest
import time_machine

from tests.people import Person
from tests.responses import code_of, errors_of, json_of

DAY: dict[str, Any] = {
    "completes": False,
    "title": "Die letzte Nacht ☕",
    "date": "2026-24~",
    "story": "Green, then *everywhere*.\n\n\tAnd cold.",
    "people": ["Nora", "nora", "Håkon 海"],
    "place": "Tromsø",
    "rating": 4,
}
EMPTY: dict[str, Any] = dict.fromkeys(DAY) | {"completes": True, "people": []}


def itself(value: Any) -> Any:
    return value


WRONG: dict[str, tuple[Callable[[Any], Any], list[Any]]] = {  # by its place: a field, made of each of these values
    "/completes": (itself, [None, 1, "true", []]),
    "/title": (itself, ["a\nb", "a\0b", "\u200b", "x" * 201, 1, []]),
    "/date": (itself, ["soon", "2026-02-29", "2026-11-24\n", 2026, True, []]),
    "/story": (itself, ["a\0b", "x" * 100_001, 1, []]),
    "/people": (itself, [None, "Nora", {}, 1, ["x"] * 51]),
    "/people/0": (lambda value: [value], ["", " ", "a\nb", "a\0b", "\u200b", "x" * 101, 1, None, ["x"]]),
    "/place": (itself, ["a\nb", "\u200b", "x" * 201, 1]),
    "/rating": (itself, [0, 6, -1, 2.5, "5", True, 2**63, []]),
    "/keepState": (itself, [None, 1, "true"]),
    "/photoCount": (itself, [0, 1]),
    "/itemId": (itself, ["019abcde-0000-7000-8000-000000000000"]),
}


@pytest.fixture
def item(ada: Person) -> dict[str, Any]:
    return ada.make_item(ada.make_bucket()["id"])


@pytest.fixture
def list_path(item: dict[str, Any]) -> str:
    return f"/v1/items/{item['id']}/entries"


@pytest.fixture
def path(ada: Person, item: dict[str, Any]) -> str:
    return f"/v1/entries/{ada.make_entry(item['id'])['id']}"


def of(entry: dict[str, Any]) -> dict[str, Any]:
    return {name: entry[name] for name in DAY}


def test_ada_keeps_an_entry_with_all_that_can_be_said_of_it(ada: Person, item: dict[str, Any], list_path: str) -> None:
    answer = ada.post(list_path, DAY)
    made = json_of(answer)

    assert of(made) == DAY
    assert (made["itemId"], made["photoCount"], made["createdAt"]) == (item["id"], 0, made["modifiedAt"])
    assert answer.headers["Location"].endswith(f"/v1/entries/{made['id']}")
    assert json_of(ada.get(f"/v1/entries/{made['id']}")) == made
    assert json_of(ada.get(list_path))["entries"] == [made]


def test_an_entry_of_nothing_says_that_it_happened(ada: Person, item: dict[str, Any]) -> None:
    assert of(ada.make_entry(item["id"])) == EMPTY


@pytest.mark.parametrize("name", DAY)
def test_ada_changes_one_thing_and_empties_it_by_leaving_it_away(ada: Person, path: str, name: str) -> None:
    changed = ada.patch(path, {name: DAY[name]})
    again = ada.patch(path, {name: DAY[name]})
    replaced = json_of(ada.put(path, {}))

    assert of(json_of(changed)) == {**EMPTY, name: DAY[name]}
    assert (again.headers["ETag"], again.get_json()) == (changed.headers["ETag"], changed.get_json())
    assert of(replaced) == EMPTY
    assert replaced["modifiedAt"] > json_of(changed)["modifiedAt"] > replaced["createdAt"]


@pytest.mark.parametrize("empty", ["", "  ", None])
def test_an_empty_text_is_null(ada: Person, path: str, empty: str | None) -> None:
    ada.put(path, DAY)

    changed = json_of(ada.patch(path, dict.fromkeys(("title", "story", "place"), empty)))

    assert of(changed) == {**DAY, "title": None, "story": None, "place": None}
    assert of(json_of(ada.patch(path, {"date": "", "rating": None}))) == {**of(changed), "date": None, "rating": None}


@pytest.mark.threat(row=29)
@pytest.mark.parametrize(("method", "place"), list(product(["POST", "PUT", "PATCH"], WRONG)))
def test_what_is_wrong_is_told_at_its_place_and_nothing_is_kept(
    ada: Person, list_path: str, path: str, method: str, place: str
) -> None:
    make, values = WRONG[place]
    field, before = place.split("/")[1], json_of(ada.get(list_path))

    answers = [ada.ask(method, list_path if method == "POST" else path, {field: make(value)}) for value in values]

    assert [[where for where, _ in errors_of(answer)] for answer in answers] == [[place]] * len(values)
    assert json_of(ada.get(list_path)) == before


@pytest.mark.parametrize("letter", ["x", "海"])
def test_ada_fills_an_entry_to_the_last_letter(ada: Person, list_path: str, letter: str) -> None:
    longest = {"title": letter * 200, "place": letter * 200, "people": [letter * 100] * 50, "story": letter * 100_000}

    made = json_of(ada.post(list_path, longest))

    assert {name: made[name] for name in longest} == longest
    assert json_of(ada.get("/v1/entries"))["entries"] == [made | {"itemName": "See the northern lights"}]


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_ada_changes_nothing_that_has_changed_meanwhile(ada: Person, path: str, method: str) -> None:
    seen = ada.get(path).headers["ETag"]
    known = ada.get(path, If_None_Match=seen)
    changed = json_of(ada.patch(path, {"title": "Meanwhile"}))

    response = ada.ask(method, path, None if method == "DELETE" else {"title": "Changed"}, If_Match=seen)

    assert (known.status_code, response.status_code) == (304, 412)
    assert json_of(ada.get(path)) == changed
    assert ada.ask(method, path, None if method == "DELETE" else {}, If_Match="*").status_code in (200, 204)


def test_an_id_of_adas_own_is_taken_once_and_bens_is_another(ada: Person, ben: Person, list_path: str) -> None:
    wanted = {"id": "019abcde-0000-7000-8000-000000000000", "title": "First"}
    his = ben.make_item(ben.make_bucket()["id"])["id"]

    statuses = [ada.post(list_path, wanted).status_code, ben.post(f"/v1/items/{his}/entries", wanted).status_code]

    assert statuses == [201, 201]
    assert code_of(ada.post(list_path, wanted)) == (409, "id_taken")
    assert [json_of(ada.get(path))["count"] for path in (list_path, "/v1/entries")] == [1, 1]


def test_a_retry_makes_no_second_entry_and_counts_once(ada: Person, item: dict[str, Any], list_path: str) -> None:
    answers = [ada.post(list_path, DAY | {"completes": True}, Idempotency_Key="once") for _ in range(2)]

    assert [answer.data for answer in answers] == [answers[0].data] * 2
    assert answers[1].headers["Idempotency-Replayed"] == "true"
    assert json_of(ada.get(f"/v1/items/{item['id']}"))["timesDone"] == 1


def test_two_changes_in_one_millisecond_are_told_apart(ada: Person, path: str) -> None:
    with time_machine.travel(datetime.now(UTC), tick=False):
        changed = [json_of(ada.patch(path, {"title": title}))["modifiedAt"] for title in ("a", "b")]

    assert changed[0] < changed[1]


@pytest.mark.threat(row=18)
def test_ben_finds_neither_adas_item_nor_her_entries(ada: Person, ben: Person, list_path: str, path: str) -> None:
    asked = [ben.get(list_path), ben.post(list_path, {}), ben.post(list_path, {"completes": False}), ben.get(path)]
    asked += [ben.put(path, {}), ben.patch(path, {"completes": False}), ben.delete(path)]

    assert [answer.status_code for answer in asked] == [404] * len(asked)
    assert json_of(ben.get("/v1/entries")) == {"entries": [], "count": 0, "next": None, "previous": None}
    assert json_of(ada.get(list_path))["count"] == 1


def test_whoever_is_signed_out_is_told_so_before_anything_else(ada: Person, list_path: str, path: str) -> None:
    ada.post("/v1/auth/logout")

    asked = [ada.post(list_path, {}), ada.post("/v1/items/nothing/entries", {"completes": False}), ada.put(path, {})]

    assert [answer.status_code for answer in [*asked, ada.get(list_path), ada.delete(path)]] == [401] * 5
