"""A socket that systemd has opened stays open from one server to the next, so that a restart refuses nobody."""

import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import LiveServer, environment, run_command
from tests.serving.wire import ask

pytestmark = pytest.mark.slow

AS_SYSTEMD = 'LISTEN_FDS=1 LISTEN_PID=$$ exec "$0" -m bucketlist serve 3<&"$1"'


def start_at(address: socket.socket, folder: Path) -> LiveServer:
    """Whoever connects waits until it is ready."""
    port = address.getsockname()[1]
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            ["bash", "-c", AS_SYSTEMD, sys.executable, str(address.fileno())],
            pass_fds=[address.fileno()],
            cwd=folder,
            env=environment(folder),
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    return LiveServer(f"http://127.0.0.1:{port}", port, folder, process)


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
            assert server.process.wait(timeout=30) == 0
