"""Error handling, in which order: of several things that are wrong with a request, the contract says which is told."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from bucketlist.kit.http.openapi import ApiApp
from bucketlist.kit.ids import new_id
from tests.auth.steps import bearer, code_of, protected_routes
from tests.people import PASSWORD, Person

HUGE, BROKEN, WRONG, RIGHT = b"x" * (1024 * 1024 + 1), b"{", b'{"unknown": 1}', json.dumps({"name": "A"}).encode()
JSON, XML = "application/json", "application/xml"
PUBLIC = ["/v1/auth/register", "/v1/auth/login", "/v1/auth/refresh"]


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
def test_the_signature_comes_before_the_body(
    app: ApiApp, client: FlaskClient, token: str | None, body: bytes, kind: str
) -> None:
    for method, rule in protected_routes(app):
        assert send(client, method, rule, body, kind, token) == 401


WITH_BODY = [
    ("PATCH", "/v1/users/me"),
    ("DELETE", "/v1/users/me"),
    ("PUT", "/v1/auth/password"),
    ("POST", "/v1/buckets"),
    ("PUT", f"/v1/buckets/{new_id()}"),
    ("PATCH", f"/v1/buckets/{new_id()}"),
    ("POST", f"/v1/buckets/{new_id()}/items"),
    ("PUT", f"/v1/items/{new_id()}"),
    ("PATCH", f"/v1/items/{new_id()}"),
]


@pytest.mark.parametrize("is_revoked", [False, True])
@pytest.mark.parametrize(("method", "path"), WITH_BODY, ids=lambda part: str(part)[:14])
def test_size_then_type_then_syntax_then_fields_come_before_the_database(
    client: FlaskClient, ada: Person, method: str, path: str, is_revoked: bool
) -> None:
    if is_revoked:
        ada.post("/v1/auth/logout")
    bodies = [(HUGE, XML), (HUGE, JSON), (BROKEN, XML), (WRONG, XML), (BROKEN, JSON), (WRONG, JSON)]

    statuses = [send(client, method, path, body, kind, ada.access_token) for body, kind in bodies]

    assert statuses == [413, 413, 415, 415, 400, 422]


@pytest.mark.parametrize("path", PUBLIC)
def test_on_public_routes_it_is_the_same(client: FlaskClient, path: str) -> None:
    bodies = [(HUGE, XML), (HUGE, JSON), (BROKEN, XML), (b"", XML), (BROKEN, JSON), (b"", JSON), (WRONG, JSON)]

    statuses = [send(client, "POST", path, body, kind) for body, kind in bodies]

    assert statuses == [413, 413, 415, 415, 400, 400, 422]


@pytest.mark.parametrize(
    ("method", "body"),
    [("PATCH", RIGHT), ("PUT", RIGHT), ("DELETE", b""), ("GET", b"")],
    ids=["PATCH", "PUT", "DELETE", "GET"],
)
def test_a_worthless_token_comes_before_what_is_not_there(
    client: FlaskClient, ada: Person, method: str, body: bytes
) -> None:
    path = f"/v1/buckets/{new_id()}"
    assert send(client, method, path, body, JSON, ada.access_token) == 404
    ada.post("/v1/auth/logout")

    assert send(client, method, path, body, JSON, ada.access_token) == 401


@pytest.mark.parametrize(("method", "body"), [("PATCH", {"name": "A"}), ("PUT", {"name": "A"}), ("DELETE", None)])
def test_what_is_not_there_comes_before_what_has_changed(ada: Person, method: str, body: dict[str, Any] | None) -> None:
    gone = ada.ask(method, f"/v1/buckets/{new_id()}", body, If_Match='"old"')
    changed = ada.ask(method, f"/v1/buckets/{ada.make_bucket()['id']}", body, If_Match='"old"')

    assert code_of(gone) == (404, "not_found")
    assert code_of(changed) == (412, "precondition_failed")


def test_what_has_changed_comes_before_an_email_that_is_taken(ada: Person, ben: Person) -> None:
    body = {"email": ben.email, "currentPassword": PASSWORD}

    assert code_of(ada.patch("/v1/users/me", body, If_Match='"old"')) == (412, "precondition_failed")
    assert code_of(ada.patch("/v1/users/me", body)) == (409, "email_taken")


def test_a_bucket_that_is_not_there_comes_before_an_item_id_that_is_taken(ada: Person) -> None:
    item = ada.make_item(ada.make_bucket()["id"])

    response = ada.post(f"/v1/buckets/{new_id()}/items", {"id": item["id"], "name": "x"})

    assert code_of(response) == (404, "not_found")


def test_asking_for_the_methods_needs_no_token(client: FlaskClient) -> None:
    response = client.options("/v1/users/me")

    assert response.status_code == 200
    assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD", "PATCH", "DELETE", "OPTIONS"}
