"""Last use of a personal access token is written to its own row, whatever else has the same hash."""

import pytest

from bucketlist.auth import personal_tokens, token_queries
from bucketlist.auth.actor import Actor
from bucketlist.kit.db.driver import Compiled
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.services import services_of
from bucketlist.sessions import queries
from bucketlist.sessions.queries import TokenRow
from tests.people import PASSWORD, Person
from tests.responses import json_of

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
    used, other = (
        json_of(ada.post("/v1/auth/tokens", {"name": name, "scope": "read", "currentPassword": PASSWORD}))
        for name in ("used", "other")
    )

    ada.get("/v1/users/me", Authorization=f"Bearer {used['token']}")

    noted = {token["id"]: token["lastUsedAt"] for token in json_of(ada.get("/v1/auth/tokens"))["tokens"]}
    assert noted[used["id"]] is not None
    assert noted[other["id"]] is None


def test_two_scripts_that_take_turns_are_noted_once_each(ada: Person, statements: list[Compiled]) -> None:
    tokens = [
        json_of(ada.post("/v1/auth/tokens", {"name": "x", "scope": "read", "currentPassword": PASSWORD}))["token"]
        for _ in range(2)
    ]
    statements.clear()

    for token in tokens * 3:
        ada.get("/v1/users/me", Authorization=f"Bearer {token}")

    assert [statement.is_read for statement in statements].count(False) == 2


def test_what_a_worker_remembers_of_tokens_stays_small_and_every_token_is_noted(
    app: ApiApp, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(personal_tokens, "REMEMBERED_TOKENS", 3)
    wanted = {"name": "Backup script", "scope": "read", "currentPassword": PASSWORD}

    for _ in range(10):
        token = json_of(ada.post("/v1/auth/tokens", wanted))["token"]
        assert ada.get("/v1/users/me", Authorization=f"Bearer {token}").status_code == 200

    assert None not in last_used(ada)
    assert len(services_of(app).personal_tokens._noted) <= 3
