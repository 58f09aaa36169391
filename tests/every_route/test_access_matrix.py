"""Access matrix: every method of every address × everybody × everything, and what each gets.

It is made of the application's own map of addresses and of the column `who` in `tests/routes.py`. A route that is
missing there has no expected outcome, and fails.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import product
from typing import NamedTuple

import pytest
from sqlalchemy import bindparam, update
from werkzeug.test import TestResponse

from bucketlist.auth.actor import Actor
from bucketlist.kit import clock
from bucketlist.kit.db.database import Statement, execute
from bucketlist.kit.db.driver import Compiled
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.kit.ids import new_id
from bucketlist.models import sessions
from bucketlist.services import services_of
from tests.people import PASSWORD, Person, make_person
from tests.responses import json_of
from tests.routes import ABOUT_ONE, FORMS, PAGES, ROUTES, Place, Route, Who, body_for, make_place, routes_of

UNKNOWN = Place(*(f"019abcde-0000-7000-8000-00000000000{number}" for number in range(4)))
BY_RULE = {(route.method, route.rule): route for route in ROUTES}
PAIRS = 100
REQUEST_ID = "the-same-for-both"
END_NOW = Statement(
    update(sessions).where(sessions.c.id == bindparam("token_id")).values(expires_at=bindparam("moment"))
)


class Asking(NamedTuple):
    """Somebody with a request: what they send in the headers, and which doors the token is for."""

    headers: dict[str, str]
    scope: frozenset[Who] | None = None  # None: nobody, as far as the guard can tell
    is_dead: bool = False  # as the database can tell


Everybody = Callable[[Person], Asking]


def with_token(token: str, *scope: Who, is_dead: bool = False) -> Asking:
    return Asking({"Authorization": f"Bearer {token}"}, frozenset(scope) or None, is_dead)


def personal_token(person: Person, scope: str, **fields: str) -> dict[str, str]:
    made: dict[str, str] = json_of(
        person.post("/v1/auth/tokens", {"name": "Script", "scope": scope, "currentPassword": PASSWORD, **fields})
    )
    return made


def nobody(_: Person) -> Asking:
    return Asking({})


def garbage(_: Person) -> Asking:
    return with_token("eyJhbGciOiJub25lIn0.e30.")


def with_a_cookie_only(ada: Person) -> Asking:
    return Asking({"Cookie": f"session={ada.access_token}; Authorization=Bearer {ada.access_token}"})


def expired(ada: Person) -> Asking:
    past = int((clock.now() - timedelta(seconds=1)).timestamp())
    actor = Actor(ada.id, ada.actor.session_id, new_id(), past)
    return with_token(services_of(ada.client.application).access_tokens.issue(actor))


def logged_out(ada: Person) -> Asking:
    credentials = {"email": ada.email, "password": ada.password}
    token = json_of(ada.client.post("/v1/auth/login", json=credentials))["accessToken"]
    ada.post("/v1/auth/logout", Authorization=f"Bearer {token}")
    return with_token(token, "reader", "writer", "person", is_dead=True)


def revoked_script(ada: Person) -> Asking:
    made = personal_token(ada, "write")
    ada.delete(f"/v1/auth/tokens/{made['id']}")
    return with_token(made["token"], "reader", "writer", is_dead=True)


def expired_script(ada: Person) -> Asking:
    made = personal_token(ada, "write", expiresAt=clock.text_from_now(hours=1))
    execute(END_NOW, {"token_id": made["id"], "moment": clock.now_text()})
    return with_token(made["token"], "reader", "writer", is_dead=True)


def reading_script(ada: Person) -> Asking:
    return with_token(personal_token(ada, "read")["token"], "reader")


def writing_script(ada: Person) -> Asking:
    return with_token(personal_token(ada, "write")["token"], "reader", "writer")


def owner(ada: Person) -> Asking:
    return with_token(ada.access_token, "reader", "writer", "person")


EVERYBODY: list[Everybody] = [
    nobody,
    garbage,
    with_a_cookie_only,
    expired,
    logged_out,
    revoked_script,
    expired_script,
    reading_script,
    writing_script,
    owner,
]


def expected(route: Route, asking: Asking, whose: str) -> int:
    """The one rule: is there somebody, may they do such a thing, are they still there, is it theirs?"""
    if route.is_public:
        is_session = "person" in (asking.scope or ()) and not asking.is_dead
        is_looked_at = "confirm" in route.rule and "Authorization" in asking.headers  # so that nobody is put out by it
        return 401 if is_looked_at and not is_session else route.status
    if asking.scope is None:
        return 401
    if route.who not in asking.scope:
        return 403
    if asking.is_dead:
        return 401
    return route.status if whose == "own" else 404


def ask(person: Person, route: Route, place: Place, headers: dict[str, str], body: object) -> TestResponse:
    client = person.client.application.test_client()  # without the cookies of others
    return client.open(
        place.path(route), method=route.method, json=body, headers={"X-Request-Id": REQUEST_ID} | headers
    )


def deviations(app: ApiApp, everybody: Everybody) -> Iterator[str]:
    """Every request whose answer is not as the rule has it."""
    for number, (method, rule) in enumerate(sorted(routes_of(app))):
        if not rule.startswith("/v1"):
            continue
        route = BY_RULE[method, rule]
        ada, cleo = (make_person(app, f"{name}.{number}@example.com") for name in ("ada", "cleo"))
        asking = everybody(ada)
        places = {"own": make_place(ada)}
        if route in ABOUT_ONE:
            places = {"foreign": make_place(cleo), "unknown": UNKNOWN, **places}
        for whose, place in places.items():
            body = body_for(route, ada)
            if body and "email" in body and route.status == 200:
                body["email"] = ada.email
            found, wanted = ask(ada, route, place, asking.headers, body).status_code, expected(route, asking, whose)
            if found != wanted:
                yield f"{route} of {whose}: {found} and not {wanted}"


@pytest.mark.threat(row=18)
@pytest.mark.threat(row=22)
@pytest.mark.parametrize("everybody", EVERYBODY, ids=lambda everybody: everybody.__name__)
def test_everybody_gets_what_the_table_says(app: ApiApp, everybody: Everybody) -> None:
    assert list(deviations(app, everybody)) == []


@pytest.mark.threat(row=22)
def test_every_route_says_for_whom_it_is(app: ApiApp) -> None:
    """A new one fails here until `tests/routes.py` has it."""
    listed = set(BY_RULE) | {("GET", rule) for rule, _ in PAGES} | set(product(("GET", "POST"), FORMS))

    assert set(routes_of(app)) == listed


@pytest.mark.threat(row=18)
@pytest.mark.parametrize("route", ABOUT_ONE, ids=str)
def test_a_script_cannot_tell_foreign_from_unknown_either(ada: Person, cleo: Person, route: Route) -> None:
    place, body = make_place(ada), body_for(route, cleo)
    headers = writing_script(cleo).headers

    foreign, unknown = (ask(cleo, route, there, headers, body) for there in (place, UNKNOWN))

    assert foreign.status_code == (403 if route.who == "person" else 404)
    assert (foreign.data, list(foreign.headers)) == (unknown.data, list(unknown.headers))


@pytest.mark.threat(row=18)
@pytest.mark.parametrize("route", [route for route in ABOUT_ONE if route.method == "GET"], ids=str)
def test_foreign_takes_the_same_statements_as_unknown(
    ada: Person, cleo: Person, route: Route, statements: list[Compiled]
) -> None:
    taken = []
    for place in (make_place(ada), UNKNOWN):
        statements.clear()
        assert cleo.get(place.path(route)).status_code == 404
        taken.append([statement.sql for statement in statements])

    assert taken[0] == taken[1]


@pytest.mark.threat(row=19)
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_no_pair_of_an_item_and_a_bucket_crosses_the_border(ada: Person, cleo: Person, method: str) -> None:
    mine, hers = make_place(ada), make_place(cleo)
    there = ada.make_bucket()["id"]
    items = {"mine": mine.item_id, "hers": hers.item_id, "nobody's": UNKNOWN.item_id}
    targets = {"mine": there, "hers": hers.bucket_id, "nobody's": UNKNOWN.bucket_id}

    found = {
        (whose, target): ada.ask(method, f"/v1/items/{items[whose]}", {"name": "x", "bucketId": targets[target]})
        for whose, target in product(items, targets)
    }

    assert {pair: answer.status_code for pair, answer in found.items()} == {
        pair: 404 if pair[0] != "mine" else 200 if pair[1] == "mine" else 422 for pair in found
    }
    for status in (404, 422):
        refused = [json_of(answer) | {"requestId": ""} for answer in found.values() if answer.status_code == status]
        assert all(answer == refused[0] for answer in refused)
    assert json_of(cleo.get(f"/v1/items/{hers.item_id}"))["bucketId"] == hers.bucket_id
    assert json_of(cleo.get(f"/v1/buckets/{hers.bucket_id}"))["itemCount"] == 1


@pytest.mark.threat(row=19)
@pytest.mark.parametrize("parameter", ["bucketId", "userId", "user_id", "owner", "itemId"])
def test_no_query_names_whose_things_are_meant(ada: Person, cleo: Person, parameter: str) -> None:
    place = make_place(cleo)

    for path in ("/v1/items", "/v1/buckets", f"/v1/items/{make_place(ada).item_id}"):
        assert ada.get(f"{path}?{parameter}={place.bucket_id}").status_code == 422
