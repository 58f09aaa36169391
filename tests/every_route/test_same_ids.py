"""Tenant isolation: what Ada does leaves Ben's alone, though it has the same id; and a dead token does nothing."""

from collections.abc import Callable

import pytest
import time_machine

from bucketlist.accounts import login
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.services import services_of
from tests.items.test_meet_others_at_work import just_before
from tests.people import PASSWORD, Person
from tests.resources import Things, buckets_of, items_of
from tests.responses import json_of

SAME_ID = "01931bb4-7c5e-7b6a-9d3e-2f1a0b4c5d6e"
Kind = Callable[[Person], Things]
of_each_kind = pytest.mark.parametrize("kind", [buckets_of, items_of])


@of_each_kind
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_ada_changes_hers_and_not_bens(ada: Person, ben: Person, kind: Kind, method: str) -> None:
    his = kind(ben)
    kept = json_of(his.read(his.make("His", id=SAME_ID)))
    hers = kind(ada)
    path = hers.path(hers.make("Hers", id=SAME_ID))

    response = ada.ask(method, path, None if method == "DELETE" else {"name": "Changed"})

    assert response.status_code in (200, 204)
    assert json_of(ben.get(path)) == kept


@of_each_kind
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_ada_changes_nothing_once_she_is_signed_out_though_others_are_not(
    app: ApiApp, ada: Person, ben: Person, kind: Kind, method: str
) -> None:
    things = kind(ada)
    path = things.path(things.make("Kept"))
    login.open_session_of(ada.email)

    with just_before(app, "DELETE" if method == "DELETE" else "UPDATE", lambda: ada.post("/v1/auth/logout")):
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


def make_token(person: Person, **fields: str) -> str:
    made: str = json_of(
        person.post(
            "/v1/auth/tokens", {"name": "Backup script", "scope": "read", "currentPassword": PASSWORD, **fields}
        )
    )["id"]
    return made


def token_ids(person: Person) -> list[str]:
    return [token["id"] for token in json_of(person.get("/v1/auth/tokens"))["tokens"]]


def test_ada_revokes_one_token_and_keeps_the_others(ada: Person, ben: Person) -> None:
    kept, his = make_token(ada), make_token(ben)
    revoked = make_token(ada)

    ada.delete(f"/v1/auth/tokens/{revoked}")

    assert (token_ids(ada), token_ids(ben)) == ([kept], [his])


def test_ada_revokes_nothing_once_she_is_signed_out(app: ApiApp, ada: Person, ben: Person) -> None:
    token = make_token(ada)

    with just_before(app, "DELETE", lambda: ada.post("/v1/auth/logout")):
        response = ada.delete(f"/v1/auth/tokens/{token}")

    there = services_of(app).access_tokens.issue(login.open_session_of(ada.email))
    listed = json_of(ada.get("/v1/auth/tokens", Authorization=f"Bearer {there}"))["tokens"]
    assert (response.status_code, [row["id"] for row in listed]) == (401, [token])


def test_a_token_that_has_expired_is_not_listed(ada: Person) -> None:
    make_token(ada, expiresAt="2031-06-14T12:00:00Z")
    lasting = make_token(ada)

    with time_machine.travel("2031-06-14T12:00:01Z"):
        auth_token = ada.client.post("/v1/auth/login", json={"email": ada.email, "password": ada.password})
        access = json_of(auth_token)["accessToken"]
        listed = json_of(ada.get("/v1/auth/tokens", Authorization=f"Bearer {access}"))["tokens"]

    assert [row["id"] for row in listed] == [lasting]
