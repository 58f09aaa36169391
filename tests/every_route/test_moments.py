"""Timestamps: `createdAt` stays, `modifiedAt` moves exactly when something changed."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from bucketlist.auth.tokens import LEEWAY_SECONDS
from tests.resources import Things
from tests.responses import json_of

MILLISECOND = timedelta(milliseconds=1)  # times are cut to it
METHODS = pytest.mark.parametrize("method", ["PUT", "PATCH"])


def test_ada_sees_when_it_was_made(things: Things) -> None:
    before = datetime.now(UTC)

    thing = things.make()

    assert thing["createdAt"] == thing["modifiedAt"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", thing["createdAt"])
    assert before - MILLISECOND < datetime.fromisoformat(thing["createdAt"]) <= datetime.now(UTC)


@METHODS
@pytest.mark.parametrize("body", [{"name": "Changed"}, {"name": "Kept", "description": "Changed"}])
def test_ada_sees_that_it_changed(things: Things, method: str, body: dict[str, str]) -> None:
    thing = things.make("Kept", description="Kept")

    changed = json_of(things.owner.ask(method, things.path(thing), body))

    assert changed["modifiedAt"] > thing["modifiedAt"]
    assert changed["createdAt"] == thing["createdAt"]
    assert json_of(things.read(thing)) == changed


@METHODS
def test_ada_sees_that_nothing_changed(things: Things, method: str) -> None:
    thing = things.make()
    body = {"name": "Changed", "description": "Changed"}
    first = things.owner.ask(method, things.path(thing), body)

    second = things.owner.ask(method, things.path(thing), body)

    assert (second.status_code, second.data) == (200, first.data)
    assert second.headers["ETag"] == first.headers["ETag"]


@pytest.mark.parametrize("body", [{}, {"name": " Caf\u0065\u0301 "}, {"description": ""}, {"description": None}])
def test_ada_changes_nothing_by_saying_what_is_so(things: Things, body: dict[str, str | None]) -> None:
    thing = things.make("Café")

    response = things.owner.patch(things.path(thing), body)

    assert json_of(response) == thing
    assert response.headers["ETag"] == things.read(thing).headers["ETag"]


def test_ada_sees_each_of_two_changes_in_the_same_millisecond(things: Things) -> None:
    with time_machine.travel(datetime.now(UTC), tick=False):
        thing = things.make("a")
        changed = [json_of(things.owner.patch(things.path(thing), {"name": name})) for name in ("b", "c")]

    assert thing["modifiedAt"] < changed[0]["modifiedAt"] < changed[1]["modifiedAt"]


def test_ada_sees_each_of_two_orders_in_the_same_millisecond(things: Things) -> None:
    with time_machine.travel(datetime.now(UTC), tick=False):
        first, second = things.make("a"), things.make("b")
        seen = [first]
        for order in ([second, first], [first, second]):
            things.owner.put(f"{things.make_path}/order", {"ids": [thing["id"] for thing in order]})
            seen.append(json_of(things.read(first)))

    assert seen[0]["modifiedAt"] < seen[1]["modifiedAt"] < seen[2]["modifiedAt"]


def test_ada_sees_a_change_after_the_clock_was_set_back(things: Things) -> None:
    thing = things.make("Before")

    with time_machine.travel(datetime.now(UTC) - timedelta(seconds=LEEWAY_SECONDS / 2)):
        changed = json_of(things.owner.patch(things.path(thing), {"name": "After"}))

    assert changed["modifiedAt"] > thing["modifiedAt"]
