"""Citus cluster to test on, when CITUS_NODES=port,port,port names one: coordinator first, on this machine.

Role `postgres`, without a password. Then the tests are those that use PostgreSQL, each of their databases is made
there, and it is distributed once it has the newest schema. Each server makes its own part, as a copy of a model with
the extension.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import psycopg
import pytest
from sqlalchemy import Connection

from bucketlist.config import Settings
from bucketlist.migrations import distribution, runner
from bucketlist.migrations.opening import LOCK_NUMBER, has_citus
from bucketlist.models import metadata
from tests.patience import LONG

PORTS = tuple(port for port in os.environ.get("CITUS_NODES", "").split(",") if port)
MODEL = f"bucketlist_{os.getpid()}_model"
KINDS = ("postgresql", "postgres", "unprepared")  # of databases, in the parameters of tests
TRANSACTION = runner.transaction
KICK_OUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"

WHO_WAITS = "SELECT 1 FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
WHO_WAITS_ANYWHERE = "SELECT 1 FROM citus_lock_waits WHERE blocking_gpid = citus_backend_gpid()"

needs_citus = pytest.mark.skipif(not PORTS, reason="CITUS_NODES=port,port,port names no cluster")
is_its_own = pytest.mark.skipif(bool(PORTS), reason="Citus has plans and triggers of its own")
makes_it_anew = pytest.mark.skipif(bool(PORTS), reason="on Citus a restore makes the directory of emails anew")
is_elsewhere = pytest.mark.skipif(bool(PORTS), reason="is on the machine, by whose sockets and accounts it is found")
its_rules_stay = pytest.mark.skipif(bool(PORTS), reason="changes who may connect to the whole server")
asks_of_another = pytest.mark.skipif(bool(PORTS), reason="one person asks for rows of another, as no room does yet")
is_acted = pytest.mark.skipif(bool(PORTS), reason="a plain server stands in for Citus")


def url_of(name: str = "postgres", port: str | None = None) -> str:
    """The address of a database at the coordinator, or at the server of another port."""
    return f"postgresql://postgres:@/{name}?host=127.0.0.1&port={port or PORTS[0]}&connect_timeout={LONG:.0f}"


def name_of(url: str) -> str:
    return urlsplit(url).path[1:]


def is_cluster(url: str) -> bool:
    return bool(PORTS) and urlsplit(url).query == urlsplit(url_of()).query


@contextmanager
def databases_of_this_run() -> Iterator[None]:
    """The model is made; what was made of it goes at the end."""
    with psycopg.connect(url_of(), autocommit=True) as turn:  # to join two at once alters one row of a server's catalog
        turn.execute("SET lock_timeout = 0")
        turn.execute("SELECT pg_advisory_lock(%s)", [LOCK_NUMBER])
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


def is_waited_for(holder: psycopg.Connection) -> bool:
    """Does anybody wait, on any server, for what `holder` has locked?"""
    return holder.execute(WHO_WAITS_ANYWHERE if PORTS else WHO_WAITS).fetchone() is not None


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


class Cluster:
    """Plugin of pytest: of all tests those that use PostgreSQL, and its databases are distributed."""

    def pytest_report_header(self) -> str:
        return f"PostgreSQL is a Citus cluster: CITUS_NODES={','.join(PORTS)}"

    def pytest_configure(self) -> None:
        """Whatever leaves the newest schema behind ends as by `bucketlist db distribute`."""
        runner.transaction = transaction

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        chosen = [item for item in items if _is_on_postgresql(item)]
        config.hook.pytest_deselected(items=[item for item in items if item not in set(chosen)])
        items[:] = chosen


@contextmanager
def transaction(settings: Settings) -> Iterator[Connection]:
    """That of migrations and restores, after which what is new is distributed."""
    with TRANSACTION(settings) as connection:
        yield connection
        if connection.in_transaction() and _is_new(connection):  # a rehearsal has been rolled back
            distribution.distribute(connection, metadata.sorted_tables)


def _is_new(connection: Connection) -> bool:
    is_newest = has_citus(connection) and runner.revision_on(connection) == runner.head()
    return is_newest and not distribution.is_distributed(connection)


def _is_on_postgresql(item: pytest.Item) -> bool:
    values = item.callspec.params.values() if hasattr(item, "callspec") else ()
    return "postgres_url" in getattr(item, "fixturenames", ()) or any(value in KINDS for value in values)


plugin = Cluster() if PORTS else None
