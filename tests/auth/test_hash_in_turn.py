"""Hashing is dear on purpose, so few are made at once; who waits too long is told to come again."""

from collections.abc import Callable
from concurrent.futures import Future
from threading import Event

import pytest
from flask.testing import FlaskClient

from bucketlist.auth import passwords
from tests.auth.steps import code_of, log_in
from tests.crowd import wait_until
from tests.people import PASSWORD, Person


def test_who_finds_no_place_to_hash_in_is_told_to_come_again(
    client: FlaskClient, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "WAIT_SECONDS", 0.05)
    answered = Event()
    for _ in range(passwords.HASHES_AT_ONCE):
        passwords._hashers.submit(answered.wait, 10)

    response = client.post("/v1/auth/login", json={"email": ada.email, "password": PASSWORD})

    answered.set()
    assert code_of(response) == (503, "unavailable")
    assert response.headers["Retry-After"] == "1"


def test_whose_password_is_being_hashed_already_is_not_sent_away(
    client: FlaskClient, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit = passwords._hashers.submit

    def submit_and_begin(work: Callable[[], object]) -> Future[object]:
        hashing = submit(work)
        wait_until(lambda: hashing.running() or hashing.done())
        return hashing

    monkeypatch.setattr(passwords._hashers, "submit", submit_and_begin)
    monkeypatch.setattr(passwords, "WAIT_SECONDS", 0)

    assert log_in(client, ada)["user"]["email"] == ada.email


def test_a_place_is_free_again_when_hashing_failed() -> None:
    def fail() -> None:
        raise ZeroDivisionError

    for _ in range(passwords.HASHES_AT_ONCE + 1):
        with pytest.raises(ZeroDivisionError):
            passwords._in_turn(fail)

    assert passwords.is_right(PASSWORD, passwords.hash_password(PASSWORD))


def test_what_is_no_hash_fits_no_password() -> None:
    assert not passwords.is_right(PASSWORD, "no hash")
    assert not passwords.is_right(PASSWORD, "$argon2id$v=19$m=19456,t=2,p=1$AAAA$AAAA")
