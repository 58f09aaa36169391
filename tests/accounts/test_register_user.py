"""Registration, POST /v1/auth/register."""

import re

import pytest
from flask.testing import FlaskClient

from bucketlist.auth.tokens import hash_token
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.kit.ids import is_id
from bucketlist.models import email_addresses, users
from tests.authentication import bearer, is_signed_in, log_in, refresh, sign_up
from tests.people import PASSWORD, Person
from tests.responses import code_of, json_of
from tests.rows import all_rows, count_rows
from tests.workers import WorkerWith

DORA = {"email": "Dora@Example.com", "password": PASSWORD, "name": "Dora"}


def test_dora_signs_up_and_is_signed_in(client: FlaskClient) -> None:
    response = client.post("/v1/auth/register", json=DORA)

    assert response.status_code == 201
    assert response.content_type == "application/json"
    assert response.headers["Cache-Control"] == "no-store"
    assert list(json_of(response)) == ["accessToken", "refreshToken", "tokenType", "expiresIn", "user"]
    assert (json_of(response)["tokenType"], json_of(response)["expiresIn"]) == ("Bearer", 900)
    assert is_signed_in(client, json_of(response))


def test_dora_sees_her_account_as_she_typed_it(client: FlaskClient) -> None:
    user = json_of(client.post("/v1/auth/register", json=DORA))["user"]

    assert list(user) == ["id", "email", "name", "createdAt", "modifiedAt"]
    assert is_id(user["id"])
    assert (user["email"], user["name"]) == ("Dora@Example.com", "Dora")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", user["createdAt"])
    assert user["createdAt"] == user["modifiedAt"]


@pytest.mark.parametrize("name", [None, "", "  "])
def test_dora_needs_no_name(client: FlaskClient, name: str | None) -> None:
    response = client.post("/v1/auth/register", json=DORA | {"name": name})

    assert response.status_code == 201
    assert json_of(response)["user"]["name"] is None


def test_dora_stays_signed_in_with_her_first_refresh_token(client: FlaskClient) -> None:
    session = sign_up(client)

    assert refresh(client, session["refreshToken"]).status_code == 200


@pytest.mark.parametrize("email", ["ada@example.com", "ADA@EXAMPLE.COM", " Ada@example.com\u2003"])
def test_nobody_can_take_the_email_of_ada(client: FlaskClient, ada: Person, email: str) -> None:
    response = client.post("/v1/auth/register", json={"email": email, "password": PASSWORD})

    assert code_of(response) == (409, "email_taken")
    assert count_rows(users) == count_rows(email_addresses) == 1


def test_a_refusal_never_repeats_the_password(client: FlaskClient) -> None:
    response = client.post("/v1/auth/register", json={"email": "not an email, zyzzyva", "password": "hunter2"})

    assert response.status_code == 422
    assert "hunter2" not in response.text
    assert "zyzzyva" not in response.text


def test_nobody_signs_up_while_registration_is_closed(app: ApiApp, worker_with: WorkerWith) -> None:
    response = worker_with(registration="closed").test_client().post("/v1/auth/register", json=DORA)

    assert code_of(response) == (403, "registration_closed")
    assert count_rows(users) == 0


def test_registering_takes_no_notice_of_an_idempotency_key(client: FlaskClient) -> None:
    headers = {"Idempotency-Key": "once"}

    first = client.post("/v1/auth/register", json=DORA, headers=headers)
    second = client.post("/v1/auth/register", json=DORA, headers=headers)

    assert first.status_code == 201
    assert code_of(second) == (409, "email_taken")


OLD_PASSWORD, NEW_PASSWORD = "the very first pass phrase", "the second, better pass phrase"


@pytest.mark.threat(row=15)
def test_no_secret_is_in_any_column_of_the_database(client: FlaskClient) -> None:
    sessions = [sign_up(client, "dora@example.com", OLD_PASSWORD), log_in(client, "dora@example.com", OLD_PASSWORD)]
    sessions.append(json_of(refresh(client, sessions[0]["refreshToken"])))
    change = {"currentPassword": OLD_PASSWORD, "newPassword": NEW_PASSWORD}
    assert client.put("/v1/auth/password", json=change, headers=bearer(sessions[1])).status_code == 204
    sessions.append(log_in(client, "dora@example.com", NEW_PASSWORD))
    assert client.post("/v1/auth/logout", headers=bearer(sessions[1])).status_code == 204
    client.post("/v1/buckets", json={"name": "x"}, headers=bearer(sessions[3]) | {"Idempotency-Key": "once"})

    rows = "\n".join(str(list(row)) for _, row in all_rows())

    secrets = [OLD_PASSWORD, NEW_PASSWORD] + [
        session[name] for session in sessions for name in ("accessToken", "refreshToken")
    ]
    assert [secret for secret in secrets if secret in rows] == []
    assert hash_token(sessions[3]["refreshToken"]) in rows  # so the rows were looked at
    assert "$argon2id$" in rows
