"""Test helpers for user accounts: what their tests do again and again."""

from collections.abc import Iterator
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import Table, select
from werkzeug.test import TestResponse

from bucketlist.kit.db.database import Statement, execute
from bucketlist.kit.db.driver import Row
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.kit.http.route_policy import policy_of
from bucketlist.models import metadata
from tests.people import PASSWORD, Person

EMAIL = "ada@example.com"
HOME, OFFICE, ELSEWHERE = "192.0.2.1", "198.51.100.7", "203.0.113.9"  # three networks

_ALL_ROWS = {table: Statement(select(table)) for table in metadata.sorted_tables}


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


def body_of(response: TestResponse) -> dict[str, Any]:
    body: dict[str, Any] = response.get_json()
    return body


def code_of(response: TestResponse) -> tuple[int, str]:
    """The status, and the code of the problem."""
    assert response.content_type == "application/problem+json", response.text
    return response.status_code, body_of(response)["code"]


def errors_of(response: TestResponse) -> list[tuple[str, str]]:
    """Of a 422: the places that were wrong, and the code of each."""
    assert response.status_code == 422, response.text
    return [(error.get("pointer", error.get("parameter")), error["code"]) for error in body_of(response)["errors"]]


def apart_from_request_id(response: TestResponse) -> tuple[int, dict[str, Any], dict[str, str]]:
    """All that a client can see of an answer, so that two can be compared."""
    body = {name: value for name, value in body_of(response).items() if name != "requestId"}
    own = ("X-Request-Id", "Content-Length", "Date")
    return response.status_code, body, {name: value for name, value in response.headers.items() if name not in own}


def all_rows() -> Iterator[tuple[Table, Row]]:
    """Every row of every table."""
    for table, statement in _ALL_ROWS.items():
        for row in execute(statement, {}):
            yield table, row


def count_rows(table: Table) -> int:
    return len(execute(_ALL_ROWS[table], {}))


def protected_routes(app: ApiApp) -> list[tuple[str, str]]:
    """The method and the path of every route that takes a token."""
    return sorted(
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/v1") and not policy_of(app.view_functions[rule.endpoint]).is_public
        for method in rule.methods or ()
        if method not in ("HEAD", "OPTIONS")
    )


def _session(response: TestResponse, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.text
    return body_of(response)
