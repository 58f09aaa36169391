"""Circuit breaker: nobody waits for a database server that hangs, while the watch asks it, until it answers."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from socket import socket

import psycopg
import pytest

from bucketlist.kit.db import failover, silent_hosts
from bucketlist.kit.db.address import read_parameters
from bucketlist.kit.db.failover import Servers
from bucketlist.kit.db.postgres_driver import PostgresDriver
from bucketlist.kit.db.postgres_hosts import Host
from tests.concurrency import wait_until
from tests.patience import LONG

pytestmark = pytest.mark.slow


@contextmanager
def watched(servers: Servers) -> Iterator[None]:
    watch = servers.watch()
    assert watch
    yield
    watch.stop()


def beside_nobody(host: str, port: object) -> Servers:
    """It, and a host that is not there."""
    return Servers(f"postgresql://postgres@/postgres?host={host},/nowhere&port={port},5432")


def said(servers: Servers) -> str:
    with pytest.raises(psycopg.OperationalError) as caught:
        servers.connect()
    return str(caught.value)


def test_a_host_that_hangs_is_waited_for_once_and_asked_again_when_it_speaks(hanging: socket) -> None:
    port = hanging.getsockname()[1]
    servers = beside_nobody("127.0.0.1", port)
    with watched(servers):
        first, second = said(servers), said(servers)
        hanging.close()
        wait_until(lambda: "refused" in said(servers))

    assert f"127.0.0.1:{port}: connection timeout expired" in first
    assert f"127.0.0.1:{port}: silent" in second


def test_a_host_that_hangs_is_asked_by_everybody_where_no_watch_does(hanging: socket) -> None:
    port = hanging.getsockname()[1]
    servers = beside_nobody("127.0.0.1", port)
    servers.silent.judge(Host("127.0.0.1", "", str(port)), answers=False)

    assert "timeout expired" in said(servers)


def test_a_host_in_doubt_is_asked_without_delay_and_used(
    postgres_driver: PostgresDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(failover, "WATCH_SECONDS", LONG)
    monkeypatch.setattr(silent_hosts, "VERDICT_SECONDS", LONG / 4)
    there = read_parameters(postgres_driver.url)
    servers = beside_nobody(there["host"], there.get("port", 5432))
    with watched(servers):
        wait_until(lambda: servers._has_asked_all)
        servers.silent.doubt(servers._hosts()[0])
        with closing(servers.connect().connection) as connection:
            assert not connection.closed
