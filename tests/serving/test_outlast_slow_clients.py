"""Slowloris: strangers who stall do not keep others waiting."""

import sys
from collections.abc import Iterator

import pytest

from tests.conftest import Tell
from tests.patience import allowed, timed
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
from tests.serving.wire import PASSWORD, ask, connect, head, receive_all, sign_up, statuses

pytestmark = pytest.mark.slow

FEW = 50
HEADS, BODIES, READERS = 1000, 400, 100
LIMITED = 'ulimit -Sn 1024; exec "$0" -m bucketlist serve'  # as a shell, or systemd, starts it on most machines


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
    def be_served() -> list[int]:
        found = [ask(live_server, "GET", "/healthz").status for _ in range(5)]
        return [*found, sign_up(live_server).ask("POST", "/v1/buckets", {"name": "Far away"}).status]

    _, alone = timed(be_served)
    with stalled(live_server, beginning, FEW):
        found, took = timed(be_served)

    assert found == [200] * 5 + [201]
    assert took < allowed(alone)


def test_a_thousand_heads_and_four_hundred_bodies_that_stall_do_not_keep_others_waiting(
    usual_server: LiveServer,
) -> None:
    alone = slowest_health(usual_server, 20)
    with stalled(usual_server, BODY, BODIES) as bodies, stalled(usual_server, HEAD, HEADS):
        assert slowest_health(usual_server, 20) < allowed(alone)
        assert sign_up(usual_server).ask("POST", "/v1/buckets", {"name": "Far away"}).status == 201
        assert count_waiting(bodies) == BODIES


def test_four_thousand_heads_that_stall_are_a_matter_of_seconds(usual_server: LiveServer) -> None:
    """That is as many connections as a worker takes; whoever comes then waits until the first are hung up on."""
    alone = slowest_health(usual_server, 3)
    with stalled(usual_server, HEAD, 4100):
        assert slowest_health(usual_server, 3) < allowed(alone)


def test_a_hundred_who_do_not_read_on_do_not_keep_others_waiting(usual_server: LiveServer, tell: Tell) -> None:
    ada = sign_up(usual_server)
    bucket = ada.ask("POST", "/v1/buckets", {"name": "Long stories"}).json["id"]
    for _ in range(100):
        ada.ask("POST", f"/v1/buckets/{bucket}/items", {"name": "A story", "description": "x" * 20_000})
    request = head("GET", f"/v1/buckets/{bucket}/items?limit=100", f"Authorization: Bearer {ada.token}")

    def log_in() -> int:
        return ask(usual_server, "POST", "/v1/auth/login", {"email": ada.email, "password": PASSWORD}).status

    _, alone = timed(log_in)
    with stopped_readers(usual_server, request, READERS):
        status, took = timed(log_in)
        tell(f"Beside {READERS} slow readers a log-in took {took:.2f} s")

        assert status == 200
        assert took < allowed(alone)
        assert slowest_health(usual_server, 20) < allowed(alone)


def test_a_stranger_is_refused_without_a_wait_for_the_body(live_server: LiveServer) -> None:
    beginning = head("POST", "/v1/buckets", JSON, "Content-Length: 1000") + b'{"name": '

    with stalled(live_server, beginning, FEW) as connections:
        assert {tuple(statuses(connection.recv(65536))) for connection in connections} == {(401,)}


def test_who_does_not_finish_a_head_is_hung_up_on(live_server: LiveServer) -> None:
    with connect(live_server) as connection:
        connection.sendall(HEAD)

        received = receive_all(connection)

    assert statuses(received) in ([], [408])
