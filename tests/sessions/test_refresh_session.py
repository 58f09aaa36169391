"""Refresh token rotation, POST /v1/auth/refresh: one at each use, and an old one that comes late was stolen."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask.testing import FlaskClient

from bucketlist.kit.http.openapi import ApiApp
from bucketlist.models import refresh_tokens, sessions
from bucketlist.sessions import lifecycle
from tests.authentication import is_signed_in, log_in, refresh, sign_up
from tests.people import Person
from tests.responses import apart_from_request_id, code_of, json_of
from tests.rows import count_rows

START = "2026-11-24T12:00:00Z"


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """It stands still until it is shifted."""
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


def test_ada_refreshes_her_session(client: FlaskClient, ada: Person) -> None:
    before = log_in(client, ada)

    response = refresh(client, before["refreshToken"])

    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store"
    assert list(json_of(response)) == ["accessToken", "refreshToken", "tokenType", "expiresIn", "user"]
    assert json_of(response)["refreshToken"] != before["refreshToken"]
    assert json_of(response)["user"] == before["user"]
    assert is_signed_in(client, json_of(response))


def test_refreshing_opens_no_other_session(client: FlaskClient) -> None:
    session = sign_up(client)

    for _ in range(3):
        session = json_of(refresh(client, session["refreshToken"]))

    assert count_rows(sessions) == 1


def test_the_access_token_before_still_lives_its_fifteen_minutes(
    client: FlaskClient, clock: time_machine.Traveller
) -> None:
    session = sign_up(client)
    refresh(client, session["refreshToken"])

    clock.shift(899)
    assert is_signed_in(client, session)
    clock.shift(1)
    assert not is_signed_in(client, session)


@pytest.mark.parametrize("seconds", [0, 1, 9.999, 10])
def test_a_refresh_that_is_repeated_soon_gives_the_very_same_successor(
    client: FlaskClient, clock: time_machine.Traveller, seconds: float
) -> None:
    old = sign_up(client)["refreshToken"]
    first = json_of(refresh(client, old))

    clock.shift(seconds)
    again = refresh(client, old)

    assert again.status_code == 200
    assert json_of(again)["refreshToken"] == first["refreshToken"]
    assert is_signed_in(client, json_of(again))
    assert refresh(client, json_of(again)["refreshToken"]).status_code == 200


@pytest.mark.threat(row=6)
@pytest.mark.parametrize("seconds", [10.001, 11, 3600, 29 * 86_400])
def test_an_old_refresh_token_that_comes_late_ends_the_whole_session(
    client: FlaskClient, clock: time_machine.Traveller, seconds: float
) -> None:
    old = sign_up(client)["refreshToken"]
    newest = json_of(refresh(client, old))
    clock.shift(seconds)

    response = refresh(client, old)

    assert code_of(response) == (401, "unauthorized")
    assert not is_signed_in(client, newest)
    assert code_of(refresh(client, newest["refreshToken"])) == (401, "unauthorized")
    assert count_rows(sessions) == count_rows(refresh_tokens) == 0


@pytest.mark.threat(row=6)
@pytest.mark.parametrize("seconds", [11, 3600, 29 * 86_400])
def test_r13_a_clock_that_is_set_back_revives_no_used_refresh_token(
    client: FlaskClient, clock: time_machine.Traveller, seconds: float
) -> None:
    old = sign_up(client)["refreshToken"]
    newest = json_of(refresh(client, old))
    clock.shift(-seconds)

    response = refresh(client, old)

    assert code_of(response) == (401, "unauthorized")
    assert not is_signed_in(client, newest)


def test_r13_clocks_of_workers_may_differ_by_seconds(client: FlaskClient, clock: time_machine.Traveller) -> None:
    old = sign_up(client)["refreshToken"]
    first = json_of(refresh(client, old))
    clock.shift(-9)

    assert json_of(refresh(client, old))["refreshToken"] == first["refreshToken"]


@pytest.mark.threat(row=6)
def test_a_stolen_token_ends_no_other_session(
    client: FlaskClient, ada: Person, ben: Person, clock: time_machine.Traveller
) -> None:
    stolen, other, bens = log_in(client, ada), log_in(client, ada), log_in(client, ben)
    refresh(client, stolen["refreshToken"])
    clock.shift(11)

    refresh(client, stolen["refreshToken"])

    assert is_signed_in(client, other)
    assert is_signed_in(client, bens)
    assert refresh(client, other["refreshToken"]).status_code == 200


def test_the_grandmother_of_a_refresh_token_ends_the_session_as_well(
    client: FlaskClient, clock: time_machine.Traveller
) -> None:
    oldest = sign_up(client)["refreshToken"]
    newest = json_of(refresh(client, json_of(refresh(client, oldest))["refreshToken"]))
    clock.shift(11)

    assert refresh(client, oldest).status_code == 401
    assert refresh(client, newest["refreshToken"]).status_code == 401


def test_a_refresh_token_lives_for_thirty_days(client: FlaskClient, clock: time_machine.Traveller) -> None:
    session = sign_up(client)

    clock.shift(timedelta(days=30) - timedelta(milliseconds=1))
    session = json_of(refresh(client, session["refreshToken"]))
    clock.shift(timedelta(days=30) - timedelta(milliseconds=1))
    assert refresh(client, session["refreshToken"]).status_code == 200


def test_a_refresh_token_is_worthless_after_thirty_days(client: FlaskClient, clock: time_machine.Traveller) -> None:
    session = sign_up(client)

    clock.shift(timedelta(days=30))

    assert code_of(refresh(client, session["refreshToken"])) == (401, "unauthorized")


def test_every_worthless_refresh_token_is_answered_alike(client: FlaskClient, ada: Person) -> None:
    session = log_in(client, ada)
    client.post("/v1/auth/logout", headers={"Authorization": f"Bearer {session['accessToken']}"})
    worthless = [
        session["refreshToken"],
        session["accessToken"],
        ada.access_token,
        "",
        "x",
        "\u0000",
        "\u00e9",
        "x" * 1024,
    ]

    answers = [apart_from_request_id(refresh(client, token)) for token in worthless]

    assert answers[0][0] == 401
    assert answers[0][2]["WWW-Authenticate"] == 'Bearer error="invalid_token"'
    assert answers[0][1]["detail"] == "The refresh token is not good any more: sign in again."
    assert all(answer == answers[0] for answer in answers)


def test_ada_needs_no_access_token_to_refresh(client: FlaskClient, ada: Person) -> None:
    session = log_in(client, ada)
    headers = {"Authorization": "Bearer expired-long-ago"}

    response = client.post("/v1/auth/refresh", json={"refreshToken": session["refreshToken"]}, headers=headers)

    assert response.status_code == 200


def test_another_worker_gives_the_same_successor(client: FlaskClient, ada: Person, other_worker: ApiApp) -> None:
    old = log_in(client, ada)["refreshToken"]

    here, there = refresh(client, old), refresh(other_worker.test_client(), old)

    assert json_of(here)["refreshToken"] == json_of(there)["refreshToken"]


@pytest.mark.threat(row=52)
def test_r7_of_the_refresh_tokens_that_a_session_used_the_last_are_remembered(
    client: FlaskClient, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lifecycle, "MOST_USED_TOKENS", 3)
    other, used = sign_up(client, "ben@example.com"), [sign_up(client)["refreshToken"]]
    for _ in range(8):
        clock.shift(60)
        used.append(json_of(refresh(client, used[-1]))["refreshToken"])

    assert count_rows(refresh_tokens) == 3 + 1 + 1
    assert refresh(client, other["refreshToken"]).status_code == 200
    assert refresh(client, used[-5]).status_code == 401
    assert count_rows(sessions) == 2
    assert refresh(client, used[-4]).status_code == 401
    assert count_rows(sessions) == 1
