"""Registration, POST /v1/auth/register."""

import json
import re

import pytest
from flask.testing import FlaskClient

from bucketlist.app import create_app
from bucketlist.config import Settings
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.kit.ids import is_id
from bucketlist.models import email_addresses, users
from tests.auth.conftest import close
from tests.auth.steps import body_of, code_of, count_rows, errors_of, is_signed_in, refresh, sign_up
from tests.concurrency import together
from tests.people import PASSWORD, Person

DORA = {"email": "Dora@Example.com", "password": PASSWORD, "name": "Dora"}


def test_dora_signs_up_and_is_signed_in(client: FlaskClient) -> None:
    response = client.post("/v1/auth/register", json=DORA)

    assert response.status_code == 201
    assert response.content_type == "application/json"
    assert response.headers["Cache-Control"] == "no-store"
    assert list(body_of(response)) == ["accessToken", "refreshToken", "tokenType", "expiresIn", "user"]
    assert (body_of(response)["tokenType"], body_of(response)["expiresIn"]) == ("Bearer", 900)
    assert is_signed_in(client, body_of(response))


def test_dora_sees_her_account_as_she_typed_it(client: FlaskClient) -> None:
    user = body_of(client.post("/v1/auth/register", json=DORA))["user"]

    assert list(user) == ["id", "email", "name", "createdAt", "modifiedAt"]
    assert is_id(user["id"])
    assert (user["email"], user["name"]) == ("Dora@Example.com", "Dora")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", user["createdAt"])
    assert user["createdAt"] == user["modifiedAt"]


@pytest.mark.parametrize("name", [None, "", "  "])
def test_dora_needs_no_name(client: FlaskClient, name: str | None) -> None:
    response = client.post("/v1/auth/register", json=DORA | {"name": name})

    assert response.status_code == 201
    assert body_of(response)["user"]["name"] is None


def test_dora_stays_signed_in_with_her_first_refresh_token(client: FlaskClient) -> None:
    session = sign_up(client)

    assert refresh(client, session["refreshToken"]).status_code == 200


@pytest.mark.parametrize("email", ["ada@example.com", "ADA@EXAMPLE.COM", " Ada@example.com\u2003"])
def test_nobody_can_take_the_email_of_ada(client: FlaskClient, ada: Person, email: str) -> None:
    response = client.post("/v1/auth/register", json={"email": email, "password": PASSWORD})

    assert code_of(response) == (409, "email_taken")
    assert count_rows(users) == count_rows(email_addresses) == 1


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("jos\u00e9@example.com", "JOSE\u0301@example.com"),
        ("\u00c5sa@example.com", "A\u030asa@example.com"),
        ("stra\u00dfe@example.com", "STRA\u1e9eE@example.com"),
        (
            "\u03c3\u03af\u03c3\u03c5\u03c6\u03bf\u03c2@example.com",
            "\u03a3\u038a\u03a3\u03a5\u03a6\u039f\u03a3@example.com",
        ),
    ],
)
def test_an_email_is_the_same_in_any_case_and_normal_form(client: FlaskClient, first: str, second: str) -> None:
    sign_up(client, first)

    response = client.post("/v1/auth/register", json={"email": second, "password": PASSWORD})

    assert code_of(response) == (409, "email_taken")


@pytest.mark.parametrize("missing", ["email", "password"])
def test_dora_must_send_email_and_password(client: FlaskClient, missing: str) -> None:
    response = client.post("/v1/auth/register", json={name: DORA[name] for name in DORA if name != missing})

    assert errors_of(response) == [(f"/{missing}", "missing")]


@pytest.mark.parametrize("field", ["id", "isAdmin", "createdAt", "userId", "password_hash", "version"])
def test_nobody_can_set_what_is_not_theirs_to_set(client: FlaskClient, field: str) -> None:
    response = client.post("/v1/auth/register", json=DORA | {field: "x"})

    assert errors_of(response) == [(f"/{field}", "extra_forbidden")]
    assert count_rows(users) == 0


def test_a_refusal_never_repeats_the_password(client: FlaskClient) -> None:
    response = client.post("/v1/auth/register", json={"email": "not an email, zyzzyva", "password": "hunter2"})

    assert response.status_code == 422
    assert "hunter2" not in response.text
    assert "zyzzyva" not in response.text


def test_nobody_signs_up_while_registration_is_closed(app: ApiApp, settings: Settings) -> None:
    closed = create_app(settings.model_copy(update={"registration": "closed"}))

    response = closed.test_client().post("/v1/auth/register", json=DORA)

    assert code_of(response) == (403, "registration_closed")
    assert count_rows(users) == 0
    close(closed)


def test_registering_takes_no_notice_of_an_idempotency_key(client: FlaskClient) -> None:
    headers = {"Idempotency-Key": "once"}

    first = client.post("/v1/auth/register", json=DORA, headers=headers)
    second = client.post("/v1/auth/register", json=DORA, headers=headers)

    assert first.status_code == 201
    assert code_of(second) == (409, "email_taken")


def test_a_body_that_is_no_json_makes_no_account(client: FlaskClient) -> None:
    response = client.post("/v1/auth/register", data=json.dumps(DORA)[:-1], content_type="application/json")

    assert code_of(response) == (400, "bad_request")
    assert count_rows(users) == 0


@pytest.mark.usefixtures("patient_hashing")
def test_twenty_parallel_sign_ups_with_one_email_make_one_account(app: ApiApp) -> None:
    variants = ["jos\u00e9@example.com", "JOS\u00c9@example.com", "jose\u0301@Example.com", "JOSE\u0301@EXAMPLE.COM"]

    def sign_up_once(number: int) -> int:
        body = {"email": variants[number % 4], "password": PASSWORD}
        return app.test_client().post("/v1/auth/register", json=body).status_code

    statuses = together(20, sign_up_once)

    assert sorted(statuses) == [201] + [409] * 19
    assert count_rows(users) == count_rows(email_addresses) == 1
