"""Hashing is dear on purpose, so few are made at once; who waits too long is told to come again."""

from threading import Event

import pytest
from flask.testing import FlaskClient

from bucketlist.auth import passwords
from bucketlist.kit.errors import Unavailable
from bucketlist.kit.openapi import ApiApp
from tests.auth.steps import code_of, log_in
from tests.people import PASSWORD, Person, make_person


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

    with monkeypatch.context() as busy:
        busy.setattr("bucketlist.auth.sessions.is_right", be_busy)
        body = {"email": ada.email, "password": PASSWORD}
        statuses = [limited_client.post("/v1/auth/login", json=body).status_code for _ in range(12)]

    assert statuses == [503] * 12
    assert log_in(limited_client, ada)["user"]["email"] == ada.email


def test_what_is_no_hash_fits_no_password() -> None:
    assert not passwords.is_right(PASSWORD, "no hash")
    assert not passwords.is_right(PASSWORD, "$argon2id$v=19$m=19456,t=2,p=1$AAAA$AAAA")
