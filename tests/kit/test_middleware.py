"""The middleware that every answer leaves in, and the line that is written of it."""

import json
import time
from collections.abc import Iterable
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import Client
from werkzeug.wsgi import ClosingIterator

from bucketlist.kit.http.middleware import HEADERS, RequestMiddleware, Start
from bucketlist.kit.ids import is_id


def greet(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
    start("200 OK", [("Content-Type", "text/plain")])
    return [b"hello"]


def greet_from_a_cache(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
    start("200 OK", [("Cache-Control", "max-age=60"), ("Content-Security-Policy", "default-src *")])
    return [b"hello"]


def say_nothing(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
    return []


def lines(capfd: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """What was written on standard error."""
    return [json.loads(line) for line in capfd.readouterr().err.splitlines()]


def test_every_answer_has_the_headers_that_always_hold() -> None:
    response = Client(RequestMiddleware(greet, extra_headers=[("Strict-Transport-Security", "max-age=1")])).get("/")

    assert set(HEADERS) | {("Strict-Transport-Security", "max-age=1")} <= set(response.headers)
    assert response.headers["Cache-Control"] == "no-store"
    assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]


def test_a_server_that_stops_asks_for_the_connection_to_be_closed() -> None:
    middleware = RequestMiddleware(greet)
    before = Client(middleware).get("/")
    middleware.is_closing = True

    assert "Connection" not in before.headers
    assert Client(middleware).get("/").headers["Connection"] == "close"


def test_what_an_answer_says_of_itself_stays() -> None:
    response = Client(RequestMiddleware(greet_from_a_cache)).get("/")

    assert response.headers.getlist("Cache-Control") == ["max-age=60"]
    assert response.headers.getlist("Content-Security-Policy") == ["default-src *"]


@pytest.mark.parametrize("sane", ["a", "A-b_c.d~e+f/g=", "0" * 128])
def test_a_sane_request_id_is_taken_over(client: FlaskClient, sane: str) -> None:
    response = client.get("/v1/users/me", headers={"X-Request-Id": sane})

    assert response.headers["X-Request-Id"] == sane
    assert (response.get_json() or {})["requestId"] == sane


@pytest.mark.threat(row=41)
@pytest.mark.parametrize("odd", ["", "a b", "x" * 129, '"', "<script>", "\u00e9", "a,b", "a;b", "a\tb", "{}", "a\\b"])
def test_an_odd_request_id_is_replaced(client: FlaskClient, odd: str) -> None:
    response = client.get("/v1/users/me", headers={"X-Request-Id": odd})

    assert is_id(response.headers["X-Request-Id"])
    assert (response.get_json() or {})["requestId"] == response.headers["X-Request-Id"]


def test_one_line_is_written_of_each_request(capfd: pytest.CaptureFixture[str]) -> None:
    Client(RequestMiddleware(greet)).get(
        "/secret/path?token=x", headers={"X-Request-Id": "abc", "Authorization": "Bearer y"}
    )

    (line,) = lines(capfd)
    assert line.pop("time").endswith("Z")
    assert line.pop("microseconds") >= 0
    assert line == {"event": "request", "id": "abc", "method": "GET", "route": "", "status": 200, "user": ""}


def test_the_line_tells_how_long_the_application_took(capfd: pytest.CaptureFixture[str]) -> None:
    def take_its_time(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        time.sleep(0.02)
        return greet(environ, start)

    started = time.perf_counter()
    Client(RequestMiddleware(take_its_time)).get("/")
    seconds = time.perf_counter() - started

    assert 20_000 <= lines(capfd)[0]["microseconds"] <= seconds * 1_000_000


@pytest.mark.threat(row=41)
def test_a_method_cannot_write_lines_of_its_own(capfd: pytest.CaptureFixture[str]) -> None:
    Client(RequestMiddleware(greet)).open("/", method='X","status":200}')

    assert lines(capfd)[0]["method"] == "?"


def test_an_answer_that_never_began_is_noted_as_an_error(capfd: pytest.CaptureFixture[str]) -> None:
    RequestMiddleware(say_nothing)({"REQUEST_METHOD": "GET"}, lambda *_: None)

    assert lines(capfd)[0]["status"] == 500


def test_nothing_is_written_when_nobody_wants_it(capfd: pytest.CaptureFixture[str]) -> None:
    Client(RequestMiddleware(greet, access_log=False)).get("/")

    assert lines(capfd) == []


@pytest.mark.threat(row=71)
@pytest.mark.parametrize(
    ("headers", "is_last"),
    [
        ({"Content-Length": "5"}, True),
        ({"HTTP-Transfer-Encoding": "chunked"}, True),
        ({"Content-Length": "0"}, False),
        ({"Content-Length": "00"}, False),
        ({}, False),
    ],
)
def test_f17_an_answer_that_leaves_a_body_unread_says_that_it_ends_the_connection(
    headers: dict[str, str], is_last: bool
) -> None:
    environ = {f"{name}".upper().replace("-", "_"): value for name, value in headers.items()}

    found = Client(RequestMiddleware(greet)).post("/", environ_overrides={"CONTENT_LENGTH": "", **environ})

    assert found.headers.get("Connection") == ("close" if is_last else None)


@pytest.mark.threat(row=71)
def test_an_answer_that_leaves_a_body_unread_is_closed_as_any_other() -> None:
    closed: list[str] = []

    def say_in_parts(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        return ClosingIterator(greet(environ, start), lambda: closed.append("it"))

    assert Client(RequestMiddleware(say_in_parts)).post("/", data=b"unread").data == b"hello"
    assert closed == ["it"]


@pytest.mark.threat(row=71)
@pytest.mark.parametrize(("path", "status"), [("/v1/auth/login", 413), ("/v1/buckets", 401), ("/nowhere", 404)])
def test_f17_a_refusal_before_the_body_is_read_says_that_it_ends_the_connection(
    client: FlaskClient, path: str, status: int
) -> None:
    found = client.post(path, data=b" " * 10_000, content_type="application/json")

    assert (found.status_code, found.headers.get("Connection")) == (status, "close")


@pytest.mark.parametrize("data", [b"{}", b"{", b'\xef\xbb\xbf{"email":"a@example.com","password":"wrong horse"}'])
def test_f17_a_body_that_is_read_lets_the_connection_go_on(client: FlaskClient, data: bytes) -> None:
    assert "Connection" not in client.post("/v1/auth/login", data=data, content_type="application/json").headers
