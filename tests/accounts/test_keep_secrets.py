"""Password hashing and hashed tokens: whoever steals the database gets no password and no living token."""

import pytest
from flask.testing import FlaskClient

from bucketlist.auth.tokens import hash_token
from tests.auth.steps import all_rows, bearer, body_of, log_in, refresh, sign_up

OLD, NEW = "the very first pass phrase", "the second, better pass phrase"


@pytest.mark.threat(row=15)
def test_no_secret_is_in_any_column_of_the_database(client: FlaskClient) -> None:
    sessions = [sign_up(client, "dora@example.com", OLD), log_in(client, "dora@example.com", OLD)]
    sessions.append(body_of(refresh(client, sessions[0]["refreshToken"])))
    change = {"currentPassword": OLD, "newPassword": NEW}
    assert client.put("/v1/auth/password", json=change, headers=bearer(sessions[1])).status_code == 204
    sessions.append(log_in(client, "dora@example.com", NEW))
    assert client.post("/v1/auth/logout", headers=bearer(sessions[1])).status_code == 204
    client.post("/v1/buckets", json={"name": "x"}, headers=bearer(sessions[3]) | {"Idempotency-Key": "once"})

    rows = "\n".join(str(list(row)) for _, row in all_rows())

    secrets = [OLD, NEW] + [session[name] for session in sessions for name in ("accessToken", "refreshToken")]
    assert [secret for secret in secrets if secret in rows] == []
    assert hash_token(sessions[3]["refreshToken"]) in rows  # so the rows were looked at
    assert "$argon2id$" in rows


@pytest.mark.parametrize("path", ["/v1/auth/login", "/v1/auth/register", "/v1/auth/refresh"])
def test_no_answer_and_no_log_repeats_a_secret(
    client: FlaskClient, path: str, capfd: pytest.CaptureFixture[str]
) -> None:
    body = {"email": "canary@", "password": "canary-password", "refreshToken": "canary-token"}

    response = client.post(path, json=body, headers=bearer("canary-access"))

    assert response.status_code == 422
    assert "canary" not in response.text
    assert "canary" not in "".join(capfd.readouterr())
