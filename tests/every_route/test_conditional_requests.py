"""ETags: what has changed meanwhile is not overwritten, what has not is not sent again."""

import time
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.people import Person
from tests.resources import Things, buckets_of
from tests.responses import json_of

WRITES = pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
NAMED = ("ETag", "Cache-Control", "Content-Type")
STALE = '"1-2020-01-01T00:00:00.000Z"'


def write(things: Things, method: str, thing: dict[str, Any], if_match: str) -> TestResponse:
    body = None if method == "DELETE" else {"name": "Changed"}
    return things.owner.ask(method, things.path(thing), body, If_Match=if_match)


def etag_of(things: Things, thing: dict[str, Any]) -> str:
    return things.read(thing).headers["ETag"]


def test_ada_gets_the_same_strong_etag_from_making_reading_and_asking_for_the_head(things: Things) -> None:
    made = things.owner.post(things.make_path, {"name": "Far away"})
    path = made.headers["Location"]

    etags = {answer.headers["ETag"] for answer in (made, things.owner.get(path), things.owner.ask("HEAD", path))}

    assert len(etags) == 1
    assert etags.pop().startswith('"')


@WRITES
def test_ada_changes_what_is_there_or_among_those_that_she_has_seen(things: Things, method: str) -> None:
    tags = {
        others: things.make() for others in ("{etag}", "*", " * ", "{etag}, {stale}", "{stale},{etag}", '"x", {etag}')
    }

    found = {
        others: write(things, method, thing, others.format(etag=etag_of(things, thing), stale=STALE)).status_code
        for others, thing in tags.items()
    }

    assert found == dict.fromkeys(tags, 204 if method == "DELETE" else 200)


@WRITES
def test_ada_changes_nothing_that_she_has_not_seen(things: Things, method: str) -> None:
    thing = things.make()
    etag = etag_of(things, thing)
    tags = [STALE, f"W/{etag}", f'{STALE}, "x"', '""', "", '"*"']

    found = {}
    for wrong in tags:
        response = write(things, method, thing, wrong)
        found[wrong] = (response.status_code, "precondition_failed" in response.text, json_of(things.read(thing)))

    assert found == dict.fromkeys(tags, (412, True, thing))


@WRITES
def test_ada_changes_nothing_that_has_changed_meanwhile(things: Things, method: str) -> None:
    thing = things.make()
    seen = etag_of(things, thing)
    things.owner.patch(things.path(thing), {"name": "Changed meanwhile"})

    response = write(things, method, thing, seen)

    assert response.status_code == 412
    assert json_of(things.read(thing))["name"] == "Changed meanwhile"


@WRITES
def test_ada_is_told_that_there_is_nothing_before_she_is_told_that_it_differs(things: Things, method: str) -> None:
    gone = things.make()
    things.owner.delete(things.path(gone))

    responses = [write(things, method, gone, if_match) for if_match in (STALE, "*")]

    assert [response.status_code for response in responses] == [404, 404]


@WRITES
def test_ada_is_told_that_her_request_is_wrong_before_she_is_told_that_it_is_late(things: Things, method: str) -> None:
    path = things.path(things.make())
    body = {"name": "Changed", "colour": "red"}

    response = things.owner.ask(method, path if method != "DELETE" else f"{path}?colour=red", body, If_Match=STALE)

    assert response.status_code == 422


def test_ada_gets_another_etag_for_each_change(things: Things) -> None:
    thing = things.make()

    etags = [etag_of(things, thing)]
    for number in range(5):
        response = things.owner.patch(things.path(thing), {"name": f"Change {number}"})
        etags += [response.headers["ETag"]]
        assert etag_of(things, thing) == etags[-1]

    assert len(set(etags)) == 6


def test_ada_gets_another_etag_for_what_she_made_again_under_an_old_id(things: Things) -> None:
    first = things.make()
    seen = etag_of(things, first)
    things.owner.delete(things.path(first))
    things.owner.delete("/v1/trash")
    time.sleep(0.002)

    again = things.make(id=first["id"])

    assert etag_of(things, again) != seen
    assert write(things, "PUT", again, seen).status_code == 412


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_ada_is_not_sent_what_she_has(things: Things, method: str) -> None:
    thing = things.make()
    etag = etag_of(things, thing)
    tags = [etag, f"W/{etag}", f'"x", {etag}', "*"]

    found = {known: things.owner.ask(method, things.path(thing), If_None_Match=known) for known in tags}

    shown = {known: (answer.status_code, answer.data) for known, answer in found.items()}
    assert shown == dict.fromkeys(tags, (304, b""))
    named = [[answer.headers.get(name) for name in NAMED] for answer in found.values()]
    assert named == [[etag, "private, no-cache", None]] * len(tags)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_ada_is_sent_what_she_does_not_have(things: Things, method: str) -> None:
    path = things.path(things.make())
    tags, whole = [STALE, '""', '"x"'], things.owner.get(path)

    found = {known: things.owner.ask(method, path, If_None_Match=known) for known in tags}

    shown = {known: (answer.status_code, answer.data) for known, answer in found.items()}
    assert shown == dict.fromkeys(tags, (200, b"" if method == "HEAD" else whole.data))
    assert {answer.headers["Content-Length"] for answer in found.values()} == {whole.headers["Content-Length"]}


def test_ada_is_sent_what_has_changed(things: Things) -> None:
    thing = things.make()
    seen = etag_of(things, thing)
    things.owner.patch(things.path(thing), {"name": "Changed"})

    response = things.owner.get(things.path(thing), If_None_Match=seen)

    assert json_of(response)["name"] == "Changed"


def test_cleo_learns_nothing_from_an_etag_of_adas(things: Things, cleo: Person) -> None:
    thing = things.make()
    etag = etag_of(things, thing)

    responses = [cleo.get(things.path(thing), If_None_Match=known) for known in (etag, "*", STALE)]

    assert [response.status_code for response in responses] == [404, 404, 404]


@pytest.mark.parametrize("change", ["add", "finish", "move away", "delete"])
def test_ada_cannot_delete_a_bucket_whose_items_have_changed_meanwhile(ada: Person, change: str) -> None:
    things = buckets_of(ada)
    bucket = things.make()
    path = f"/v1/items/{ada.make_item(bucket['id'])['id']}"
    seen = etag_of(things, bucket)
    changed = {
        "add": (f"{things.path(bucket)}/items", "POST", {"name": "One more"}),
        "finish": (path, "PATCH", {"state": "done"}),
        "move away": (path, "PATCH", {"bucketId": things.make()["id"]}),
        "delete": (path, "DELETE", None),
    }[change]
    assert ada.ask(changed[1], changed[0], changed[2]).status_code < 300

    response = write(things, "DELETE", bucket, seen)

    assert response.status_code == 412
    assert json_of(things.read(bucket))["modifiedAt"] == bucket["modifiedAt"]
