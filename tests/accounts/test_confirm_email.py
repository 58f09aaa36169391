"""Email verification, POST /v1/auth/email/confirm, and notifications of what changes."""

from datetime import timedelta
from itertools import pairwise

import pytest
import time_machine
from flask.testing import FlaskClient

from bucketlist.accounts import login, queries, recovery, service
from bucketlist.kit import clock
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.mail import link_queries
from tests.accounts.test_reset_password import confirmed_at
from tests.authentication import bearer, log_in, sign_up
from tests.concurrency import just_before
from tests.outbox import newest_token, try_all_letters, waiting_letters
from tests.people import PASSWORD, Person, make_person
from tests.responses import code_of

CONFIRM = "/v1/auth/email/confirm"
WEEK = 7 * 86_400


def confirm(client: FlaskClient, token: str, **fields: str) -> int:
    return client.post(CONFIRM, json={"token": token, **fields}).status_code


def told() -> list[tuple[str, str]]:
    return [(letter.kind, letter.email) for letter in waiting_letters()]


def move(person: Person, email: str) -> None:
    response = person.patch("/v1/users/me", {"email": email, "currentPassword": PASSWORD})
    assert response.status_code == 200, response.text


def test_dora_confirms_the_address_that_she_signed_up_with(client: FlaskClient) -> None:
    sign_up(client)
    before = confirmed_at("dora@example.com")

    response = client.post(CONFIRM, json={"token": newest_token("confirm", "dora@example.com")})

    assert (response.status_code, response.data) == (204, b"")
    assert before is None
    assert confirmed_at("dora@example.com") is not None
    assert told() == [("confirm", "dora@example.com"), ("reset", "dora@example.com")]


def test_confirming_is_nothing_that_others_see(client: FlaskClient) -> None:
    session = sign_up(client)
    before = client.get("/v1/users/me", headers=bearer(session))

    confirm(client, newest_token("confirm", "dora@example.com"), currentPassword=PASSWORD)
    after = client.get("/v1/users/me", headers=bearer(session))

    assert (before.data, before.headers["ETag"]) == (after.data, after.headers["ETag"])


def test_a_link_confirms_once_and_for_a_week(client: FlaskClient) -> None:
    with time_machine.travel("2026-11-24T12:00:00Z", tick=False) as clock:
        for email in ("dora@example.com", "emil@example.com"):
            sign_up(client, email)
        first, second = (newest_token("confirm", email) for email in ("dora@example.com", "emil@example.com"))
        clock.shift(WEEK - 1)
        statuses = [confirm(client, first), confirm(client, first)]
        clock.shift(1)
        statuses.append(confirm(client, second))

    assert statuses == [204, 401, 401]


@pytest.mark.threat(row=17)
def test_a_new_address_has_to_be_confirmed_anew_and_the_old_one_is_told(client: FlaskClient, ada: Person) -> None:
    move(ada, "ada@example.org")

    assert told() == [("email_changed", "ada@example.com"), ("confirm", "ada@example.org")]
    assert confirm(client, newest_token("confirm", "ada@example.org"), currentPassword=PASSWORD) == 204
    assert confirmed_at("ada@example.org") is not None
    move(ada, "ada@example.com")
    assert confirmed_at("ada@example.com") is None


def test_an_address_in_other_letters_stays_confirmed_and_nobody_is_told(client: FlaskClient) -> None:
    sign_up(client)
    confirm(client, newest_token("confirm", "dora@example.com"), currentPassword=PASSWORD)
    before = told()

    dora = make_signed_in(client)
    move(dora, "Dora@Example.com")
    dora.patch("/v1/users/me", {"name": "D."})

    assert confirmed_at("Dora@Example.com") is not None
    assert told() == before


def make_signed_in(client: FlaskClient, email: str = "dora@example.com") -> Person:
    """Somebody who has an account, as a person who can ask."""
    user = service.get_user_by_email(email)
    return Person(client, email, PASSWORD, login.open_session_of(user.email), log_in(client, email)["accessToken"])


def test_ada_is_told_that_her_password_has_changed(ada: Person) -> None:
    ada.put("/v1/auth/password", {"currentPassword": PASSWORD, "newPassword": "a better horse"})

    assert told() == [("password_changed", ada.email)]


def test_ada_is_told_when_the_operator_sets_her_password(ada: Person) -> None:
    recovery.set_password(service.get_user_by_email(ada.email), "a better horse", staying_session=None)

    assert told() == [("password_reset", ada.email)]


def test_r3_ada_is_told_when_a_personal_token_is_made(ada: Person) -> None:
    wanted = {"name": "Script", "scope": "read", "currentPassword": "wrong horse"}
    ada.post("/v1/auth/tokens", wanted)
    before = told()

    ada.post("/v1/auth/tokens", {**wanted, "currentPassword": PASSWORD})

    assert before == []
    assert told() == [("token_made", ada.email)]


def test_nobody_is_told_of_what_did_not_happen(client: FlaskClient, ada: Person, ben: Person) -> None:
    ada.put("/v1/auth/password", {"currentPassword": "wrong horse", "newPassword": "a better horse"})
    ada.patch("/v1/users/me", {"email": ben.email, "currentPassword": PASSWORD})
    client.post("/v1/auth/register", json={"email": ben.email, "password": PASSWORD})

    assert told() == []


def test_a_stranger_gets_five_letters_a_day_at_most_and_who_has_confirmed_all(limited_app: ApiApp) -> None:
    client = limited_app.test_client()
    ada = make_person(limited_app, "ada@example.com")

    def change_often(passwords: list[str]) -> int:
        before = len(told())
        for old, new in pairwise(passwords):
            assert ada.put("/v1/auth/password", {"currentPassword": old, "newPassword": new}).status_code == 204
            try_all_letters()
        return len(told()) - before

    to_a_stranger = change_often([PASSWORD, *(f"a better horse {number}" for number in range(7))])
    client.post("/v1/auth/password/forgot", json={"email": ada.email})
    body = {"token": newest_token("reset", ada.email), "newPassword": "the horse of Ada"}
    assert client.post("/v1/auth/password/reset", json=body).status_code == 204
    ada = Person(client, ada.email, PASSWORD, ada.actor, log_in(client, ada, "the horse of Ada")["accessToken"])

    assert to_a_stranger == 5
    assert change_often(["the horse of Ada", *(f"a good horse {number}" for number in range(7))]) == 7


def test_ada_confirmed_her_address_when_she_did_so_first(ada: Person) -> None:
    queries.confirm_email(ada.id, clock.now_text())
    first = confirmed_at(ada.email)

    with time_machine.travel(clock.now() + timedelta(days=1)):
        queries.confirm_email(ada.id, clock.now_text())

    assert first is not None
    assert confirmed_at(ada.email) == first


def test_a_link_that_is_used_up_in_the_last_moment_confirms_nothing(app: ApiApp, client: FlaskClient) -> None:
    user_id = sign_up(client)["user"]["id"]
    token = newest_token("confirm", "dora@example.com")

    with just_before(app, "UPDATE users", lambda: link_queries.forget_links(user_id)):
        response = client.post(CONFIRM, json={"token": token})

    assert code_of(response) == (401, "link_not_good")
    assert confirmed_at("dora@example.com") is None
