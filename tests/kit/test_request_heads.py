"""What HTTP demands of the head of every request, in every configuration."""

import io

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.conftest import on_sqlite
from tests.responses import json_of

pytestmark = on_sqlite

HOSTS = (
    "lists.example.com",
    "Lists.Example.com:8443",
    "lists.example.com:",
    "127.0.0.1:8000",
    "[::1]:8000",
    "a_b",
    "x",
)
BROKEN = ("a,b", "a, a", "", "a b", "http://a", "a/b", "a:b", "ada@a", "[::1", "a:1:2", "é.example.com", "a" * 301)


@pytest.mark.parametrize("path", ["/v1/buckets", "/healthz", "/nowhere"])
@pytest.mark.parametrize("host", BROKEN)
def test_whoever_names_no_host_or_several_is_refused(client: FlaskClient, path: str, host: str) -> None:
    found = client.get(path, environ_overrides={"HTTP_HOST": host})

    assert (found.status_code, json_of(found)["code"]) == (400, "bad_request")
    assert "Host" in json_of(found)["detail"]


@pytest.mark.parametrize("host", HOSTS)
def test_whoever_names_one_host_is_served(client: FlaskClient, host: str) -> None:
    assert client.get("/healthz", environ_overrides={"HTTP_HOST": host}).status_code == 200


@pytest.mark.parametrize(("protocol", "status"), [("HTTP/1.0", 200), ("HTTP/1", 200), ("HTTP/1.1", 400)])
def test_only_the_oldest_version_does_without_a_host(client: FlaskClient, protocol: str, status: int) -> None:
    overrides = {"HTTP_HOST": "", "SERVER_PROTOCOL": protocol}

    assert client.get("/healthz", environ_overrides=overrides).status_code == status


@pytest.mark.parametrize("wanted", ["foo", "100-continue, foo", "200-ok", '"100-continue"'])
def test_what_cannot_be_expected_is_told(client: FlaskClient, wanted: str) -> None:
    found = client.post("/v1/auth/login", json={}, headers={"Expect": wanted})

    assert (found.status_code, json_of(found)["code"]) == (417, "expectation_failed")
    assert found.headers["Connection"] == "close"


@pytest.mark.parametrize("wanted", ["100-continue", "100-Continue", "100-continue,100-continue", ""])
def test_whoever_waits_for_a_word_before_the_body_is_served(client: FlaskClient, wanted: str) -> None:
    assert client.post("/v1/auth/login", json={}, headers={"Expect": wanted}).status_code == 422


@pytest.mark.threat(row=71)
@pytest.mark.parametrize(("body", "connection"), [(b"", "close"), (b'{"email":', "close"), (b"{}", None)])
def test_f17_a_body_that_may_have_been_cut_off_ends_its_connection(
    client: FlaskClient, body: bytes, connection: str | None
) -> None:
    found = send_in_chunks(client, body)

    assert found.headers.get("Connection") == connection


def send_in_chunks(client: FlaskClient, body: bytes) -> TestResponse:
    environ = {"wsgi.input_terminated": True, "CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"}
    sent = {"input_stream": io.BytesIO(body), "content_type": "application/json", "environ_overrides": environ}
    return client.post("/v1/auth/login", **sent)
