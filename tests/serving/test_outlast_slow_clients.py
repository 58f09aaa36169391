"""Strangers who stall do not keep others waiting."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from tests.servers import LiveServer
from tests.serving.wire import ask, connect, head, sign_up, statuses

pytestmark = pytest.mark.slow

STRANGERS = 50
JSON = "Content-Type: application/json"


@contextmanager
def stalled(server: LiveServer, beginning: bytes) -> Iterator[list[socket.socket]]:
    """Connections of strangers who have sent `beginning` and nothing since."""
    with ExitStack() as open_ones:
        connections = [open_ones.enter_context(connect(server)) for _ in range(STRANGERS)]
        for connection in connections:
            connection.sendall(beginning)
        yield connections


@pytest.mark.parametrize(
    "beginning",
    [
        head("POST", "/v1/auth/register", JSON, "Content-Length: 1000") + b'{"email": ',
        head("POST", "/v1/auth/login", JSON, "Transfer-Encoding: chunked") + b"5\r\n{",
        b"GET /v1/buckets HTTP/1.1\r\nHost: bucketlist.exam",
        b"",
    ],
    ids=["a body", "a chunk", "a head", "everything"],
)
def test_fifty_who_stall_do_not_keep_others_waiting(beginning: bytes, live_server: LiveServer) -> None:
    with stalled(live_server, beginning):
        started = time.monotonic()
        found = [ask(live_server, "GET", "/healthz").status for _ in range(5)]
        visitor = sign_up(live_server)
        found.append(visitor.ask("POST", "/v1/buckets", {"name": "Far away"}).status)

        assert found == [200] * 5 + [201]
        assert time.monotonic() - started < 5


def test_a_stranger_is_refused_without_a_wait_for_the_body(live_server: LiveServer) -> None:
    beginning = head("POST", "/v1/buckets", JSON, "Content-Length: 1000") + b'{"name": '

    with stalled(live_server, beginning) as connections:
        assert {tuple(statuses(connection.recv(65536))) for connection in connections} == {(401,)}


def test_who_does_not_finish_a_head_is_hung_up_on(live_server: LiveServer) -> None:
    with connect(live_server, seconds=15) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: bucketlist.exam")
        started = time.monotonic()
        connection.recv(1000)

    assert 4 < time.monotonic() - started < 10
