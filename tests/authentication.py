"""Authentication of a test's people: signing up, logging in, the sessions and tokens that come of it."""

from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.people import PASSWORD, Person
from tests.responses import json_of

EMAIL = "ada@example.com"
HOME, OFFICE, ELSEWHERE = "192.0.2.1", "198.51.100.7", "203.0.113.9"  # three networks


def sign_up(client: FlaskClient, email: str = "dora@example.com", password: str = PASSWORD) -> dict[str, Any]:
    """The session of somebody new."""
    return _session(client.post("/v1/auth/register", json={"email": email, "password": password}), 201)


def log_in(client: FlaskClient, person: Person | str, password: str = PASSWORD) -> dict[str, Any]:
    """A new session of somebody who has an account."""
    email = person if isinstance(person, str) else person.email
    return _session(client.post("/v1/auth/login", json={"email": email, "password": password}), 200)


def refresh(client: FlaskClient, refresh_token: str) -> TestResponse:
    return client.post("/v1/auth/refresh", json={"refreshToken": refresh_token})


def bearer(session: dict[str, Any] | str) -> dict[str, str]:
    """The header that a session, or an access token, goes in."""
    token = session if isinstance(session, str) else session["accessToken"]
    return {"Authorization": f"Bearer {token}"}


def is_signed_in(client: FlaskClient, session: dict[str, Any] | str) -> bool:
    response = client.get("/v1/users/me", headers=bearer(session))
    assert response.status_code in (200, 401), response.text
    return response.status_code == 200


def _session(response: TestResponse, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.text
    session: dict[str, Any] = json_of(response)
    return session
