"""A socket that systemd has opened stays open from one server to the next, so that a restart refuses nobody."""

import signal
import socket
from pathlib import Path

import pytest

from tests.patience import LONG
from tests.servers import run_command, start_at
from tests.serving.wire import ask

pytestmark = pytest.mark.slow


def test_one_server_after_the_other_answers_at_it_and_the_old_one_closes_connections_first(tmp_path: Path) -> None:
    run_command(tmp_path, "db", "upgrade")
    with socket.create_server(("127.0.0.1", 0)) as address:
        for _ in range(2):
            server = start_at(address, tmp_path)
            assert ask(server, "GET", "/healthz").status == 200

            server.process.send_signal(signal.SIGTERM)
            while "connection" not in (answer := ask(server, "GET", "/healthz")).headers:
                assert server.process.poll() is None

            assert (answer.status, answer.headers["connection"]) == (200, "close")
            assert server.process.wait(timeout=LONG) == 0
