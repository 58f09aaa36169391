"""Hashing is dear on purpose, so few are made at once; who waits too long is told to come again."""

from threading import Event

import pytest
from flask.testing import FlaskClient

from bucketlist.auth import passwords
from tests.auth.steps import code_of
from tests.crowd import together
from tests.people import PASSWORD, Person


def test_who_finds_no_place_to_hash_in_is_told_to_come_again(
    client: FlaskClient, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "WAIT_SECONDS", 0.05)
    answered = Event()

    def act(number: int) -> object:
        if number < passwords.HASHES_AT_ONCE:
            return passwords._in_turn(lambda: answered.wait(5))
        body = {"email": ada.email, "password": PASSWORD}
        while True:  # until both places are taken
            response = client.post("/v1/auth/login", json=body)
            if response.status_code != 200:
                answered.set()
                return response

    response = together(passwords.HASHES_AT_ONCE + 1, act)[-1]

    assert code_of(response) == (503, "unavailable")  # type: ignore[arg-type]  # the last of them gave a response
    assert response.headers["Retry-After"] == "1"  # type: ignore[attr-defined]  # see above


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
