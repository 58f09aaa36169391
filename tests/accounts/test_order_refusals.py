"""Error handling, in which order: of several things that are wrong with a request, the contract says which is told."""

import json

import pytest
from flask.testing import FlaskClient

from bucketlist.kit.ids import new_id
from tests.authentication import bearer
from tests.people import PASSWORD, Person
from tests.responses import code_of
from tests.routes import PRIVATE, UNKNOWN, WITH_BODY, Route

HUGE, BROKEN, WRONG, RIGHT = b"x" * (1024 * 1024 + 1), b"{", b'{"unknown": 1}', json.dumps({"name": "A"}).encode()
JSON, XML = "application/json", "application/xml"


def send(client: FlaskClient, method: str, path: str, body: bytes, kind: str, token: str | None = None) -> int:
    headers = bearer(token) if token else {}
    return client.open(path, method=method, data=body, content_type=kind, headers=headers).status_code


@pytest.mark.parametrize("token", [None, "forged"])
def test_the_route_comes_before_everything(client: FlaskClient, token: str | None) -> None:
    assert send(client, "POST", "/v1/nowhere", HUGE, XML, token) == 404
    assert send(client, "PATCH", "/v1/buckets", HUGE, XML, token) == 405
    assert send(client, "GET", "/v1/auth/login", HUGE, XML, token) == 405


@pytest.mark.parametrize("token", [None, "forged"])
@pytest.mark.parametrize(("body", "kind"), [(HUGE, JSON), (b"x", XML), (BROKEN, JSON), (WRONG, JSON)])
def test_the_signature_comes_before_the_body(client: FlaskClient, token: str | None, body: bytes, kind: str) -> None:
    for route in PRIVATE:
        assert send(client, route.method, UNKNOWN.path(route), body, kind, token) == 401


@pytest.mark.parametrize("is_revoked", [False, True])
@pytest.mark.parametrize("route", [route for route in WITH_BODY if not route.is_public], ids=str)
def test_size_then_type_then_syntax_then_fields_come_before_the_database(
    client: FlaskClient, ada: Person, route: Route, is_revoked: bool
) -> None:
    if is_revoked:
        ada.post("/v1/auth/logout")
    bodies = [(HUGE, XML), (HUGE, JSON), (BROKEN, XML), (WRONG, XML), (BROKEN, JSON), (WRONG, JSON)]

    statuses = [send(client, route.method, UNKNOWN.path(route), *body, ada.access_token) for body in bodies]

    assert statuses == [413, 413, 415, 415, 400, 422]


@pytest.mark.parametrize("route", [route for route in WITH_BODY if route.is_public], ids=str)
def test_on_public_routes_it_is_the_same(client: FlaskClient, route: Route) -> None:
    bodies = [(HUGE, XML), (HUGE, JSON), (BROKEN, XML), (b"", XML), (BROKEN, JSON), (b"", JSON), (WRONG, JSON)]

    statuses = [send(client, "POST", route.rule, body, kind) for body, kind in bodies]

    assert statuses == [413, 413, 415, 415, 400, 400, 422]


def test_what_has_changed_comes_before_an_email_that_is_taken(ada: Person, ben: Person) -> None:
    body = {"email": ben.email, "currentPassword": PASSWORD}

    assert code_of(ada.patch("/v1/users/me", body, If_Match='"old"')) == (412, "precondition_failed")
    assert code_of(ada.patch("/v1/users/me", body)) == (409, "email_taken")


def test_a_bucket_that_is_not_there_comes_before_an_item_id_that_is_taken(ada: Person) -> None:
    item = ada.make_item(ada.make_bucket()["id"])

    response = ada.post(f"/v1/buckets/{new_id()}/items", {"id": item["id"], "name": "x"})

    assert code_of(response) == (404, "not_found")
