"""Password reset, POST /v1/auth/password/reset: a link is good once, for an hour, for the address it was sent to."""

import pytest
import time_machine
from flask.testing import FlaskClient

from bucketlist.kit.http.openapi import ApiApp
from bucketlist.mail import link_queries
from bucketlist.models import users
from tests.authentication import is_signed_in, log_in, sign_up
from tests.concurrency import just_before, together
from tests.outbox import newest_token, waiting_letters
from tests.people import PASSWORD, Person
from tests.responses import apart_from_request_id, code_of, errors_of
from tests.rows import all_rows

RESET = "/v1/auth/password/reset"
NEW = "a much better horse battery"
HOUR = 3600


def link_for(client: FlaskClient, email: str = "ada@example.com") -> str:
    """The token of a new link."""
    assert client.post("/v1/auth/password/forgot", json={"email": email}).status_code == 202
    return newest_token("reset", email)


def reset(client: FlaskClient, token: str, password: str = NEW, address: str = "192.0.2.1") -> int:
    body = {"token": token, "newPassword": password}
    return client.post(RESET, json=body, environ_base={"REMOTE_ADDR": address}).status_code


def confirmed_at(email: str) -> str | None:
    (found,) = (row for table, row in all_rows() if table is users and email in row)
    value: str | None = dict(zip(users.c.keys(), found, strict=True))["email_confirmed_at"]
    return value


def test_ada_sets_a_new_password_by_a_link(client: FlaskClient, ada: Person) -> None:
    response = client.post(RESET, json={"token": link_for(client), "newPassword": NEW})

    assert (response.status_code, response.data) == (204, b"")
    assert is_signed_in(client, log_in(client, ada, NEW))
    old = client.post("/v1/auth/login", json={"email": ada.email, "password": PASSWORD})
    assert code_of(old) == (401, "wrong_credentials")


def test_ada_is_told_by_mail(client: FlaskClient, ada: Person) -> None:
    reset(client, link_for(client))

    assert [(letter.kind, letter.email) for letter in waiting_letters()][-1] == ("password_reset", ada.email)


@pytest.mark.threat(row=16)
def test_a_link_is_good_once(client: FlaskClient, ada: Person) -> None:
    token = link_for(client)

    assert [reset(client, token), reset(client, token, "the horse of a thief")] == [204, 401]
    assert is_signed_in(client, log_in(client, ada, NEW))


@pytest.mark.threat(row=16)
@pytest.mark.parametrize(("seconds", "status"), [(HOUR - 1, 204), (HOUR, 401), (HOUR + 1, 401)])
def test_a_link_is_good_for_an_hour(
    client: FlaskClient, ada: Person, clock: time_machine.Traveller, seconds: int, status: int
) -> None:
    token = link_for(client)
    clock.shift(seconds)

    assert reset(client, token) == status


def test_all_bad_links_are_answered_alike(client: FlaskClient, ada: Person, clock: time_machine.Traveller) -> None:
    used, older = link_for(client), ""
    reset(client, used)
    expired = link_for(client)
    clock.shift(HOUR)
    older, _ = link_for(client), link_for(client)

    answers = [
        client.post(RESET, json={"token": token, "newPassword": NEW}) for token in (used, expired, older, "guess", "")
    ]

    assert {answer.status_code for answer in answers} == {401}
    assert all(apart_from_request_id(answer) == apart_from_request_id(answers[0]) for answer in answers)


def test_a_bad_link_costs_no_hash(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bucketlist.accounts.recovery.hash_password", None)

    assert reset(client, "guess") == 401


def test_a_link_for_something_else_sets_no_password(client: FlaskClient) -> None:
    session = sign_up(client)
    confirm = newest_token("confirm", "dora@example.com")

    statuses = [reset(client, token) for token in (confirm, session["refreshToken"], session["accessToken"])]

    assert statuses == [401, 401, 401]
    assert (
        client.post("/v1/auth/email/confirm", json={"token": link_for(client, "dora@example.com")}).status_code == 401
    )


def test_a_link_is_worthless_when_the_password_has_changed(client: FlaskClient, ada: Person) -> None:
    token = link_for(client)
    change = {"currentPassword": PASSWORD, "newPassword": "chosen meanwhile"}
    assert ada.put("/v1/auth/password", change).status_code == 204

    assert reset(client, token) == 401


def test_a_link_is_worthless_when_the_account_is_gone(client: FlaskClient, ada: Person) -> None:
    token = link_for(client)
    ada.delete("/v1/users/me", {"password": PASSWORD})
    sign_up(client, ada.email)

    assert reset(client, token) == 401


def test_the_email_is_no_password_and_the_link_stays_good(client: FlaskClient, ada: Person) -> None:
    token = link_for(client)

    refused = client.post(RESET, json={"token": token, "newPassword": "ADA@example.com"})

    assert errors_of(refused) == [("/newPassword", "password_is_email")]
    assert reset(client, token) == 204


def test_of_many_who_use_a_link_at_once_one_does(app: ApiApp, client: FlaskClient, ada: Person) -> None:
    token = link_for(client)

    statuses = together(6, lambda number: reset(app.test_client(), token, f"a better horse {number}"))

    assert sorted(statuses) == [204] + [401] * 5
    assert is_signed_in(client, log_in(client, ada, f"a better horse {statuses.index(204)}"))


def test_a_link_that_is_used_up_in_the_last_moment_changes_nothing(app: ApiApp, ada: Person) -> None:
    client = app.test_client()
    token = link_for(client)

    with just_before(app, "UPDATE users", lambda: link_queries.forget_links(ada.id)):
        status = reset(client, token)

    assert status == 401
    assert is_signed_in(client, log_in(client, ada, PASSWORD))


def test_f25_a_link_that_is_not_good_is_told_from_a_token_that_is_not(app: ApiApp) -> None:
    client = app.test_client()

    answers = [client.post(RESET, json={"token": "guess", "newPassword": NEW})]
    answers.append(client.post("/v1/auth/email/confirm", json={"token": "guess"}))

    assert [code_of(answer) for answer in answers] == [(401, "link_not_good")] * 2
