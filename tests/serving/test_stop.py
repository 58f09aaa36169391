"""A server that is told to stop finishes what has begun, and then is gone."""

import json
import signal
import time
from contextlib import suppress
from pathlib import Path

import pytest

from bucketlist.ops.server import find_address
from tests.crowd import wait_until
from tests.patience import LONG
from tests.processes import children_of, running
from tests.servers import LiveServer, start_server
from tests.serving.wire import Visitor, ask, connect, head, receive_all, sign_up, statuses

pytestmark = pytest.mark.slow


def begin_to_post(ada: Visitor, body: bytes) -> bytes:
    headers = (f"Authorization: Bearer {ada.token}", "Content-Type: application/json", f"Content-Length: {len(body)}")
    return head("POST", "/v1/buckets", *headers)


@pytest.mark.parametrize(
    ("fresh_url", "how"),
    [("sqlite", signal.SIGTERM), ("postgresql", signal.SIGTERM), ("sqlite", signal.SIGINT)],
    indirect=["fresh_url"],
)
def test_what_has_begun_is_finished_and_the_exit_code_is_0(how: signal.Signals, fresh_url: str, tmp_path: Path) -> None:
    body = json.dumps({"name": "Before I go"}).encode()
    with start_server(tmp_path, DATABASE_URL=fresh_url) as server:
        ada = sign_up(server)
        with connect(server, seconds=30) as connection:
            connection.sendall(begin_to_post(ada, body) + body[:10])
            time.sleep(0.3)
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


def test_f24_workers_whose_main_process_was_killed_finish_and_end(tmp_path: Path) -> None:
    body = json.dumps({"name": "Before I go"}).encode()
    with start_server(tmp_path, WORKERS="2") as server:
        ada, workers = sign_up(server), children_of(server.process.pid)
        with connect(server, seconds=30) as connection:
            connection.sendall(begin_to_post(ada, body) + body[:10])
            time.sleep(0.3)
            server.process.kill()
            time.sleep(1.5)
            connection.sendall(body[10:])

            assert statuses(receive_all(connection)) == [201]
        wait_until(lambda: not any(process.pid in workers for process in running()))
        assert len(workers) >= 2
        find_address("127.0.0.1", server.port)
