"""F16: preconditions: what a client demands of the present version holds for every method with one (RFC 9110, 13)."""

import pytest
from flask.testing import FlaskClient

from tests.every_route.test_conditional_requests import STALE, WRITES, etag_of
from tests.people import Person
from tests.resources import Things
from tests.responses import json_of

FORBIDDEN = pytest.mark.parametrize(
    ("header", "value", "is_met"), [("If-Match", "*", True), ("If-Match", STALE, False), ("If-None-Match", "*", False)]
)


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE"])
def test_f16_ada_is_told_that_nonsense_is_no_list_of_tags(things: Things, method: str) -> None:
    thing, headers = things.make(), ["If-Match", "If-None-Match"]
    body = {"name": "Changed"} if method in ("PUT", "PATCH") else None

    found = {
        name: things.owner.ask(method, things.path(thing), body, **{name: "nonsense"}).status_code for name in headers
    }

    assert found == dict.fromkeys(headers, 400)
    assert json_of(things.read(thing)) == thing


@pytest.mark.threat(row=70)
@WRITES
def test_f16_ada_changes_nothing_that_is_there_when_she_forbids_it(things: Things, method: str) -> None:
    thing = things.make()
    etag = etag_of(things, thing)
    body = None if method == "DELETE" else {"name": "Changed"}

    found = {}
    for known in ("*", etag, f"W/{etag}"):
        response = things.owner.ask(method, things.path(thing), body, If_None_Match=known)
        found[known] = (response.status_code, json_of(things.read(thing)))

    assert found == dict.fromkeys(found, (412, thing))


@pytest.mark.threat(row=70)
@WRITES
@pytest.mark.parametrize("first", [True, False])
def test_f16_ada_may_send_her_tags_in_several_lines(things: Things, method: str, first: bool) -> None:
    thing = things.make()
    tags = [etag_of(things, thing), STALE] if first else [STALE, etag_of(things, thing)]
    lines = [("If-Match", tag) for tag in tags] + [("Authorization", f"Bearer {things.owner.access_token}")]
    body = None if method == "DELETE" else {"name": "Changed"}

    response = things.owner.client.open(things.path(thing), method=method, json=body, headers=lines)

    assert response.status_code in (200, 204)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_f16_ada_reads_only_the_version_that_she_wants(things: Things, method: str) -> None:
    thing = things.make()
    etag = etag_of(things, thing)
    statuses = {etag: 200, "*": 200, STALE: 412, f"W/{etag}": 412}

    found = {wanted: things.owner.ask(method, things.path(thing), If_Match=wanted) for wanted in statuses}

    assert {wanted: answer.status_code for wanted, answer in found.items()} == statuses


def test_f16_what_needs_a_date_or_a_part_is_passed_over(things: Things) -> None:
    path = things.path(things.make())
    headers = ["If-Modified-Since", "If-Unmodified-Since", "If-Range", "Range"]

    found = {name: things.owner.get(path, **{name: "Mon, 30 Nov 2020 00:00:00 GMT"}) for name in headers}

    shown = {name: (answer.status_code, "Last-Modified" in answer.headers) for name, answer in found.items()}
    assert shown == dict.fromkeys(headers, (200, False))


@pytest.mark.threat(row=70)
@FORBIDDEN
def test_f16_ada_makes_nothing_that_she_has_forbidden(things: Things, header: str, value: str, is_met: bool) -> None:
    before = len(things.names())

    response = things.owner.post(things.make_path, {"name": "Far away"}, **{header: value})

    assert response.status_code == (201 if is_met else 412)
    assert len(things.names()) - before == is_met


@FORBIDDEN
def test_f16_ada_ends_no_session_that_she_has_not_meant(ada: Person, header: str, value: str, is_met: bool) -> None:
    ada.client.post("/v1/auth/login", json={"email": ada.email, "password": ada.password})
    listed = json_of(ada.get("/v1/auth/sessions"))["sessions"]
    path = next(f"/v1/auth/sessions/{session['id']}" for session in listed if not session["current"])

    assert ada.delete(path, **{header: value}).status_code == (204 if is_met else 412)
    assert ada.delete(path).status_code == (404 if is_met else 204)
    assert ada.delete(path, If_Match=STALE).status_code == 404


@pytest.mark.parametrize(("header", "status"), [("If-Match", 412), ("If-None-Match", 200)])
def test_f16_a_list_has_no_tag_that_could_be_named(things: Things, header: str, status: int) -> None:
    assert things.owner.get(things.list_path, **{header: STALE}).status_code == status
    assert things.owner.get(things.list_path, **{header: "*"}).status_code == (200 if header == "If-Match" else 304)


@pytest.mark.parametrize(
    "path", ["/", "/conventions", "/problems", "/problems/not_found", "/reference", "/openapi.json", "/favicon.svg"]
)
def test_f16_a_page_is_revalidated_with_the_headers_that_it_has(client: FlaskClient, path: str) -> None:
    whole = client.get(path)
    etag = whole.headers["ETag"]

    again = client.get(path, headers={"If-None-Match": f"W/{etag}"})

    assert (again.status_code, again.data, "Content-Type" in again.headers) == (304, b"", False)
    names = ("ETag", "Cache-Control", "Vary", "Content-Security-Policy")
    assert [again.headers[name] for name in names] == [whole.headers[name] for name in names]


@pytest.mark.parametrize(("header", "value", "status"), [("If-Match", '"x"', 412), ("If-None-Match", "x", 400)])
def test_f16_a_page_keeps_to_preconditions_too(client: FlaskClient, header: str, value: str, status: int) -> None:
    assert client.get("/", headers={header: value}).status_code == status
