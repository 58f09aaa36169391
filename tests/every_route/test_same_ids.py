"""Tenant isolation: what Ada does leaves Ben's alone, though it has the same id; and a dead token does nothing."""

from collections.abc import Callable

import pytest
import time_machine

from bucketlist.accounts import login
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.services import services_of
from tests.authentication import bearer, log_in
from tests.concurrency import just_before
from tests.people import Person
from tests.resources import Things, buckets_of, items_of
from tests.responses import json_of

Kind = Callable[[Person], Things]
of_each_kind = pytest.mark.parametrize("kind", [buckets_of, items_of])


@of_each_kind
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_ada_changes_nothing_once_she_is_signed_out_though_others_are_not(
    app: ApiApp, ada: Person, ben: Person, kind: Kind, method: str
) -> None:
    things = kind(ada)
    path = things.path(things.make("Kept"))
    login.open_session_of(ada.email)

    with just_before(app, "UPDATE", lambda: ada.post("/v1/auth/logout")):
        response = ada.ask(method, path, None if method == "DELETE" else {"name": "Changed"})

    assert response.status_code in (401, 404)
    there = services_of(app).access_tokens.issue(login.open_session_of(ada.email))
    assert json_of(ada.get(path, Authorization=f"Bearer {there}"))["name"] == "Kept"


def test_ada_adds_nothing_once_she_is_signed_out_though_others_are_not(app: ApiApp, ada: Person, ben: Person) -> None:
    bucket = ada.make_bucket()["id"]
    login.open_session_of(ada.email)
    ada.post("/v1/auth/logout")

    answers = [ada.post(path, {"name": "x"}).status_code for path in ("/v1/buckets", f"/v1/buckets/{bucket}/items")]

    there = services_of(app).access_tokens.issue(login.open_session_of(ada.email))
    assert answers == [401, 401]
    assert json_of(ada.get("/v1/items", Authorization=f"Bearer {there}"))["count"] == 0
    assert json_of(ada.get("/v1/buckets", Authorization=f"Bearer {there}"))["count"] == 1


def token_ids(person: Person) -> list[str]:
    return [token["id"] for token in json_of(person.get("/v1/auth/tokens"))["tokens"]]


def test_ada_revokes_one_token_and_keeps_the_others(ada: Person, ben: Person) -> None:
    kept, his = ada.make_token()["id"], ben.make_token()["id"]
    revoked = ada.make_token()["id"]

    ada.delete(f"/v1/auth/tokens/{revoked}")

    assert (token_ids(ada), token_ids(ben)) == ([kept], [his])


def test_ada_revokes_nothing_once_she_is_signed_out(app: ApiApp, ada: Person, ben: Person) -> None:
    token = ada.make_token()["id"]

    with just_before(app, "DELETE", lambda: ada.post("/v1/auth/logout")):
        response = ada.delete(f"/v1/auth/tokens/{token}")

    there = services_of(app).access_tokens.issue(login.open_session_of(ada.email))
    listed = json_of(ada.get("/v1/auth/tokens", Authorization=f"Bearer {there}"))["tokens"]
    assert (response.status_code, [row["id"] for row in listed]) == (401, [token])


def test_a_token_that_has_expired_is_not_listed(ada: Person) -> None:
    ada.make_token(expiresAt="2031-06-14T12:00:00Z")
    lasting = ada.make_token()["id"]

    with time_machine.travel("2031-06-14T12:00:01Z"):
        listed = json_of(ada.client.get("/v1/auth/tokens", headers=bearer(log_in(ada.client, ada))))["tokens"]

    assert [row["id"] for row in listed] == [lasting]
