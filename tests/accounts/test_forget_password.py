"""Password reset, POST /v1/auth/password/forgot: the same for everybody, and a link for whoever has an account."""

from collections.abc import Iterator

import pytest
import time_machine
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from bucketlist.auth.passwords import hash_password
from bucketlist.kit.db.driver import Compiled
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.limits import bounds
from bucketlist.models import mail_links, outbox
from bucketlist.services import services_of
from tests.outbox import Waiting, newest_token, waiting_letters
from tests.people import PASSWORD, Person, make_person
from tests.responses import apart_from_request_id, code_of
from tests.rows import all_rows, count_rows
from tests.workers import WorkerWith

FORGOT = "/v1/auth/password/forgot"
RESET = "/v1/auth/password/reset"
PAIRS = 100
DAY = 86_400


def forget(client: FlaskClient, email: str = "ada@example.com", address: str = "192.0.2.1") -> TestResponse:
    return client.post(FORGOT, json={"email": email}, environ_base={"REMOTE_ADDR": address})


@pytest.fixture
def without_mail(app: ApiApp, worker_with: WorkerWith) -> Iterator[FlaskClient]:
    silent = worker_with(mail_url="")
    with services_of(silent).at_work():
        yield silent.test_client()


def test_ada_asks_for_a_link_and_a_letter_waits(client: FlaskClient, ada: Person) -> None:
    response = forget(client)

    assert (response.status_code, response.data, response.headers.get("Content-Type")) == (202, b"", None)
    assert [(letter.kind, letter.email) for letter in waiting_letters()] == [("reset", "ada@example.com")]


@pytest.mark.parametrize("email", ["ADA@EXAMPLE.COM", "  Ada@Example.com "])
def test_the_letter_goes_to_the_address_that_ada_gave_not_to_what_was_typed(
    client: FlaskClient, ada: Person, email: str
) -> None:
    forget(client, email)

    assert [letter.email for letter in waiting_letters()] == [ada.email]


@pytest.mark.threat(row=8)
@pytest.mark.parametrize("email", ["nobody@example.com", "no email at all", "", "x" * 1024])
def test_an_unknown_address_is_answered_alike_and_written_nowhere(client: FlaskClient, ada: Person, email: str) -> None:
    known, unknown = forget(client), client.post(FORGOT, json={"email": email})

    answers = [(answer.status_code, answer.data, _headers(answer)) for answer in (known, unknown)]
    assert answers[0] == answers[1]
    assert [letter.email for letter in waiting_letters()] == [ada.email]
    assert not email or email not in "\n".join(str(list(row)) for _, row in all_rows())


@pytest.mark.threat(row=9)
def test_an_unknown_address_takes_the_same_statements(
    client: FlaskClient, ada: Person, statements: list[Compiled]
) -> None:
    seen = []
    for email in (ada.email, "nobody@example.com"):
        statements.clear()
        forget(client, email)
        seen.append([statement.sql for statement in statements])

    assert seen[0] == seen[1]


def test_without_mail_ada_is_told_so(without_mail: FlaskClient, ada: Person) -> None:
    reset = {"token": "x", "newPassword": PASSWORD}

    assert code_of(forget(without_mail)) == (409, "mail_off")
    assert code_of(without_mail.post(RESET, json=reset)) == (409, "mail_off")
    assert code_of(without_mail.post("/v1/auth/email/confirm", json={"token": "x"})) == (409, "mail_off")
    assert count_rows(outbox) == count_rows(mail_links) == 0


def test_without_mail_nothing_waits_to_be_sent(without_mail: FlaskClient) -> None:
    body = {"email": "dora@example.com", "password": PASSWORD}
    assert without_mail.post("/v1/auth/register", json=body).status_code == 201

    assert count_rows(outbox) == count_rows(mail_links) == 0


@pytest.mark.threat(row=16)
def test_a_newer_link_kills_the_older(client: FlaskClient, ada: Person) -> None:
    forget(client)
    older = newest_token("reset", ada.email)
    forget(client)
    newer = newest_token("reset", ada.email)

    statuses = [
        client.post(RESET, json={"token": token, "newPassword": "a better horse"}).status_code
        for token in (older, newer)
    ]

    assert statuses == [401, 204]


@pytest.mark.parametrize(("email", "letters_sent"), [("ada@example.com", bounds.RESETS + 1), ("nobody@example.com", 0)])
def test_r4_asking_on_past_the_letters_of_a_day_is_answered_as_before(
    limited_app: ApiApp, email: str, letters_sent: int
) -> None:
    make_person(limited_app, "ada@example.com")
    client = limited_app.test_client()
    with time_machine.travel("2026-11-24T12:00:00Z", tick=False) as clock:
        statuses = {forget(client, email, f"192.0.2.{number}").status_code for number in range(bounds.RESETS + 3)}
        before = len(waiting_letters())
        clock.shift(DAY)
        forget(client, email)

    assert statuses == {202}
    assert before == letters_sent
    assert len(waiting_letters()) == (letters_sent and letters_sent + 1)


def test_a_refusal_does_not_tell_who_is_there(limited_app: ApiApp) -> None:
    make_person(limited_app, "ada@example.com")
    client = limited_app.test_client()
    with time_machine.travel("2026-11-24T12:00:00Z", tick=False):
        for number in range(10):
            forget(client, f"{number}@example.com")
        known, unknown = forget(client), forget(client, "nobody@example.com")

    assert code_of(known) == (429, "too_many_requests")
    assert known.headers["RateLimit"] == '"forgot";r=0;t=300'
    assert apart_from_request_id(known) == apart_from_request_id(unknown)


def test_who_leaves_and_comes_back_fills_nobodys_mailbox(limited_app: ApiApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "RESETS", 5)
    client = limited_app.test_client()
    body = {"email": "victim@example.com", "password": PASSWORD}
    sent: list[Waiting] = []

    for number in range(8):
        place = {"REMOTE_ADDR": f"192.0.2.{number}"}
        session = client.post("/v1/auth/register", json=body, environ_base=place).get_json()
        forget(client, "victim@example.com", f"192.0.2.{number}")
        sent += waiting_letters()
        header = {"Authorization": f"Bearer {session['accessToken']}"}
        client.delete("/v1/users/me", json={"password": PASSWORD}, headers=header)

    assert len(sent) == 11  # five of each kind, and one in the hour


def test_a_hash_is_not_made_for_it(client: FlaskClient, ada: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: str) -> str:
        raise AssertionError

    monkeypatch.setattr("bucketlist.auth.passwords._hasher.hash", refuse)
    with pytest.raises(AssertionError):
        hash_password("so it would be seen")

    assert forget(client).status_code == 202


def _headers(response: TestResponse) -> dict[str, str]:
    return {name: value for name, value in response.headers.items() if name not in ("X-Request-Id", "Date")}
