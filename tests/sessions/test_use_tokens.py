"""Personal access tokens: what a script may do with one, and how long."""

import base64
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from werkzeug.test import TestResponse

from bucketlist.auth.personal_tokens import PREFIX, PersonalTokens
from bucketlist.kit import clock
from bucketlist.kit.errors import Unauthorized
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.kit.ids import new_id
from bucketlist.services import services_of
from tests.people import PASSWORD, Person
from tests.responses import json_of
from tests.routes import PRIVATE, Route, body_for, make_place

PERSON_ONLY = ("/v1/auth/", "/v1/users/me")


def make_token(person: Person, scope: str = "write", **fields: str) -> dict[str, Any]:
    response = person.post("/v1/auth/tokens", {"name": "Script", "scope": scope, "currentPassword": PASSWORD, **fields})
    assert response.status_code == 201, response.text
    made: dict[str, Any] = json_of(response)
    return made


def ask_with(person: Person, token: str, method: str, path: str, body: object = None) -> TestResponse:
    return person.ask(method, path, body, Authorization=f"Bearer {token}")


def test_ada_is_shown_a_token_once(ada: Person) -> None:
    made = make_token(ada, "read")

    listed = json_of(ada.get("/v1/auth/tokens"))["tokens"]

    assert made["token"].startswith("blt_")
    assert listed == [{name: value for name, value in made.items() if name != "token"}]
    assert set(listed[0]) == {"id", "name", "scope", "expiresAt", "lastUsedAt", "createdAt"}


@pytest.mark.threat(row=22)
@pytest.mark.parametrize("scope", ["read", "write"])
@pytest.mark.parametrize("route", PRIVATE, ids=str)
def test_a_token_may_do_what_its_scope_says_and_nothing_else(ada: Person, route: Route, scope: str) -> None:
    place, body, token = make_place(ada), body_for(route, ada), make_token(ada, scope)["token"]
    is_persons = route.rule.startswith("/v1/auth/") or (route.rule == "/v1/users/me" and route.method != "GET")
    is_allowed = not is_persons and (scope == "write" or route.method == "GET")

    response = ask_with(ada, token, route.method, place.path(route), body)

    assert response.status_code == (route.status if is_allowed else 403)
    if not is_allowed:
        assert json_of(response)["code"] == "insufficient_scope"


def test_a_small_scope_is_told_before_anything_about_the_body(ada: Person) -> None:
    token = make_token(ada, "read")["token"]

    response = ada.client.post(
        "/v1/buckets", data=b"{" * 2_000_000, headers={"Authorization": f"Bearer {token}", "Content-Type": "text/plain"}
    )

    assert response.status_code == 403


def test_a_token_reaches_its_owners_things_only(ada: Person, cleo: Person) -> None:
    bucket, token = ada.make_bucket(), make_token(cleo)["token"]

    response = ask_with(cleo, token, "GET", f"/v1/buckets/{bucket['id']}")

    assert response.status_code == 404


def test_a_revoked_token_is_worthless(ada: Person) -> None:
    made = make_token(ada)
    assert ask_with(ada, made["token"], "GET", "/v1/users/me").status_code == 200

    response = ada.delete(f"/v1/auth/tokens/{made['id']}")

    assert response.status_code == 204
    assert ask_with(ada, made["token"], "GET", "/v1/users/me").status_code == 401
    assert ada.delete(f"/v1/auth/tokens/{made['id']}").status_code == 404


def test_cleo_cannot_revoke_adas_token(ada: Person, cleo: Person) -> None:
    made = make_token(ada)

    response = cleo.delete(f"/v1/auth/tokens/{made['id']}")

    assert response.status_code == 404
    assert ask_with(ada, made["token"], "GET", "/v1/users/me").status_code == 200


def test_a_session_is_no_personal_token(ada: Person) -> None:
    response = ada.delete(f"/v1/auth/tokens/{ada.actor.session_id}")

    assert response.status_code == 404
    assert ada.get("/v1/users/me").status_code == 200


