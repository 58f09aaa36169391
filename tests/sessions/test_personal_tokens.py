"""Personal access tokens: what a script may do with one, how long, and when it was last used."""

import base64
from datetime import timedelta

import pytest
import time_machine
from werkzeug.test import TestResponse

from bucketlist.auth import token_queries
from bucketlist.auth.actor import Actor
from bucketlist.auth.personal_tokens import PREFIX, PersonalTokens
from bucketlist.kit import clock, throttle
from bucketlist.kit.db.driver import Compiled
from bucketlist.kit.errors import Unauthorized
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.kit.ids import new_id
from bucketlist.services import services_of
from bucketlist.sessions import queries
from bucketlist.sessions.queries import TokenRow
from tests.people import PASSWORD, Person
from tests.responses import json_of


def ask_with(person: Person, token: str, method: str, path: str, body: object = None) -> TestResponse:
    return person.ask(method, path, body, Authorization=f"Bearer {token}")


def test_ada_is_shown_a_token_once(ada: Person) -> None:
    made = ada.make_token("read")

    listed = json_of(ada.get("/v1/auth/tokens"))["tokens"]

    assert made["token"].startswith("blt_")
    assert listed == [{name: value for name, value in made.items() if name != "token"}]
    assert set(listed[0]) == {"id", "name", "scope", "expiresAt", "lastUsedAt", "createdAt"}


def test_a_small_scope_is_told_before_anything_about_the_body(ada: Person) -> None:
    token = ada.make_token("read")["token"]

    response = ada.client.post(
        "/v1/buckets", data=b"{" * 2_000_000, headers={"Authorization": f"Bearer {token}", "Content-Type": "text/plain"}
    )

    assert response.status_code == 403


def test_a_revoked_token_is_worthless(ada: Person) -> None:
    made = ada.make_token()
    assert ask_with(ada, made["token"], "GET", "/v1/users/me").status_code == 200

    response = ada.delete(f"/v1/auth/tokens/{made['id']}")

    assert response.status_code == 204
    assert ask_with(ada, made["token"], "GET", "/v1/users/me").status_code == 401
    assert ada.delete(f"/v1/auth/tokens/{made['id']}").status_code == 404


def test_a_session_is_no_personal_token(ada: Person) -> None:
    response = ada.delete(f"/v1/auth/tokens/{ada.actor.session_id}")

    assert response.status_code == 404
    assert ada.get("/v1/users/me").status_code == 200


def test_a_token_lives_until_it_expires(ada: Person) -> None:
    tomorrow = clock.text_from_now(days=1)
    made = ada.make_token(expiresAt=tomorrow)

    with time_machine.travel(clock.now() + timedelta(hours=23)):
        before = ask_with(ada, made["token"], "GET", "/v1/users/me").status_code
    with time_machine.travel(clock.now() + timedelta(hours=25)):
        after = ask_with(ada, made["token"], "GET", "/v1/users/me").status_code

    assert made["expiresAt"] == tomorrow
    assert (before, after) == (200, 401)


def test_a_token_without_expiry_lives_for_years(ada: Person) -> None:
    made = ada.make_token()

    with time_machine.travel(clock.now() + timedelta(days=20_000)):
        response = ask_with(ada, made["token"], "GET", "/v1/users/me")

    assert made["expiresAt"] is None
    assert response.status_code == 200


def test_its_last_use_is_written_down_once_a_minute(ada: Person, statements: list[object]) -> None:
    made = ada.make_token()
    ask_with(ada, made["token"], "GET", "/v1/users/me")
    before = len(statements)

    ask_with(ada, made["token"], "GET", "/v1/users/me")

    assert len(statements) - before == 1
    assert json_of(ada.get("/v1/auth/tokens"))["tokens"][0]["lastUsedAt"] >= made["createdAt"]


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


@pytest.mark.parametrize("scope", ["full", "admin", ""])
def test_no_other_scope_can_be_asked_for(ada: Person, scope: str) -> None:
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


MADE_AT = "2026-11-24T12:00:00.000Z"


def add_token(person: Person, token_id: str) -> None:
    token = TokenRow(token_id, "Backup script", "read", None, None, MADE_AT)
    queries.add_token(person.actor, token, "the same hash", held_at_most=1)


def last_used(person: Person) -> list[str | None]:
    return [token["lastUsedAt"] for token in json_of(person.get("/v1/auth/tokens"))["tokens"]]


def test_adas_use_is_not_noted_for_ben(ada: Person, ben: Person) -> None:
    token_id = "01931bb4-7c5e-7b6a-9d3e-2f1a0b4c5d6e"
    for person in (ada, ben):
        add_token(person, token_id)

    token_queries.note_use(Actor(ada.id, token_id, token_id, 0, "read", "the same hash"))

    assert last_used(ada) != [None]
    assert last_used(ben) == [None]


def test_the_use_of_one_token_is_not_noted_for_another(ada: Person) -> None:
    used, other = (ada.make_token(name=name) for name in ("used", "other"))

    ada.get("/v1/users/me", Authorization=f"Bearer {used['token']}")

    noted = {token["id"]: token["lastUsedAt"] for token in json_of(ada.get("/v1/auth/tokens"))["tokens"]}
    assert noted[used["id"]] is not None
    assert noted[other["id"]] is None


def test_two_scripts_that_take_turns_are_noted_once_each(ada: Person, statements: list[Compiled]) -> None:
    tokens = [ada.make_token()["token"] for _ in range(2)]
    statements.clear()

    for token in tokens * 3:
        ada.get("/v1/users/me", Authorization=f"Bearer {token}")

    assert [statement.is_read for statement in statements].count(False) == 2


def test_what_a_worker_remembers_of_tokens_stays_small_and_every_token_is_noted(
    app: ApiApp, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "REMEMBERED", 3)

    for _ in range(10):
        token = ada.make_token()["token"]
        assert ada.get("/v1/users/me", Authorization=f"Bearer {token}").status_code == 200

    assert None not in last_used(ada)
    assert len(services_of(app).personal_tokens._noted._done_at) <= 3
