"""F28: a disabled user account is closed at once, keeps all that is in it, and is told to nobody but its owner."""

import pytest
from flask.testing import FlaskClient

from bucketlist.accounts import service
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.services import services_of
from tests.accounts.test_reset_password import link_for
from tests.authentication import bearer, is_signed_in, log_in, refresh, sign_up
from tests.concurrency import together
from tests.outbox import newest_token, waiting_letters
from tests.people import PASSWORD, Person
from tests.responses import apart_from_request_id, code_of, json_of

RESET = "/v1/auth/password/reset"
NEW = "a much better horse battery"


def disable(email: str) -> bool:
    return service.disable_user(service.get_user_by_email(email))


def enable(email: str) -> bool:
    return service.enable_user(service.get_user_by_email(email))


@pytest.mark.threat(row=74)
def test_f28_every_session_and_token_of_ada_ends_at_once(
    client: FlaskClient, ada: Person, ben: Person, other_worker: ApiApp
) -> None:
    session, token = log_in(client, ada), ada.make_token()["token"]
    elsewhere = other_worker.test_client()
    before = [is_signed_in(elsewhere, each) for each in (session, token, ada.access_token)]

    disable(ada.email)

    assert before == [True] * 3
    assert [is_signed_in(elsewhere, each) for each in (session, token, ada.access_token)] == [False] * 3
    assert refresh(client, session["refreshToken"]).status_code == 401
    assert is_signed_in(client, ben.access_token)


@pytest.mark.threat(row=74)
def test_f28_neither_a_kept_answer_nor_an_etag_is_answered_any_more(ada: Person) -> None:
    bucket = {"name": "Far away"}
    made = ada.post("/v1/buckets", bucket, Idempotency_Key="once")
    read = ada.get(made.headers["Location"])

    disable(ada.email)

    assert ada.post("/v1/buckets", bucket, Idempotency_Key="once").status_code == 401
    assert ada.get(made.headers["Location"], If_None_Match=read.headers["ETag"]).status_code == 401


def test_f28_ada_is_told_when_her_password_is_right(client: FlaskClient, ada: Person) -> None:
    disable(ada.email)

    response = client.post("/v1/auth/login", json={"email": ada.email, "password": PASSWORD})

    assert code_of(response) == (403, "account_disabled")


@pytest.mark.threat(row=74)
def test_f28_a_stranger_cannot_tell_that_an_account_is_disabled(client: FlaskClient, ada: Person, ben: Person) -> None:
    disable(ada.email)

    def guess(email: str) -> object:
        return apart_from_request_id(client.post("/v1/auth/login", json={"email": email, "password": "guessed it"}))

    assert guess(ada.email) == guess(ben.email) == guess("nobody@example.com")


@pytest.mark.threat(row=74)
def test_f28_a_link_that_was_mailed_before_is_worthless(client: FlaskClient, ada: Person) -> None:
    token = link_for(client)

    disable(ada.email)

    assert client.post(RESET, json={"token": token, "newPassword": NEW}).status_code == 401


@pytest.mark.threat(row=74)
def test_f28_a_link_that_confirms_an_address_is_worthless_too(client: FlaskClient) -> None:
    sign_up(client)
    token = newest_token("confirm", "dora@example.com")

    disable("dora@example.com")

    assert client.post("/v1/auth/email/confirm", json={"token": token}).status_code == 401


@pytest.mark.threat(row=74)
def test_f28_no_new_link_is_sent_and_nobody_can_tell(client: FlaskClient, ada: Person) -> None:
    disable(ada.email)

    answers = [
        client.post("/v1/auth/password/forgot", json={"email": email}) for email in (ada.email, "nobody@example.com")
    ]

    assert apart_from_empty(answers[0]) == apart_from_empty(answers[1])
    assert [letter for letter in waiting_letters() if letter.seed] == []


def apart_from_empty(response: object) -> tuple[int, bytes]:
    return response.status_code, response.data  # type: ignore[attr-defined]  # of an answer without a body


@pytest.mark.threat(row=74)
def test_f28_of_many_who_log_in_while_ada_is_disabled_nobody_stays(app: ApiApp, ada: Person) -> None:
    login = {"email": ada.email, "password": PASSWORD}

    def act(number: int) -> str | None:
        with services_of(app).at_work():
            if number == 0:
                disable(ada.email)
                return None
            answer = app.test_client().post("/v1/auth/login", json=login)
            return str(json_of(answer)["accessToken"]) if answer.status_code == 200 else None

    opened = [token for token in together(6, act) if token]

    assert [token for token in opened if is_signed_in(app.test_client(), token)] == []


def test_f28_what_is_there_is_kept_and_ada_is_let_in_again(client: FlaskClient, ada: Person) -> None:
    session, token = log_in(client, ada), ada.make_token()["token"]
    bucket = ada.make_bucket()
    disable(ada.email)

    enable(ada.email)

    again = log_in(client, ada)
    assert client.get(f"/v1/buckets/{bucket['id']}", headers=bearer(again)).get_json() == bucket
    assert [is_signed_in(client, each) for each in (session, token)] == [False] * 2
    assert refresh(client, session["refreshToken"]).status_code == 401


def test_f28_who_is_disabled_already_is_no_news(ada: Person) -> None:
    assert [disable(ada.email), disable(ada.email), enable(ada.email), enable(ada.email)] == [True, False, True, False]


def test_f28_the_address_of_a_disabled_account_stays_taken(client: FlaskClient, ada: Person) -> None:
    disable(ada.email)

    response = client.post("/v1/auth/register", json={"email": ada.email, "password": PASSWORD})

    assert code_of(response) == (409, "email_taken")
