"""Access matrix: every method of every address × everybody × everything, and what each gets.

It is made of the application's own map of addresses and of the column `who` in `tests/routes.py`. A route that is
missing there has no expected outcome, and fails.
"""

from collections.abc import Iterator
from itertools import product

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from bucketlist.kit.db.driver import Compiled
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.kit.http.route_policy import policy_of
from tests.callers import EVERYBODY, NOBODIES, Asking, Everybody, garbage, nobody, owner, writing_script
from tests.conftest import on_sqlite
from tests.people import Person, as_sent, make_person
from tests.responses import json_of
from tests.routes import (
    ABOUT_ONE,
    FORMS,
    PAGES,
    PRIVATE,
    READS,
    ROUTES,
    UNKNOWN,
    Place,
    Route,
    body_for,
    make_place,
    routes_of,
)
from tests.web.routes import WEB

BY_RULE = {(route.method, route.rule): route for route in ROUTES}
REQUEST_ID = "the-same-for-both"


every_private_route = pytest.mark.parametrize("route", PRIVATE, ids=str)
every_route_about_one = pytest.mark.parametrize("route", ABOUT_ONE, ids=str)


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
    headers = {"X-Request-Id": REQUEST_ID} | headers
    return client.open(place.path(route), method=route.method, headers=headers, **as_sent(body))


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
            answer, wanted = ask(ada, route, place, asking.headers, body), expected(route, asking, whose)
            if answer.status_code != wanted or (wanted == 403 and json_of(answer)["code"] != "insufficient_scope"):
                yield f"{route} of {whose}: {answer.status_code} and not {wanted}"


@pytest.mark.threat(row=18)
@pytest.mark.threat(row=22)
@pytest.mark.parametrize("everybody", EVERYBODY, ids=lambda everybody: everybody.__name__)
def test_everybody_gets_what_the_table_says(app: ApiApp, everybody: Everybody) -> None:
    assert list(deviations(app, everybody)) == []


@pytest.mark.threat(row=22)
def test_every_route_says_for_whom_it_is(app: ApiApp) -> None:
    """A new one fails here until `tests/routes.py` has it, and is private until it says else."""
    listed = set(BY_RULE) | {("GET", rule) for rule, _ in PAGES} | set(product(("GET", "POST"), FORMS)) | set(WEB)
    rules = {(method, rule.rule): rule.endpoint for rule in app.url_map.iter_rules() for method in rule.methods or ()}
    public = {key for key, name in rules.items() if policy_of(app.view_functions[name]).is_public}

    assert set(routes_of(app)) == listed
    assert public & set(BY_RULE) == {key for key, route in BY_RULE.items() if route.is_public}


@every_private_route
def test_nobody_gets_in_and_all_bad_tokens_are_answered_alike(ada: Person, route: Route) -> None:
    place, body = make_place(ada), body_for(route, ada)

    found: dict[str, set[tuple[int, bytes, str]]] = {challenge: set() for challenge in NOBODIES.values()}
    for who, challenge in NOBODIES.items():
        headers = who(ada).headers
        for response in (ask(ada, route, there, headers, body) for there in (place, UNKNOWN)):
            assert response.headers["WWW-Authenticate"] == challenge, who.__name__
            response.headers.remove("Connection")  # tells only whether the body was read before
            found[challenge].add((response.status_code, response.data, str(response.headers)))

    assert [[status for status, *_ in answers] for answers in found.values()] == [[401], [401]]
    assert json_of(ada.get(f"/v1/items/{place.item_id}"))["name"] == "See the northern lights"


@pytest.mark.threat(row=18)
@pytest.mark.parametrize("who", [owner, writing_script])
@every_route_about_one
def test_cleo_cannot_tell_what_is_adas_from_what_was_never_there(
    ada: Person, cleo: Person, route: Route, who: Everybody
) -> None:
    place, body, headers = make_place(ada), body_for(route, cleo), who(cleo).headers
    hers = [f"/v1/items/{place.item_id}", f"/v1/buckets/{place.bucket_id}", "/v1/auth/sessions", "/v1/auth/tokens"]
    before = [ada.get(path).data for path in hers]

    foreign, unknown = (ask(cleo, route, there, headers, body) for there in (place, UNKNOWN))

    assert foreign.status_code == (404 if route.who in (who(cleo).scope or ()) else 403)
    assert (foreign.data, list(foreign.headers)) == (unknown.data, list(unknown.headers))
    assert [ada.get(path).data for path in hers] == before


@pytest.mark.parametrize("route", READS, ids=str)
def test_the_head_is_guarded_as_the_whole_is(client: FlaskClient, ada: Person, cleo: Person, route: Route) -> None:
    path = make_place(ada).path(route)

    statuses = [client.head(path).status_code, ada.ask("HEAD", path).status_code, cleo.ask("HEAD", path).status_code]

    assert statuses == [401, 200, 404 if route in ABOUT_ONE else 200]


@on_sqlite
@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_a_slash_at_the_end_makes_no_difference(ada: Person, route: Route) -> None:
    path, body = f"{make_place(ada).path(route)}/", body_for(route, ada)

    assert ada.ask(route.method, path, body).status_code == route.status


@pytest.mark.parametrize(("rule", "path"), PAGES)
def test_everybody_reads_the_pages(client: FlaskClient, ada: Person, rule: str, path: str) -> None:
    statuses = [client.get(path, headers=who(ada).headers).status_code for who in (nobody, garbage)]

    assert statuses == [200, 200]


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