def test_a_token_lives_until_it_expires(ada: Person) -> None:
    tomorrow = clock.text_from_now(days=1)
    made = make_token(ada, expiresAt=tomorrow)

    with time_machine.travel(clock.now() + timedelta(hours=23)):
        before = ask_with(ada, made["token"], "GET", "/v1/users/me").status_code
    with time_machine.travel(clock.now() + timedelta(hours=25)):
        after = ask_with(ada, made["token"], "GET", "/v1/users/me").status_code

    assert made["expiresAt"] == tomorrow
    assert (before, after) == (200, 401)


def test_a_token_without_expiry_lives_for_years(ada: Person) -> None:
    made = make_token(ada)

    with time_machine.travel(clock.now() + timedelta(days=20_000)):
        response = ask_with(ada, made["token"], "GET", "/v1/users/me")

    assert made["expiresAt"] is None
    assert response.status_code == 200


def test_its_last_use_is_written_down_once_a_minute(ada: Person, statements: list[object]) -> None:
    made = make_token(ada)
    ask_with(ada, made["token"], "GET", "/v1/users/me")
    before = len(statements)

    ask_with(ada, made["token"], "GET", "/v1/users/me")

    assert len(statements) - before == 1
    assert json_of(ada.get("/v1/auth/tokens"))["tokens"][0]["lastUsedAt"] >= made["createdAt"]


def test_tokens_outlive_a_change_of_password(ada: Person) -> None:
    made = make_token(ada)

    ada.put("/v1/auth/password", {"currentPassword": ada.password, "newPassword": f"new {ada.password}"})

    assert ask_with(ada, made["token"], "GET", "/v1/users/me").status_code == 200


@pytest.mark.parametrize(
    "expiry",
    ["2021-01-01T00:00:00Z", "2031", "2031-06-14", "2031-02-30T00:00:00Z", "tomorrow", "", "2031-06-14T12:00:00"],
)
def test_an_expiry_that_is_none_or_past_is_refused(ada: Person, expiry: str) -> None:
    response = ada.post(
        "/v1/auth/tokens", {"name": "Script", "scope": "read", "currentPassword": PASSWORD, "expiresAt": expiry}
    )

    assert response.status_code == 422
    assert json_of(response)["errors"][0]["pointer"] == "/expiresAt"


@pytest.mark.parametrize("scope", ["full", "admin", "", None, 1])
def test_no_other_scope_can_be_asked_for(ada: Person, scope: object) -> None:
    response = ada.post("/v1/auth/tokens", {"name": "Script", "scope": scope, "currentPassword": PASSWORD})

    assert response.status_code == 422


def test_a_token_with_any_character_changed_is_refused(app: ApiApp) -> None:
    tokens = services_of(app).personal_tokens
    genuine, _ = tokens.issue(new_id(), new_id(), "read")

    accepted = []
    for place in range(len(PREFIX), len(genuine)):
        for letter in "Aw-_0":
            forged = genuine[:place] + letter + genuine[place + 1 :]
            if forged != genuine and reads(tokens, forged):
                accepted.append(forged)

    assert reads(tokens, genuine)
    assert accepted == []


@pytest.mark.threat(row=3)
def test_tokens_of_another_key_or_shape_are_refused(app: ApiApp) -> None:
    tokens = services_of(app).personal_tokens
    others = [
        PersonalTokens(b"another key of this length, truly").issue(new_id(), new_id(), "write")[0],
        PREFIX,
        PREFIX + "é",
        PREFIX + base64.urlsafe_b64encode(b"w" + bytes(64)).rstrip(b"=").decode(),
        tokens.issue(new_id(), new_id(), "read")[0] + "=",
        tokens.issue(new_id(), new_id(), "read")[0] + "A",
    ]

    assert [token for token in others if reads(tokens, token)] == []


def reads(tokens: PersonalTokens, token: str) -> bool:
    try:
        tokens.read(token)
    except Unauthorized:
        return False
    return True
