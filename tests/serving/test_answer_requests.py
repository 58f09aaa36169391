"""HTTP conformance: a running server speaks HTTP as a client may expect."""

import http.client
from contextlib import closing

import pytest

from tests.patience import LONG
from tests.servers import LiveServer
from tests.serving.stalling import stalled
from tests.serving.wire import Visitor, ask, ask_on, connect, head, receive_all, send, sign_up, statuses

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def ada(live_server: LiveServer) -> Visitor:
    return sign_up(live_server)


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/openapi.json", "/v1/users/me", "/v1/buckets"])
def test_head_has_the_headers_of_get_and_no_body(path: str, ada: Visitor) -> None:
    whole = ada.ask("GET", path)

    bare = ada.ask("HEAD", path)

    assert (bare.status, bare.body) == (200, b"")
    changing = ("date", "x-request-id")
    assert {name: value for name, value in bare.headers.items() if name not in changing} == {
        name: value for name, value in whole.headers.items() if name not in changing
    }


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/v1/buckets", {"GET", "HEAD", "OPTIONS", "POST"}),
        ("/v1/items/anything", {"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "PUT"}),
        ("/v1/auth/login", {"OPTIONS", "POST"}),
        ("/healthz", {"GET", "HEAD", "OPTIONS"}),
    ],
)
def test_options_names_the_methods_to_anybody(path: str, methods: set[str], live_server: LiveServer) -> None:
    answer = ask(live_server, "OPTIONS", path)

    assert (answer.status // 100, answer.body) == (2, b"")
    assert set(answer.headers["allow"].split(", ")) == methods


def test_a_connection_is_kept_for_many_requests(live_server: LiveServer, ada: Visitor) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", live_server.port, timeout=LONG)) as connection:
        first = ask_on(connection, "GET", "/healthz")
        before = connection.sock
        made = [
            ask_on(connection, "POST", "/v1/buckets", {"name": str(number)}, Authorization=f"Bearer {ada.token}")
            for number in range(10)
        ]

        assert connection.sock is before
    assert [first.status, *(answer.status for answer in made)] == [200] + [201] * 10


def test_errors_do_not_end_a_connection(live_server: LiveServer) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", live_server.port, timeout=LONG)) as connection:
        found = [ask_on(connection, "GET", path).status for path in ("/v1/buckets", "/nowhere", "/healthz")]

    assert found == [401, 404, 200]


def test_requests_that_come_in_one_go_are_answered_in_their_order(live_server: LiveServer) -> None:
    both = head("GET", "/healthz") + head("GET", "/nowhere", "Connection: close")

    assert statuses(send(live_server, both)) == [200, 404]


def test_a_body_may_come_in_chunks(live_server: LiveServer, ada: Visitor) -> None:
    headers = (f"Authorization: Bearer {ada.token}", "Content-Type: application/json", "Transfer-Encoding: chunked")
    request = head("POST", "/v1/buckets", *headers, "Connection: close")

    received = send(live_server, request + b'8\r\n{"name":\r\n9\r\n "small"}\r\n0\r\n\r\n')

    assert statuses(received) == [201]
    assert b'"name":"small"' in received


def test_who_asks_whether_to_go_on_is_told_to(live_server: LiveServer) -> None:
    headers = ("Content-Type: application/json", "Content-Length: 2", "Expect: 100-continue", "Connection: close")
    with connect(live_server) as connection:
        connection.sendall(head("POST", "/v1/auth/login", *headers))
        told = connection.recv(1000)
        connection.sendall(b"{}")

        assert statuses(told) == [100]
        assert statuses(receive_all(connection)) == [422]


def test_answers_do_not_wait_for_one_another(live_server: LiveServer) -> None:
    with stalled(live_server, head("GET", "/healthz"), 20) as held:
        assert all(statuses(connection.recv(65536)) == [200] for connection in reversed(held))
