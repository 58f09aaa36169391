"""A restart that nobody notices: the socket stays open, what has begun is finished, what is new waits.

`make test-restarts` restarts a hundred times behind each proxy.
"""

import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.deploy.conftest import StartProxy
from tests.deploy.load import Load, people_at_work
from tests.servers import LiveServer, run_command, start_at
from tests.serving.wire import sign_up

pytestmark = pytest.mark.slow

RESTARTS = int(os.environ.get("RESTARTS", "3"))
REQUESTS = 300  # between two restarts
BACKLOG = 4096  # as in deploy/bucketlist.socket
SECONDS = 60


@contextmanager
def servers_at(address: socket.socket, folder: Path) -> Iterator[list[LiveServer]]:
    """A server at the address; whatever is the last of the list is stopped when the block ends."""
    servers = [start_at(address, folder)]
    try:
        yield servers
    finally:
        servers[-1].process.terminate()
        servers[-1].process.wait(timeout=SECONDS)


def restart(servers: list[LiveServer], address: socket.socket) -> None:
    """What systemd does: the new one begins when the old one has ended."""
    old = servers[-1]
    old.process.send_signal(signal.SIGTERM)
    assert old.process.wait(timeout=SECONDS) == 0
    servers.append(start_at(address, old.folder))


def wait_for_more(load: Load) -> None:
    """Until people have done a good deal more: the new server, which only they can reach, is at work."""
    deadline = time.monotonic() + SECONDS
    wanted = load.requests + REQUESTS
    while load.requests < wanted:
        assert time.monotonic() < deadline, load
        time.sleep(0.05)


def test_nobody_notices_a_restart_under_load(start_proxy: StartProxy, tmp_path: Path) -> None:
    run_command(tmp_path, "db", "upgrade")
    (tmp_path / "proxy").mkdir()
    with (
        socket.create_server(("127.0.0.1", 0), backlog=BACKLOG) as address,
        servers_at(address, tmp_path) as servers,
        start_proxy(tmp_path / "proxy", servers[0].port) as proxy,
    ):
        with people_at_work(proxy, sign_up(proxy)) as load:
            for _ in range(RESTARTS):
                restart(servers, address)
                wait_for_more(load)

        sys.stdout.write(f"{RESTARTS} restarts, {load.requests} requests, {len(load.failures)} failed\n")
        assert load.failures == []
        assert '"status":5' not in servers[-1].log
