"""Ids are UUIDv7 in lower case, made by the server or by the client, and unique per owner."""

import re
from urllib.parse import quote

import pytest

from bucketlist.kit.ids import UUID7_PATTERN
from tests.kit.test_clock_and_ids import NOT_IDS, SOME_ID
from tests.people import Person
from tests.resources import Things, buckets_of, items_of
from tests.responses import errors_of, json_of


def test_ada_gets_an_id_from_the_server(things: Things) -> None:
    first, second = things.make(), things.make()

    assert first["id"] < second["id"]
    assert re.match(UUID7_PATTERN, first["id"])


def test_ada_makes_the_id_herself(things: Things) -> None:
    response = things.owner.post(things.make_path, {"name": "Far away", "id": SOME_ID})

    assert json_of(response)["id"] == SOME_ID
    assert response.headers["Location"] == f"/v1/{things.kind}/{SOME_ID}"
    assert things.owner.get(response.headers["Location"]).status_code == 200


def test_ada_cannot_make_up_another_kind_of_id(things: Things) -> None:
    for wrong in [*NOT_IDS, 1, True, [], {}]:
        response = things.owner.post(things.make_path, {"name": "Far away", "id": wrong})

        assert [pointer for pointer, _ in errors_of(response)] == ["/id"], wrong


def test_ada_cannot_use_an_id_twice(things: Things) -> None:
    first = things.make("First", id=SOME_ID)

    response = things.owner.post(things.make_path, {"name": "Second", "id": SOME_ID})

    assert (response.status_code, json_of(response)["code"]) == (409, "id_taken")
    assert json_of(things.read(first)) == first


def test_ada_cannot_use_an_id_twice_in_another_bucket(ada: Person) -> None:
    items_of(ada).make(id=SOME_ID)

    response = ada.post(items_of(ada).make_path, {"name": "Second", "id": SOME_ID})

    assert (response.status_code, json_of(response)["code"]) == (409, "id_taken")


@pytest.mark.parametrize("kind", [buckets_of, items_of])
def test_ben_can_use_the_id_that_ada_uses(ada: Person, ben: Person, kind: type) -> None:
    hers = kind(ada).make("Hers", id=SOME_ID)
    his = kind(ben).make("His", id=SOME_ID)

    path = kind(ada).path(hers)
    assert [json_of(person.get(path))["name"] for person in (ada, ben)] == ["Hers", "His"]
    assert hers["id"] == his["id"]


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE"])
def test_ada_finds_nothing_under_another_form_of_an_id(things: Things, method: str) -> None:
    things.make(id=SOME_ID)
    body = {"name": "Far away"} if method in ("PUT", "PATCH") else None

    found = {
        wrong: things.owner.ask(method, f"/v1/{things.kind}/{quote(wrong)}", body).status_code
        for wrong in filter(None, NOT_IDS)
    }

    assert found == dict.fromkeys(filter(None, NOT_IDS), 404)


def test_ada_finds_no_list_under_another_form_of_an_id(ada: Person) -> None:
    ada.make_bucket(id=SOME_ID)
    paths = [f"/v1/buckets/{quote(wrong)}/items" for wrong in NOT_IDS if wrong]

    found = {path: (ada.get(path).status_code, ada.post(path, {"name": "x"}).status_code) for path in paths}

    assert found == dict.fromkeys(paths, (404, 404))
