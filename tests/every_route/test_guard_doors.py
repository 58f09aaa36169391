"""Access matrix of routes, who may go where: every route, everybody, everything.

One table says what each gets; no route is missing in it.
"""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from bucketlist.auth.actor import Actor
from bucketlist.kit import clock
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.kit.http.route_policy import policy_of
from bucketlist.kit.ids import new_id
from bucketlist.services import services_of
from tests.people import Person, make_person
from tests.responses import json_of
from tests.routes import ABOUT_ONE, FORMS, PAGES, PRIVATE, READS, ROUTES, Place, Route, body_for, make_place, routes_of

UNKNOWN = Place(*(f"019abcde-0000-7000-8000-00000000000{number}" for number in range(4)))
REQUEST_ID = "the-same-for-both"


def header_of(person: Person) -> str:
    return f"Bearer {person.access_token}"


def no_token(_: ApiApp) -> None:
    return None


def garbage(_: ApiApp) -> str:
    return "Bearer eyJhbGciOiJub25lIn0.e30."


def expired(app: ApiApp) -> str:
    person = make_person(app, "expired@example.com")
    past = int((clock.now() - timedelta(seconds=1)).timestamp())
    actor = Actor(person.id, person.actor.session_id, new_id(), past)
    return f"Bearer {services_of(app).access_tokens.issue(actor)}"


def logged_out(app: ApiApp) -> str:
    person = make_person(app, "logged.out@example.com")
    assert person.post("/v1/auth/logout").status_code == 204
    return header_of(person)


def deleted(app: ApiApp) -> str:
    person = make_person(app, "deleted@example.com")
    assert person.delete("/v1/users/me", {"password": person.password}).status_code == 204
    return header_of(person)


def another_scheme(_: ApiApp) -> str:
    return "Basic YWRhOmFkYQ=="


NOBODIES: dict[Callable[[ApiApp], str | None], str] = {  # with what they are challenged
    no_token: "Bearer",
    another_scheme: "Bearer",
    garbage: 'Bearer error="invalid_token"',
    expired: 'Bearer error="invalid_token"',
    logged_out: 'Bearer error="invalid_token"',
    deleted: 'Bearer error="invalid_token"',
}


def ask(client: FlaskClient, route: Route, place: Place, header: str | None, body: object) -> TestResponse:
    headers = {"X-Request-Id": REQUEST_ID} | ({"Authorization": header} if header else {})
    return client.open(place.path(route), method=route.method, json=body, headers=headers)


def test_no_route_is_missing_in_the_table(app: ApiApp) -> None:
    written_down = {(route.method, route.rule) for route in ROUTES} | {("GET", rule) for rule, _ in PAGES}
    written_down |= {(method, path) for path in FORMS for method in ("GET", "POST")}

    assert set(routes_of(app)) == written_down


def test_every_address_below_v1_is_private_unless_the_table_says_else(app: ApiApp) -> None:
    public = {
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        for method in rule.methods or ()
        if rule.rule.startswith("/v1") and policy_of(app.view_functions[rule.endpoint]).is_public
    }

    assert {key for key in public if key[0] != "OPTIONS"} == {
        (route.method, route.rule) for route in ROUTES if route.is_public
    }


@pytest.mark.parametrize("route", PRIVATE, ids=str)
def test_nobody_gets_in_and_all_bad_tokens_are_answered_alike(
    app: ApiApp, client: FlaskClient, ada: Person, route: Route
) -> None:
    place, body = make_place(ada), body_for(route, ada)
    headers = {nobody: nobody(app) for nobody in NOBODIES}

    found: dict[str, set[tuple[int, bytes, str]]] = {challenge: set() for challenge in NOBODIES.values()}
    for nobody, header in headers.items():
        for response in (ask(client, route, there, header, body) for there in (place, UNKNOWN)):
            assert json_of(response)["code"] == "unauthorized", nobody.__name__
            assert response.headers["WWW-Authenticate"] == NOBODIES[nobody], nobody.__name__
            response.headers.remove("Connection")  # tells only whether the body was read before
            found[NOBODIES[nobody]].add((response.status_code, response.data, str(response.headers)))

    assert [[status for status, *_ in answers] for answers in found.values()] == [[401], [401]]
    assert json_of(ada.get(f"/v1/items/{place.item_id}"))["name"] == "See the northern lights"


@pytest.mark.parametrize("route", PRIVATE, ids=str)
def test_nobody_is_told_what_else_is_wrong(client: FlaskClient, route: Route) -> None:
    path = f"{UNKNOWN.path(route)}?nonsense=1"

    responses = [
        client.open(path, method=route.method, data=b"{broken", content_type="text/plain"),
        client.open(path, method=route.method, data=b"x" * 2_000_000, content_type="application/json"),
    ]

    assert [response.status_code for response in responses] == [401, 401]


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_ada_gets_in_where_things_are_hers(ada: Person, route: Route, slash: str) -> None:
    place, body = make_place(ada), body_for(route, ada)

    response = ada.ask(route.method, place.path(route) + slash, body)

    assert response.status_code == route.status


@pytest.mark.threat(row=18)
@pytest.mark.parametrize("route", ABOUT_ONE, ids=str)
def test_cleo_cannot_tell_what_is_adas_from_what_was_never_there(ada: Person, cleo: Person, route: Route) -> None:
    place, body = make_place(ada), body_for(route, cleo)

    foreign, unknown = (ask(cleo.client, route, there, header_of(cleo), body) for there in (place, UNKNOWN))

    assert (foreign.status_code, json_of(foreign)["code"]) == (404, "not_found")
    assert (foreign.status_code, foreign.data) == (unknown.status_code, unknown.data)
    assert list(foreign.headers) == list(unknown.headers)
    assert json_of(ada.get(f"/v1/items/{place.item_id}"))["name"] == "See the northern lights"
    assert json_of(ada.get(f"/v1/buckets/{place.bucket_id}"))["itemCount"] == 1


@pytest.mark.parametrize("route", READS, ids=str)
def test_the_head_is_guarded_as_the_whole_is(client: FlaskClient, ada: Person, cleo: Person, route: Route) -> None:
    path = make_place(ada).path(route)

    statuses = [client.head(path).status_code, ada.ask("HEAD", path).status_code, cleo.ask("HEAD", path).status_code]

    assert statuses == [401, 200, 404 if route in ABOUT_ONE else 200]


@pytest.mark.parametrize("route", [route for route in ROUTES if route.is_public], ids=str)
def test_a_worthless_token_does_not_shut_a_public_door(app: ApiApp, ada: Person, route: Route) -> None:
    body = body_for(route, ada)

    response = ask(ada.client, route, UNKNOWN, logged_out(app), body)

    looks_at_it = route.rule == "/v1/auth/email/confirm"  # a session of the account leaves all as it is
    assert response.status_code == (401 if looks_at_it else route.status)


@pytest.mark.parametrize(("rule", "path"), PAGES)
def test_everybody_reads_the_pages(app: ApiApp, client: FlaskClient, rule: str, path: str) -> None:
    responses = [client.get(path), client.get(path, headers={"Authorization": garbage(app)})]

    assert [response.status_code for response in responses] == [200, 200]
