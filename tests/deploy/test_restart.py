"""Zero-downtime restart, which nobody notices: the socket stays open, what has begun is finished, what is new waits.

Both proxies stand before the same server, so that a restart, which takes seconds, tries both. Two restarts show that it
works; a request that is lost in one restart of many takes the hundred of `make test-restarts` to be seen. The steps of
a stop are in tests/serving/test_take_over_a_socket.py.
"""

import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.concurrency import wait_until
from tests.deploy.conftest import START, missing
from tests.load import Load, under_load
from tests.servers import LiveServer, start_at
from tests.serving.wire import Visitor, sign_up

pytestmark = pytest.mark.slow

RESTARTS = int(os.environ.get("RESTARTS", "2"))
REQUESTS = 100  # by way of each proxy, between two restarts
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


@pytest.fixture
def installed() -> list[str]:
    """The names of the proxies that there are."""
    found = [name for name in START if not missing(name)]
    if not found:
        pytest.skip("This machine has neither of the proxies.")
    return found


def wait_for_more(load: Load) -> None:
    """Until people have done a good deal more: the new server, which only they can reach, is at work."""
    wanted = len(load.all_asked()) + REQUESTS
    wait_until(lambda: len(load.all_asked()) >= wanted, seconds=SECONDS)


def test_nobody_notices_a_restart_under_load(installed: list[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    with (
        socket.create_server(("127.0.0.1", 0), backlog=BACKLOG) as address,
        servers_at(address, tmp_path_factory.mktemp("app")) as servers,
        ExitStack() as running,
    ):
        loads: dict[str, tuple[Visitor, Load]] = {}
        for name in installed:
            proxy = running.enter_context(START[name](tmp_path_factory.mktemp(name), servers[0].port))
            somebody = sign_up(proxy)
            loads[name] = somebody, running.enter_context(under_load(somebody, ("/healthz", "/")))
        for _ in range(RESTARTS):
            restart(servers, address)
            for _, load in loads.values():
                wait_for_more(load)
        running.close()

        for name, (somebody, load) in loads.items():
            sys.stdout.write(f"{RESTARTS} restarts behind {name}, {len(load.all_asked())} requests\n")
            assert [asked for asked in load.all_asked() if asked.answer.status not in (200, 201)] == []
            there = replace(somebody, server=servers[-1]).ask("GET", load.bucket).json
            assert there["itemCount"] == len(load.acknowledged), "nothing was lost, and nothing done twice"
        assert '"status":5' not in servers[-1].log
