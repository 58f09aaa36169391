"""R7: storage quota: how many bytes the texts of an account may take, whoever writes them, and how many at once."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from bucketlist.backup.checks import find_miscounts
from bucketlist.config import Settings
from bucketlist.kit.errors import Unavailable
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.kit.text import fold
from bucketlist.limits import storage
from bucketlist.models import users
from bucketlist.ops.pruning import prune
from tests.authentication import bearer
from tests.concurrency import together
from tests.fault_injection import failing_at
from tests.people import Person
from tests.raw_database import open_database
from tests.responses import code_of, json_of

REFUSED = (409, "storage_full")
LONG = "x" * 5_000  # 10,000 bytes, with its folded copy; the name makes it a little more
MOST = 25_000  # two of them
GROWS = "\ufdfa"  # three bytes, and 33 once it is folded


@pytest.fixture(autouse=True)
def most(monkeypatch: pytest.MonkeyPatch, settings: Settings, app: ApiApp) -> Iterator[None]:
    """And whatever happened, it was counted as it should be."""
    monkeypatch.setattr(storage, "MOST_BYTES", MOST)
    yield
    with open_database(settings) as connection:
        assert list(find_miscounts(connection)) == []


@pytest.fixture(params=["buckets", "items"])
def place(request: pytest.FixtureRequest, ada: Person) -> str:
    """Where Ada makes things."""
    return "/v1/buckets" if request.param == "buckets" else f"/v1/buckets/{ada.make_bucket()['id']}/items"


def text(description: str = LONG, **more: str) -> dict[str, str]:
    return {"name": "x", "description": description, **more}


def held(settings: Settings, person: Person) -> Any:
    with open_database(settings) as connection:
        return connection.scalar(select(users.c.text_bytes).where(users.c.id == person.id))


def one_of(place: str, made: dict[str, Any]) -> str:
    return f"/v1/{place.rpartition('/')[2]}/{made['id']}"


@pytest.mark.threat(row=52)
def test_r7_what_an_account_may_hold_is_taken_and_no_more(ada: Person, ben: Person, place: str) -> None:
    answers = [ada.post(place, text()) for _ in range(3)]

    assert [answer.status_code for answer in answers[:2]] == [201, 201]
    assert code_of(answers[2]) == REFUSED
    assert ada.post(place, {"name": "x" * 200}).status_code == 201, "small rows do not count"
    assert ben.post("/v1/buckets", text()).status_code == 201


@pytest.mark.threat(row=52)
@pytest.mark.parametrize("description", ["\U0001f600" * 300, GROWS * 60, "x" * 1_024], ids=["wide", "grows", "plain"])
def test_r7_what_is_kept_is_counted_and_not_what_is_typed(
    settings: Settings, ada: Person, place: str, description: str
) -> None:
    ada.post(place, text(description))
    ada.post(place, text(description[: len(description) // 3]))

    assert held(settings, ada) == 2 + len(description.encode()) + len(fold(description).encode())


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_r7_what_grows_is_refused_and_what_shrinks_is_taken_though_history_has_it(
    settings: Settings, ada: Person, place: str, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    big, small = (one_of(place, json_of(ada.post(place, body))) for body in (text(LONG * 2), text("")))

    assert code_of(ada.ask(method, small, text())) == REFUSED
    assert json_of(ada.get(small))["description"] != LONG
    assert ada.ask(method, big, text()).status_code == 200
    assert held(settings, ada) > MOST
    assert code_of(ada.ask(method, small, text())) == REFUSED
    assert [ada.delete(gone).status_code for gone in (big, "/v1/trash")] == [204, 204]
    prune()
    monkeypatch.setattr(storage, "MOST_BYTES", MOST - 5_000)  # what it takes, with what history has of it
    assert ada.ask(method, small, text()).status_code == 200


def test_r7_a_change_of_the_rest_costs_nothing(settings: Settings, ada: Person) -> None:
    bucket = ada.make_bucket()["id"]
    item = ada.make_item(bucket, description=LONG)
    before = held(settings, ada)

    ada.patch(f"/v1/items/{item['id']}", {"state": "done", "bucketId": ada.make_bucket()["id"]})

    assert held(settings, ada) == before > 0


def test_r7_what_is_deleted_makes_room(settings: Settings, ada: Person, place: str) -> None:
    made = [json_of(ada.post(place, text())) for _ in range(2)]

    for thing in made:
        assert ada.delete(one_of(place, thing)).status_code == 204
    assert held(settings, ada) == 2 * (2 * len(LONG) + 2)
    assert ada.delete("/v1/trash").status_code == 204

    assert held(settings, ada) == 0


def test_r7_a_bucket_makes_room_with_all_that_is_in_it(settings: Settings, ada: Person) -> None:
    bucket = ada.make_bucket(description=LONG)["id"]
    ada.make_item(bucket, description=LONG)
    moved = ada.make_item(ada.make_bucket()["id"], description="x" * 1_500)
    ada.patch(f"/v1/items/{moved['id']}", {"bucketId": bucket})

    assert [ada.delete(gone).status_code for gone in (f"/v1/buckets/{bucket}", "/v1/trash")] == [204, 204]

    assert held(settings, ada) == 0


def test_r7_who_has_more_than_there_may_be_can_still_make_it_less(
    ada: Person, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = (one_of(place, json_of(ada.post(place, text()))) for _ in range(2))
    monkeypatch.setattr(storage, "MOST_BYTES", 100)

    assert ada.patch(one, {"description": "x" * 4_000}).status_code == 200
    assert ada.delete(other).status_code == 204
    assert code_of(ada.patch(one, {"description": LONG})) == REFUSED


def test_r7_a_request_that_comes_twice_is_counted_once(settings: Settings, ada: Person, place: str) -> None:
    answers = [ada.post(place, text(), Idempotency_Key="once") for _ in range(3)]

    assert {json_of(answer)["id"] for answer in answers} == {json_of(answers[0])["id"]}
    assert held(settings, ada) == 2 * len(LONG) + 2


def test_r7_who_is_full_is_told_what_else_is_wrong_first(ada: Person, place: str) -> None:
    taken, _ = (json_of(ada.post(place, text()))["id"] for _ in range(2))

    assert code_of(ada.post(place, text(id=taken))) == (409, "id_taken")
    assert code_of(ada.post("/v1/buckets/nothing/items", text())) == (404, "not_found")
    ada.post("/v1/auth/logout")
    assert ada.post(place, text()).status_code == 401


@pytest.mark.threat(row=52)
def test_r7_of_twelve_at_once_two_find_room(app: ApiApp, settings: Settings, ada: Person, place: str) -> None:
    def post(number: int) -> int:
        headers = bearer(ada.access_token) | ({"Idempotency-Key": f"key{number % 4}"} if number % 2 else {})
        return app.test_client().post(place, json=text(), headers=headers).status_code

    statuses = Counter(together(12, post))

    assert set(statuses) == {201, 409}
    assert held(settings, ada) == 2 * (2 * len(LONG) + 2)


@pytest.mark.threat(row=52)
def test_r7_two_devices_that_write_delete_and_move_at_once_are_counted(
    app: ApiApp, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "MOST_BYTES", 10 * MOST)
    shelves = [ada.make_bucket(description=LONG)["id"] for _ in range(3)]
    things = [ada.make_item(shelves[number % 3], description="x" * 2_000)["id"] for number in range(6)]

    def work(number: int) -> set[int]:
        client, mine = app.test_client(), bearer(ada.access_token)
        thing, length = f"/v1/items/{things[number % 6]}", 500 * (number + 1)
        body = {"description": "x" * length, "bucketId": shelves[(number + 1) % 3]}
        asked = [client.patch(thing, json=body, headers=mine), client.patch(thing, json=text(), headers=mine)]
        asked.append(client.delete(f"/v1/buckets/{shelves[0]}" if number == 5 else thing, headers=mine))
        return {answer.status_code for answer in asked}

    assert set.union(*together(12, work)) <= {200, 204, 404, 409, 422}


@pytest.mark.threat(row=52)
@pytest.mark.parametrize(("method", "body"), [("POST", text()), ("PATCH", text(LONG + "y")), ("DELETE", None)])
def test_r7_what_fails_in_between_is_not_counted(
    app: ApiApp, settings: Settings, ada: Person, place: str, method: str, body: dict[str, str] | None
) -> None:
    path = place if method == "POST" else one_of(place, json_of(ada.post(place, text())))
    before = held(settings, ada)

    for number in (1, 2):
        with failing_at(app, number, Unavailable()):
            assert ada.ask(method, path, body).status_code == 503

    assert held(settings, ada) == before
    assert ada.ask(method, path, body).status_code < 300
    assert ada.delete("/v1/trash").status_code == 204
    assert held(settings, ada) != before
