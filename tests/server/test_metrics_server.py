"""R13: metrics port: nobody can hold it, as connections are few, and each has its deadline."""

import socket
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from prometheus_client import CollectorRegistry, Gauge

from bucketlist.server import metrics_server
from bucketlist.server.metrics_server import MOST_CONNECTIONS, MetricsServer
from tests.concurrency import wait_until
from tests.patience import LONG


@pytest.fixture
def server() -> Iterator[MetricsServer]:
    registry = CollectorRegistry()
    Gauge("wishes", "Of people.", registry=registry).set(3)
    server = MetricsServer("127.0.0.1", 0, registry)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def stall(server: MetricsServer) -> socket.socket:
    connection = socket.create_connection(server.server_address[:2], timeout=LONG)  # type: ignore[arg-type]  # of AF_INET
    connection.sendall(b"GET /metr")
    return connection


def test_r13_four_hundred_stalled_heads_do_not_keep_prometheus_out(server: MetricsServer) -> None:
    with ExitStack() as strangers:
        for _ in range(400):
            strangers.enter_context(stall(server))

        with urllib.request.urlopen(f"http://127.0.0.1:{server.server_port}/metrics", timeout=LONG) as answer:
            assert b"wishes 3.0" in answer.read()
        assert len(server._open) <= MOST_CONNECTIONS


def test_r13_who_stalls_is_hung_up_on(server: MetricsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics_server, "CONNECTION_SECONDS", 0.1)

    with stall(server) as connection:
        assert connection.recv(1000) == b""
    wait_until(lambda: not server._open)
