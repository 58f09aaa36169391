"""Password hashing is dear on purpose, so few are made at once; who waits too long is told to come again."""

from collections.abc import Callable
from threading import Event
from typing import Any

import pytest
from flask.testing import FlaskClient

from bucketlist.auth import passwords
from bucketlist.kit.errors import Unavailable
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.kit.queues import Flow
from tests.accounts.test_forget_password import forget
from tests.accounts.test_let_the_owner_in import attempt
from tests.accounts.test_reset_password import reset
from tests.authentication import ELSEWHERE, HOME, log_in
from tests.outbox import newest_token
from tests.people import PASSWORD, Person, make_person
from tests.responses import code_of


@pytest.fixture
def flows(monkeypatch: pytest.MonkeyPatch) -> list[Flow]:
    """Whose turn it was to hash, each time."""
    seen: list[Flow] = []
    run = passwords._hashers.run

    def note(work: Callable[[], Any], flow: Flow, wait_seconds: float) -> Any:
        seen.append(flow)
        return run(work, flow, wait_seconds)

    monkeypatch.setattr(passwords._hashers, "run", note)
    return seen


@pytest.mark.in_process("holds the threads of this process")
def test_who_finds_no_place_to_hash_in_is_told_to_come_again(
    client: FlaskClient, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "WAIT_SECONDS", 0.05)
    answered = Event()
    for _ in range(passwords.HASHES_AT_ONCE):
        passwords._hashers._threads.submit(answered.wait, 10)

    response = client.post("/v1/auth/login", json={"email": ada.email, "password": PASSWORD})

    answered.set()
    assert code_of(response) == (503, "unavailable")
    assert response.headers["Retry-After"] == "1"


@pytest.mark.threat(row=13)
def test_r9_what_failed_for_our_reasons_is_no_wrong_guess(
    limited_client: FlaskClient, limited_app: ApiApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = make_person(limited_app, "ada@example.com")

    def be_busy(*_: object) -> bool:
        raise Unavailable

    monkeypatch.setattr("bucketlist.accounts.login.verify_password", be_busy)
    body = {"email": ada.email, "password": PASSWORD}
    statuses = [limited_client.post("/v1/auth/login", json=body).status_code for _ in range(12)]
    monkeypatch.undo()

    assert statuses == [503] * 12
    assert log_in(limited_client, ada)["user"]["email"] == ada.email


@pytest.mark.threat(row=10)
def test_r4_the_owner_is_known_where_she_got_in_before_and_strangers_are_not(
    client: FlaskClient, ada: Person, flows: list[Flow]
) -> None:
    assert attempt(client, HOME, PASSWORD, ada.email) == 200
    assert attempt(client, ELSEWHERE, email=ada.email) == 401
    assert attempt(client, HOME, email="nobody@example.com") == 401
    assert attempt(client, HOME, PASSWORD, ada.email) == 200

    assert [flow.is_known for flow in flows] == [False, False, False, True]


@pytest.mark.threat(row=10)
def test_r4_who_has_a_session_or_a_good_link_is_known(client: FlaskClient, ada: Person, flows: list[Flow]) -> None:
    body = {"currentPassword": PASSWORD, "newPassword": "a bicycle to the sea"}
    assert ada.ask("PUT", "/v1/auth/password", body).status_code == 204
    forget(client, ada.email)
    assert reset(client, newest_token("reset", ada.email)) == 204

    assert len(flows) == 3
    assert all(flow.is_known for flow in flows)


def test_what_is_no_hash_fits_no_password() -> None:
    assert not passwords.verify_password(PASSWORD, "no hash")
    assert not passwords.verify_password(PASSWORD, "$argon2id$v=19$m=19456,t=2,p=1$AAAA$AAAA")
