"""Slow clients (slowloris), slow on purpose, by the thousand."""

import resource
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from tests.patience import LONG
from tests.servers import LiveServer
from tests.serving.wire import ask, connect, head

JSON = "Content-Type: application/json"
HEAD = b"GET /v1/buckets HTTP/1.1\r\nHost: bucketlist.exam"
BODY = head("POST", "/v1/auth/login", JSON, "Content-Length: 1000") + b'{"email": '


def allow_files(wanted: int) -> None:
    """Let this process, and those that it starts, have as many connections open."""
    allowed, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if allowed < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


@contextmanager
def stalled(server: LiveServer, beginning: bytes, strangers: int) -> Iterator[list[socket.socket]]:
    """Connections of strangers who have sent `beginning` and nothing since."""
    with ExitStack() as open_ones:
        connections = [open_ones.enter_context(connect(server)) for _ in range(strangers)]
        for connection in connections:
            connection.sendall(beginning)
        yield connections


@contextmanager
def stopped_readers(server: LiveServer, request: bytes, readers: int) -> Iterator[list[socket.socket]]:
    """Connections that have asked for something large, and have read no more than the beginning of the answer."""
    with ExitStack() as open_ones:
        connections = []
        for _ in range(readers):
            connection = open_ones.enter_context(socket.socket())
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.settimeout(LONG)
            connection.connect(("127.0.0.1", server.port))
            connection.sendall(request)
            connections.append(connection)
        for connection in connections:
            assert connection.recv(15).startswith(b"HTTP/1.1 200")
        yield connections


def count_waiting(connections: list[socket.socket]) -> int:
    """How many of them have neither been answered nor hung up on."""
    waiting = 0
    for connection in connections:
        connection.setblocking(False)
        try:
            connection.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            waiting += 1
        except ConnectionError:
            pass
    return waiting


def slowest_health(server: LiveServer, times: int) -> float:
    """The seconds that the slowest of as many answers to “are you alive?” took; each of them is a yes."""
    slowest = 0.0
    for _ in range(times):
        started = time.perf_counter()
        assert ask(server, "GET", "/healthz").status == 200
        slowest = max(slowest, time.perf_counter() - started)
    return slowest
