"""Access tokens: the genuine are read, the forged are refused, all in the same words."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient

from bucketlist.auth import tokens
from bucketlist.auth.actor import Actor
from bucketlist.auth.tokens import AccessTokens, new_refresh_token, next_refresh_token
from bucketlist.config import Settings
from bucketlist.kit.errors import Unauthorized
from bucketlist.kit.ids import new_id
from tests.auth.forgeries import ABSENT, Forger, encode
from tests.authentication import bearer
from tests.people import Person
from tests.responses import apart_from_request_id

NOW = 1_795_562_000
KEY = b"a key for these tests of 32 bytes and more"
USER, SESSION, TOKEN = (f"01a211b1-faf0-7036-a992-eaecd5453fe{number}" for number in (1, 2, 3))
ACTOR = Actor(USER, SESSION, TOKEN, NOW + 900)
FORGERIES = Forger(ACTOR, KEY, NOW).all()


@pytest.fixture(autouse=True)
def _still_clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def reader() -> AccessTokens:
    return AccessTokens(KEY)


@pytest.fixture
def forger() -> Forger:
    return Forger(ACTOR, KEY, NOW)


def told_of(reader: AccessTokens, token: str) -> object:
    """Detail, headers, and whether fields are named, or who is let in."""
    try:
        return reader.read(token)
    except Unauthorized as refused:
        return refused.detail, refused.headers, bool(refused.errors)


def test_what_was_issued_is_read(reader: AccessTokens) -> None:
    assert reader.read(reader.issue(ACTOR)) == ACTOR


def test_what_the_forger_calls_genuine_is_read(reader: AccessTokens, forger: Forger) -> None:
    assert reader.read(forger.genuine) == ACTOR
    assert reader.read(forger.token(nbf=NOW)) == ACTOR


@pytest.mark.threat(row=1)
def test_there_are_enough_forgeries_and_no_two_are_alike(forger: Forger) -> None:
    assert len(FORGERIES) >= 60
    assert len(set(FORGERIES.values()) - {forger.genuine}) == len(FORGERIES)


@pytest.mark.threat(row=1)
def test_a_forged_token_is_refused(reader: AccessTokens) -> None:
    found = {name: told_of(reader, forged) for name, forged in FORGERIES.items()}

    told = (Unauthorized.default_detail, {"WWW-Authenticate": 'Bearer error="invalid_token"'}, False)
    assert found == dict.fromkeys(FORGERIES, told)


@pytest.mark.threat(row=2)
def test_a_forged_token_is_refused_after_the_genuine_one_was_read(forger: Forger) -> None:
    found = {}
    for name, forged in FORGERIES.items():
        reader = AccessTokens(KEY)
        reader.read(forger.genuine)
        found[name] = reads(reader, forged)

    assert found == dict.fromkeys(FORGERIES, False)


@pytest.mark.threat(row=4)
@pytest.mark.parametrize(
    ("seconds", "is_read"), [(-1, True), (0, True), (29, True), (30, True), (31, False), (90, False)]
)
def test_a_token_may_come_from_a_clock_that_is_half_a_minute_ahead(
    reader: AccessTokens, forger: Forger, seconds: int, is_read: bool
) -> None:
    token = forger.token(iat=NOW + seconds, exp=NOW + seconds + 900)

    assert reads(reader, token) == is_read


@pytest.mark.threat(row=4)
@pytest.mark.parametrize(("seconds", "is_read"), [(0, True), (899, True), (900, False), (929, False), (931, False)])
def test_a_token_lives_for_fifteen_minutes(seconds: int, is_read: bool) -> None:
    issued = AccessTokens(KEY).issue(ACTOR)

    with time_machine.travel(NOW + seconds, tick=False):
        assert reads(AccessTokens(KEY), issued) == is_read


@pytest.mark.threat(row=4)
def test_a_token_that_was_read_before_expires_all_the_same(reader: AccessTokens) -> None:
    issued = reader.issue(ACTOR)
    reader.read(issued)

    with time_machine.travel(NOW + 900, tick=False):
        assert not reads(reader, issued)


def test_no_more_tokens_are_remembered_than_there_is_room_for(
    reader: AccessTokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "REMEMBERED_TOKENS", 2)
    issued = [reader.issue(Actor(new_id(), new_id(), new_id(), NOW + 900)) for _ in range(5)]

    assert all(reads(reader, token) for token in issued)
    assert list(reader._actors) == issued[-2:]


def test_the_successor_of_a_refresh_token_is_always_the_same_and_needs_the_key() -> None:
    token = new_refresh_token()

    assert next_refresh_token(token, KEY) == next_refresh_token(token, KEY)
    assert next_refresh_token(token, KEY) != next_refresh_token(token, KEY + b"!")
    assert len({token, next_refresh_token(token, KEY), new_refresh_token()}) == 3
    assert len(token) == len(next_refresh_token(token, KEY)) == len(encode(b"x" * 32))


@pytest.mark.threat(row=1)
def test_all_forged_tokens_are_answered_alike(client: FlaskClient, ada: Person, settings: Settings) -> None:
    forger = Forger(ada.actor, settings.key("access-token"), NOW)
    forged = [token for token in forger.all().values() if token.isprintable() and token.isascii()]
    first = apart_from_request_id(client.get("/v1/users/me", headers=bearer("x")))

    answers = [client.get("/v1/users/me", headers=bearer(token)) for token in forged]

    assert len(answers) >= 60
    assert client.get("/v1/users/me", headers=bearer(forger.genuine)).status_code == 200
    assert first[0] == 401
    assert first[2]["WWW-Authenticate"] == 'Bearer error="invalid_token"'
    assert all(apart_from_request_id(answer) == first for answer in answers)


@pytest.mark.threat(row=2)
def test_no_forgery_makes_us_call_anybody(reader: AccessTokens, monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[object] = []
    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, lambda _, *where: called.append(where))

    assert not any(reads(reader, token) for token in FORGERIES.values())
    assert called == []


def test_a_token_without_claims_is_refused_whatever_its_header(reader: AccessTokens, forger: Forger) -> None:
    nothing: dict[str, Any] = dict.fromkeys(forger.claims, ABSENT)

    assert not reads(reader, forger.token(**nothing))


def reads(reader: AccessTokens, token: str) -> bool:
    try:
        return reader.read(token) is not None
    except Unauthorized:
        return False
