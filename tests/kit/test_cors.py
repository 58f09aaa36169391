"""CORS: scripts of other origins."""

import pytest
from flask.testing import FlaskClient

from bucketlist.app import create_app
from bucketlist.config import Settings, load_settings

ORIGIN = "https://lists.example.com"


@pytest.fixture
def open_client(settings: Settings) -> FlaskClient:
    """Of an application whose operator named one origin."""
    named = load_settings(**settings.model_dump() | {"cors_origins": f"{ORIGIN}, http://localhost:3000"})
    return create_app(named).test_client()


def test_a_named_origin_may_read_answers_and_their_headers(open_client: FlaskClient) -> None:
    response = open_client.get("/healthz", headers={"Origin": ORIGIN})

    assert response.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "ETag" in response.headers["Access-Control-Expose-Headers"]
    assert "Access-Control-Allow-Credentials" not in response.headers


def test_another_origin_is_not_answered(open_client: FlaskClient) -> None:
    response = open_client.get("/healthz", headers={"Origin": "https://evil.example.org"})

    assert "Access-Control-Allow-Origin" not in response.headers
    assert "Origin" in response.vary


def test_a_preflight_needs_no_token_and_names_what_is_allowed(open_client: FlaskClient) -> None:
    asked = {"Origin": ORIGIN, "Access-Control-Request-Method": "POST"}

    response = open_client.options("/v1/buckets", headers=asked)

    assert response.status_code == 200
    assert "POST" in response.headers["Access-Control-Allow-Methods"]
    assert "Authorization" in response.headers["Access-Control-Allow-Headers"]


def test_a_refusal_is_readable_for_a_named_origin(open_client: FlaskClient) -> None:
    response = open_client.get("/v1/buckets", headers={"Origin": ORIGIN})

    assert response.status_code == 401
    assert response.headers["Access-Control-Allow-Origin"] == ORIGIN
