"""Strangers who stall do not keep others waiting."""

import sys
import time
from collections.abc import Iterator

import pytest

from tests.conftest import Tell
from tests.servers import LiveServer, start_server
from tests.serving.stalling import (
    BODY,
    HEAD,
    JSON,
    allow_files,
    count_waiting,
    slowest_health,
    stalled,
    stopped_readers,
)
from tests.serving.wire import PASSWORD, ask, connect, head, sign_up, statuses

pytestmark = pytest.mark.slow

FEW = 50
HEADS, BODIES, READERS = 1000, 400, 100
LIMITED = 'ulimit -Sn 1024; exec "$0" -m bucketlist serve'  # as a shell, or systemd, starts it on most machines
SECONDS = 2  # generous to a busy machine


@pytest.fixture(scope="module")
def usual_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """`bucketlist serve`, started with as few open files allowed as is usual."""
    allow_files(8192)
    with start_server(tmp_path_factory.mktemp("usual"), "bash", "-c", LIMITED, sys.executable) as server:
        yield server


@pytest.mark.parametrize(
    "beginning",
    [BODY, head("POST", "/v1/auth/login", JSON, "Transfer-Encoding: chunked") + b"5\r\n{", HEAD, b""],
    ids=["a body", "a chunk", "a head", "everything"],
)
def test_fifty_who_stall_do_not_keep_others_waiting(beginning: bytes, live_server: LiveServer) -> None:
    with stalled(live_server, beginning, FEW):
        started = time.monotonic()
        found = [ask(live_server, "GET", "/healthz").status for _ in range(5)]
        visitor = sign_up(live_server)
        found.append(visitor.ask("POST", "/v1/buckets", {"name": "Far away"}).status)

        assert found == [200] * 5 + [201]
        assert time.monotonic() - started < 5


def test_a_thousand_heads_and_four_hundred_bodies_that_stall_do_not_keep_others_waiting(
    usual_server: LiveServer,
) -> None:
    with stalled(usual_server, BODY, BODIES) as bodies, stalled(usual_server, HEAD, HEADS) as heads:
        assert slowest_health(usual_server, 20) < SECONDS
        assert count_waiting(heads) == HEADS  # they are hung up on after 5 seconds, and all this has to take less
        assert sign_up(usual_server).ask("POST", "/v1/buckets", {"name": "Far away"}).status == 201
        assert count_waiting(bodies) == BODIES


def test_four_thousand_heads_that_stall_are_a_matter_of_seconds(usual_server: LiveServer) -> None:
    """That is as many connections as a worker takes; whoever comes then waits until the first are hung up on."""
    with stalled(usual_server, HEAD, 4100):
        assert slowest_health(usual_server, 3) < 20


def test_a_hundred_who_do_not_read_on_do_not_keep_others_waiting(usual_server: LiveServer, tell: Tell) -> None:
    ada = sign_up(usual_server)
    bucket = ada.ask("POST", "/v1/buckets", {"name": "Long stories"}).json["id"]
    for _ in range(100):
        ada.ask("POST", f"/v1/buckets/{bucket}/items", {"name": "A story", "description": "x" * 20_000})
    request = head("GET", f"/v1/buckets/{bucket}/items?limit=100", f"Authorization: Bearer {ada.token}")

    with stopped_readers(usual_server, request, READERS):
        started = time.monotonic()
        answer = ask(usual_server, "POST", "/v1/auth/login", {"email": ada.email, "password": PASSWORD})

        took = time.monotonic() - started
        tell(f"Beside {READERS} slow readers a log-in took {took:.2f} s")

        assert answer.status == 200
        assert took < 2 * SECONDS
        assert slowest_health(usual_server, 20) < SECONDS


def test_a_stranger_is_refused_without_a_wait_for_the_body(live_server: LiveServer) -> None:
    beginning = head("POST", "/v1/buckets", JSON, "Content-Length: 1000") + b'{"name": '

    with stalled(live_server, beginning, FEW) as connections:
        assert {tuple(statuses(connection.recv(65536))) for connection in connections} == {(401,)}


def test_who_does_not_finish_a_head_is_hung_up_on(live_server: LiveServer) -> None:
    with connect(live_server, seconds=15) as connection:
        connection.sendall(HEAD)
        started = time.monotonic()
        connection.recv(1000)

    assert 4 < time.monotonic() - started < 10
