"""Citus cluster to test on, when CITUS_NODES=port,port,port names one: coordinator first, on this machine.

Role `postgres`, without a password. Then every database of a test that would be on PostgreSQL is made there, and is
distributed once it has the newest schema. Each server makes its own part, as a copy of a model with the extension.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import psycopg
import pytest
from sqlalchemy import Connection

from bucketlist.migrations import distribution, runner
from bucketlist.migrations.opening import has_citus
from bucketlist.models import metadata

PORTS = tuple(port for port in os.environ.get("CITUS_NODES", "").split(",") if port)
MODEL = f"bucketlist_{os.getpid()}_model"
MOVE_UP = runner.move_up
KICK_OUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"

needs_citus = pytest.mark.skipif(not PORTS, reason="CITUS_NODES=port,port,port names no cluster")
is_its_own = pytest.mark.skipif(bool(PORTS), reason="Citus has plans and triggers of its own")


def url_of(name: str = "postgres", port: str | None = None) -> str:
    """The address of a database at the coordinator, or at the server of another port."""
    return f"postgresql://postgres@127.0.0.1:{port or PORTS[0]}/{name}"


def name_of(url: str) -> str:
    return urlsplit(url).path[1:]


def is_cluster(url: str) -> bool:
    parts = urlsplit(url)
    return (parts.hostname, str(parts.port)) == ("127.0.0.1", PORTS[0] if PORTS else "")


@contextmanager
def databases_of_this_run() -> Iterator[None]:
    """The model is made; what was made of it goes at the end."""
    _make_model()
    try:
        yield
    finally:
        with psycopg.connect(url_of(), autocommit=True) as server:
            made = server.execute(
                "SELECT datname FROM pg_database WHERE datname LIKE %s", [f"bucketlist_{os.getpid()}_%"]
            )
            names = [name for (name,) in made]
        for name in names:
            drop_database(name)


def _make_model() -> None:
    """An empty database that knows its servers."""
    for port in PORTS:
        with psycopg.connect(url_of(port=port), autocommit=True) as server:
            server.execute(f'CREATE DATABASE "{MODEL}"'.encode())
        with psycopg.connect(url_of(MODEL, port), autocommit=True) as server:
            server.execute("CREATE EXTENSION citus")
    with psycopg.connect(url_of(MODEL), autocommit=True) as coordinator:
        coordinator.execute("SELECT citus_set_coordinator_host('127.0.0.1', %s)", [int(PORTS[0])])
        for port in PORTS[1:]:
            coordinator.execute("SELECT citus_add_node('127.0.0.1', %s)", [int(port)])


def copy_database(name: str, model: str = "") -> None:
    """Of a model that nobody uses but Citus itself, which looks after each of its databases, and is kept out."""
    wanted = model or MODEL
    for port in PORTS:
        with psycopg.connect(url_of(port=port), autocommit=True) as server:
            server.execute(f'ALTER DATABASE "{wanted}" ALLOW_CONNECTIONS false'.encode())
            server.execute(KICK_OUT, [wanted])
            server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{wanted}"'.encode())
            server.execute(f'ALTER DATABASE "{wanted}" ALLOW_CONNECTIONS true'.encode())


def drop_database(name: str) -> None:
    for port in PORTS:
        with psycopg.connect(url_of(port=port), autocommit=True) as server:
            server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())


def distribute_after_upgrades() -> None:
    """As an operator would by `bucketlist db distribute`."""

    def move_up(connection: Connection, revision: str = "head") -> None:
        MOVE_UP(connection, revision)
        if revision == "head" and has_citus(connection):
            distribution.distribute(connection, metadata.sorted_tables)

    runner.move_up = move_up
