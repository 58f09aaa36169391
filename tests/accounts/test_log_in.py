"""POST /v1/auth/login."""

import json

import pytest
from flask.testing import FlaskClient

from bucketlist.auth.passwords import hash_password, verify_password
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.models import sessions
from tests.authentication import is_signed_in, log_in, refresh, sign_up
from tests.people import PASSWORD, Person
from tests.responses import apart_from_request_id, code_of, json_of
from tests.rows import count_rows

STORAGE = {"storageBytes", "storageQuotaBytes"}  # of an account that is asked for; nobody waits for a sum at a log-in
PAIRS = 100  # on each database, so 200 in all


def test_ada_logs_in(client: FlaskClient, ada: Person) -> None:
    session = log_in(client, ada)
    account = json_of(ada.get("/v1/users/me"))

    assert list(session) == ["accessToken", "refreshToken", "tokenType", "expiresIn", "user"]
    assert (session["tokenType"], session["expiresIn"]) == ("Bearer", 900)
    assert session["user"] == {name: value for name, value in account.items() if name not in STORAGE}
    assert account.keys() - session["user"].keys() == STORAGE
    assert is_signed_in(client, session)
    assert refresh(client, session["refreshToken"]).status_code == 200


def test_ada_can_be_signed_in_twice(client: FlaskClient, ada: Person) -> None:
    first, second = log_in(client, ada), log_in(client, ada)

    assert first["refreshToken"] != second["refreshToken"]
    assert is_signed_in(client, first)
    assert is_signed_in(client, second)


@pytest.mark.parametrize("email", ["ADA@EXAMPLE.COM", "  Ada@Example.com "])
def test_ada_logs_in_with_her_email_in_any_case(client: FlaskClient, ada: Person, email: str) -> None:
    assert log_in(client, email)["user"]["email"] == "ada@example.com"


def test_jose_logs_in_with_another_normal_form_of_his_email(client: FlaskClient) -> None:
    sign_up(client, "Jos\u00e9@example.com")

    assert log_in(client, "JOSE\u0301@example.com")["user"]["email"] == "Jos\u00e9@example.com"


@pytest.mark.parametrize("password", ["wrong horse", PASSWORD.upper(), PASSWORD + " ", PASSWORD[:-1], "", "\u0000"])
def test_ada_cannot_log_in_with_a_wrong_password(client: FlaskClient, ada: Person, password: str) -> None:
    before = count_rows(sessions)

    response = client.post("/v1/auth/login", json={"email": ada.email, "password": password})

    assert code_of(response) == (401, "wrong_credentials")
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert count_rows(sessions) == before


@pytest.mark.threat(row=8)
@pytest.mark.parametrize(
    "email", ["nobody@example.com", "no email at all", "", "ada@example.com.example.org", "x" * 1024]
)
def test_an_unknown_email_is_answered_like_a_wrong_password(client: FlaskClient, ada: Person, email: str) -> None:
    unknown = client.post("/v1/auth/login", json={"email": email, "password": PASSWORD})

    wrong = client.post("/v1/auth/login", json={"email": ada.email, "password": "wrong horse"})

    assert unknown.status_code == 401
    assert apart_from_request_id(unknown) == apart_from_request_id(wrong)


@pytest.mark.threat(row=13)
@pytest.mark.parametrize(("length", "status"), [(1_025, 422), (1_000_000, 413), (10_000_000, 413)])
def test_a_very_long_password_is_refused_before_it_is_hashed(
    client: FlaskClient, ada: Person, hashings: list[str], length: int, status: int
) -> None:
    body = json.dumps({"email": ada.email, "password": "x" * length}).encode()

    response = client.post("/v1/auth/login", data=body, content_type="application/json")

    assert response.status_code == status
    assert hashings == []


@pytest.mark.threat(row=9)
def test_a_login_hashes_as_often_and_as_hard_for_an_unknown_email(
    client: FlaskClient, dear_hashes: None, hashings: list[str]
) -> None:
    body = {"email": "cleo@example.com", "password": PASSWORD, "name": "Cleo"}
    assert client.post("/v1/auth/register", json=body).status_code == 201
    for email in ("cleo@example.com", "nobody@example.com"):
        client.post("/v1/auth/login", json={"email": email, "password": "wrong horse"})

    known, unknown = (kept.rpartition("$")[0].rpartition("$")[0] for kept in hashings)
    assert known == unknown == "$argon2id$v=19$m=19456,t=2,p=1"


@pytest.mark.usefixtures("dear_hashes")
def test_a_password_is_right_for_its_own_hash_only() -> None:
    kept = hash_password("  Any \u0000 character \U0001f98a ")

    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert verify_password("  Any \u0000 character \U0001f98a ", kept)
    assert not verify_password("  Any ", kept)
    assert not verify_password("", None)


def test_the_same_password_has_another_hash_each_time(app: ApiApp) -> None:
    assert hash_password(PASSWORD) != hash_password(PASSWORD)
