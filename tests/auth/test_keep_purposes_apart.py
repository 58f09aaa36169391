"""Token confusion: a token is good for what it was made for, and for nothing else."""

from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.accounts.test_reset_password import link_for
from tests.authentication import bearer, log_in
from tests.outbox import newest_token
from tests.people import PASSWORD, Person
from tests.responses import json_of

NEW_PASSWORD = "a much better horse battery"


def tokens_of(client: FlaskClient, person: Person) -> dict[str, str]:
    """One of each kind, all of the same person and all alive."""
    session = log_in(client, person)
    person.post("/v1/auth/logout")
    headers = bearer(session)
    for name in ("First", "Second"):
        client.post("/v1/buckets", json={"name": name}, headers=headers)
    following = json_of(client.get("/v1/buckets?limit=1", headers=headers))["next"]
    patch = {"email": "ada.new@example.com", "currentPassword": person.password}
    assert client.patch("/v1/users/me", json=patch, headers=headers).status_code == 200  # which ends older tokens
    script = client.post(
        "/v1/auth/tokens", json={"name": "Script", "scope": "write", "currentPassword": PASSWORD}, headers=headers
    )
    return {
        "access": session["accessToken"],
        "refresh": session["refreshToken"],
        "personal": json_of(script)["token"],
        "reset": link_for(client, "ada.new@example.com"),
        "confirm": newest_token("confirm", "ada.new@example.com"),
        "cursor": parse_qs(urlsplit(following).query)["cursor"][0],
    }


def knock(client: FlaskClient, door: str, token: str, access_token: str) -> TestResponse:
    """Use `token` where one of the kind `door` is asked for."""
    if door == "access":
        return client.get("/v1/auth/sessions", headers=bearer(token))
    if door == "personal":
        return client.get("/v1/buckets", headers=bearer(token))
    if door == "refresh":
        return client.post("/v1/auth/refresh", json={"refreshToken": token})
    if door == "confirm":
        return client.post("/v1/auth/email/confirm", json={"token": token, "currentPassword": PASSWORD})
    if door == "cursor":
        query = {"limit": 1, "cursor": token}
        return client.get("/v1/buckets", query_string=query, headers=bearer(access_token))
    return client.post("/v1/auth/password/reset", json={"token": token, "newPassword": NEW_PASSWORD})


@pytest.mark.threat(row=3)
def test_only_the_diagonal_is_let_through(client: FlaskClient, ada: Person) -> None:
    tokens = tokens_of(client, ada)
    doors = ["access", "personal", "refresh", "cursor", "confirm", "reset"]  # the last ends the session

    found = {
        (kind, door): knock(client, door, tokens[kind], tokens["access"]).status_code
        for door in doors
        for kind in sorted(tokens, key=lambda kind, door=door: kind == door)  # type: ignore[misc]  # the right one last
    }

    opened = {pair for pair, status in found.items() if status < 300}
    assert opened == {(kind, kind) for kind in doors} | {("access", "personal")}  # whom a person sends may read too
    assert {status for pair, status in found.items() if pair not in opened} <= {401, 403, 422}
    assert found["personal", "access"] == 403
