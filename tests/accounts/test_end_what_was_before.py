"""R3: who got in before an address was proved, a password reset or an address changed, does not stay in."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from bucketlist.accounts import queries, recovery, service
from bucketlist.kit.clock import now_text
from tests.accounts.test_reset_password import NEW, confirmed_at, link_for, reset
from tests.authentication import bearer, is_signed_in, log_in, refresh, sign_up
from tests.outbox import newest_token, waiting_letters
from tests.people import PASSWORD
from tests.responses import code_of, errors_of

EMAIL, MOVED = "victim@example.com", "moved@example.org"
CONFIRM, TOKENS, ME = "/v1/auth/email/confirm", "/v1/auth/tokens", "/v1/users/me"

Session = dict[str, Any]


def make_token(client: FlaskClient, session: Session, password: str = PASSWORD) -> str:
    wanted = {"name": "A way back in", "scope": "write", "currentPassword": password}
    token: str = client.post(TOKENS, json=wanted, headers=bearer(session)).get_json()["token"]
    return token


def confirm(client: FlaskClient, session: Session | None = None, **fields: str) -> int:
    body = {"token": newest_token("confirm", EMAIL), **fields}
    return client.post(CONFIRM, json=body, headers=bearer(session) if session else {}).status_code


def by_mail(client: FlaskClient, _: Session) -> tuple[str, str]:
    assert reset(client, link_for(client, EMAIL)) == 204
    assert confirmed_at(EMAIL) is not None
    return EMAIL, NEW


def by_command(_: FlaskClient, __: Session) -> tuple[str, str]:
    recovery.set_password(service.get_user_by_email(EMAIL), NEW, staying_session=None)
    return EMAIL, NEW


def by_confirming(client: FlaskClient, _: Session) -> tuple[str, str]:
    assert confirm(client) == 204
    assert reset(client, newest_token("reset", EMAIL)) == 204
    return EMAIL, NEW


def by_moving(client: FlaskClient, session: Session) -> tuple[str, str]:
    body = {"email": MOVED, "currentPassword": PASSWORD}
    assert client.patch(ME, json=body, headers=bearer(session)).status_code == 200
    return MOVED, PASSWORD


PROOFS = [by_mail, by_command, by_confirming, by_moving]


def ways_in(client: FlaskClient, email: str, password: str) -> dict[str, Callable[[], bool]]:
    """A session, its refresh token, a personal token, made now; and whether each still opens anything."""
    session, other = log_in(client, email, password), log_in(client, email, password)
    token = make_token(client, session, password)
    return {
        "session": lambda: is_signed_in(client, session),
        "refresh token": lambda: refresh(client, other["refreshToken"]).status_code == 200,
        "personal token": lambda: is_signed_in(client, token),
    }


@pytest.mark.threat(row=17)
@pytest.mark.parametrize("was_confirmed", [False, True])
@pytest.mark.parametrize("prove", PROOFS)
def test_r3_what_was_made_before_a_proof_ends_and_what_is_made_after_it_stays(
    client: FlaskClient, prove: Callable[[FlaskClient, Session], tuple[str, str]], was_confirmed: bool
) -> None:
    owner = sign_up(client, EMAIL)
    if was_confirmed and prove is not by_confirming:
        queries.confirm_email(owner["user"]["id"], now_text())
    before = ways_in(client, EMAIL, PASSWORD)

    after = ways_in(client, *prove(client, owner))

    assert {name: is_open() for name, is_open in before.items()} == dict.fromkeys(before, False)
    assert {name: is_open() for name, is_open in after.items()} == dict.fromkeys(after, True)


@pytest.mark.threat(row=17)
def test_r3_a_stranger_cannot_log_in_again_when_the_owner_has_confirmed(client: FlaskClient) -> None:
    sign_up(client, EMAIL)
    confirm(client)

    again = client.post("/v1/auth/login", json={"email": EMAIL, "password": PASSWORD})

    assert code_of(again) == (401, "wrong_credentials")
    assert [(letter.kind, letter.email) for letter in waiting_letters()][-1] == ("reset", EMAIL)


@pytest.mark.parametrize("shows", ["password", "session"])
def test_r3_whoever_shows_that_the_account_is_theirs_keeps_what_they_made(client: FlaskClient, shows: str) -> None:
    owner = sign_up(client, EMAIL)
    made = ways_in(client, EMAIL, PASSWORD)

    status = confirm(client, currentPassword=PASSWORD) if shows == "password" else confirm(client, owner)

    assert status == 204
    assert confirmed_at(EMAIL) is not None
    assert is_signed_in(client, owner)
    assert all(is_open() for is_open in made.values())


def test_r3_a_wrong_password_confirms_nothing_and_the_link_stays_good(client: FlaskClient) -> None:
    owner = sign_up(client, EMAIL)

    assert confirm(client, currentPassword="wrong horse") == 403
    assert confirmed_at(EMAIL) is None
    assert is_signed_in(client, owner)
    assert confirm(client, currentPassword=PASSWORD) == 204


def test_r3_a_session_that_is_dead_or_of_another_account_ends_nothing_by_mistake(client: FlaskClient) -> None:
    owner, other = sign_up(client, EMAIL), sign_up(client, "ben@example.com")
    dead = log_in(client, EMAIL)
    client.post("/v1/auth/logout", headers=bearer(dead))

    assert [confirm(client, other), confirm(client, dead)] == [403, 401]
    assert is_signed_in(client, owner)
    assert confirmed_at(EMAIL) is None


def test_r3_a_link_that_proves_nothing_new_ends_nothing(client: FlaskClient) -> None:
    sign_up(client, EMAIL)
    token = newest_token("confirm", EMAIL)
    reset(client, link_for(client, EMAIL))
    owner = log_in(client, EMAIL, NEW)

    assert client.post(CONFIRM, json={"token": token}).status_code == 204
    assert is_signed_in(client, owner)


@pytest.mark.parametrize("emails", [[MOVED], [MOVED, EMAIL]], ids=["there", "and back"])
@pytest.mark.parametrize("kind", ["reset", "confirm"])
def test_r3_links_to_an_old_address_die_though_it_comes_back(client: FlaskClient, kind: str, emails: list[str]) -> None:
    owner = sign_up(client, EMAIL)
    token = link_for(client, EMAIL) if kind == "reset" else newest_token("confirm", EMAIL)
    for email in emails:
        client.patch(ME, json={"email": email, "currentPassword": PASSWORD}, headers=bearer(owner))

    path, body = (CONFIRM, {}) if kind == "confirm" else ("/v1/auth/password/reset", {"newPassword": NEW})
    assert client.post(path, json={"token": token, **body}).status_code == 401


def test_r3_whoever_changes_the_address_stays_signed_in(client: FlaskClient) -> None:
    owner = sign_up(client, EMAIL)

    by_moving(client, owner)

    assert is_signed_in(client, owner)


def test_r3_a_new_password_ends_other_sessions_and_no_script(client: FlaskClient) -> None:
    owner, other = sign_up(client, EMAIL), log_in(client, EMAIL)
    token = make_token(client, owner)
    change = {"currentPassword": PASSWORD, "newPassword": NEW}
    client.put("/v1/auth/password", json=change, headers=bearer(owner))

    assert [is_signed_in(client, each) for each in (owner, other, token)] == [True, False, True]


@pytest.mark.threat(row=17)
def test_r3_a_token_is_made_with_the_password(client: FlaskClient) -> None:
    owner, wanted = sign_up(client, EMAIL), {"name": "Script", "scope": "read"}

    without = client.post(TOKENS, json=wanted, headers=bearer(owner))
    wrong = client.post(TOKENS, json={**wanted, "currentPassword": "wrong horse"}, headers=bearer(owner))

    assert errors_of(without) == [("/currentPassword", "missing")]
    assert code_of(wrong) == (403, "wrong_password")
