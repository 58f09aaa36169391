"""Graceful shutdown: a server that is told to stop finishes what has begun, and then is gone."""

import json
import signal
import socket
import time
from contextlib import suppress
from pathlib import Path

import pytest

from bucketlist.server.granian import find_address
from tests.concurrency import wait_until
from tests.patience import LONG
from tests.processes import children_of, running
from tests.servers import LiveServer, start_server
from tests.serving.wire import Visitor, ask, connect, head, receive_all, sign_up, statuses

pytestmark = pytest.mark.slow


def begin_to_post(connection: socket.socket, ada: Visitor, body: bytes) -> None:
    """Sends all but the end of a request whose body the server is reading by now, for it has asked for it."""
    headers = (f"Authorization: Bearer {ada.token}", "Content-Type: application/json", f"Content-Length: {len(body)}")
    connection.sendall(head("POST", "/v1/buckets", *headers, "Expect: 100-continue"))
    assert statuses(connection.recv(1000)) == [100]
    connection.sendall(body[:10])


@pytest.mark.parametrize(
    ("fresh_url", "how"),
    [("sqlite", signal.SIGTERM), ("postgresql", signal.SIGTERM), ("sqlite", signal.SIGINT)],
    indirect=["fresh_url"],
)
def test_what_has_begun_is_finished_and_the_exit_code_is_0(how: signal.Signals, fresh_url: str, tmp_path: Path) -> None:
    body = json.dumps({"name": "Before I go"}).encode()
    with start_server(tmp_path, DATABASE_URL=fresh_url) as server:
        ada = sign_up(server)
        with connect(server, seconds=LONG) as connection:
            begin_to_post(connection, ada, body)
            server.process.send_signal(how)
            hammer_until_closed(server)
            connection.sendall(body[10:])

            assert statuses(receive_all(connection)) == [201]
        assert server.process.wait(timeout=LONG) == 0
        assert "Traceback" not in server.log


def hammer_until_closed(server: LiveServer) -> None:
    """Ask again and again, so that threads are started while the signal comes, until nobody answers."""
    deadline = time.monotonic() + LONG
    with suppress(OSError):
        while time.monotonic() < deadline:
            ask(server, "GET", "/healthz")
    assert time.monotonic() < deadline
    assert server.process.poll() is None


@pytest.mark.threat(row=72)
def test_f24_workers_whose_main_process_was_killed_finish_and_end(tmp_path: Path) -> None:
    body = json.dumps({"name": "Before I go"}).encode()
    with start_server(tmp_path, WORKERS="2") as server:
        ada, workers = sign_up(server), children_of(server.process.pid)
        with connect(server, seconds=LONG) as connection:
            begin_to_post(connection, ada, body)
            server.process.kill()
            time.sleep(1.5)
            connection.sendall(body[10:])

            assert statuses(receive_all(connection)) == [201]
        wait_until(lambda: not any(process.pid in workers for process in running()))
        assert len(workers) >= 2
        find_address("127.0.0.1", server.port)
