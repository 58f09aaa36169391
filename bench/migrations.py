"""What each step of the schema does to 100,000 items and to those at work: `python -m bench.migrations`."""

import hashlib
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

from bucketlist.config import Settings, load_settings
from bucketlist.migrations import runner
from tests import databases
from tests.backup.steps import add_items
from tests.migrations.conftest import fill
from tests.migrations.steps import steps_with_data
from tests.migrations.watching import READ, WRITE, Watch, watched
from tests.raw_database import environment_of, read_all_tables
from tests.servers import run_command

ITEMS = 100_000
IDLE_SECONDS = 2.0


def checksums(settings: Settings) -> dict[str, str]:
    """Of all rows of each table but the one that tells the revision."""
    tables = read_all_tables(settings)
    del tables["alembic_version"]
    return {name: hashlib.sha256(repr(rows).encode()).hexdigest() for name, rows in tables.items()}


def tell(what: str, seconds: float, reader: Watch, writer: Watch) -> None:
    for watch in (reader, writer):
        if watch.problem is not None:
            raise watch.problem
    waits = ", ".join(
        f"{who} waited {1000 * watch.slowest_seconds:.0f} ms at most in {watch.answers}"
        for who, watch in (("a reader", reader), ("a writer", writer))
    )
    sys.stdout.write(f"{what}: {seconds:.1f} s, {waits}\n")
    sys.stdout.flush()


def move(settings: Settings, *arguments: str) -> None:
    """As an operator does, in a process of its own, while others read and write."""
    with TemporaryDirectory() as folder, watched(settings, READ) as reader, watched(settings, WRITE) as writer:
        started = time.perf_counter()
        if arguments:
            ended = run_command(Path(folder), "db", *arguments, **environment_of(settings))
            assert ended.returncode == 0, ended.stderr
        else:
            time.sleep(IDLE_SECONDS)
        seconds = time.perf_counter() - started
    tell(" ".join(arguments) or "nothing", seconds, reader, writer)


def measure(kind: str, settings: Settings) -> None:
    runner.upgrade(settings)
    fill(settings)
    add_items(settings, ITEMS)
    sys.stdout.write(f"{kind}, {ITEMS:,} items\n")
    move(settings)
    for step, below in steps_with_data():
        before = checksums(settings)
        move(settings, "downgrade", below)
        survivors = checksums(settings).keys()
        move(settings, "upgrade", step)
        after = checksums(settings)
        different = [name for name in survivors if before[name] != after[name]]
        sys.stdout.write(f"{step}: of {len(survivors)} tables that stay, {len(different)} differ {different or ''}\n")
        runner.downgrade(settings, below)


@contextmanager
def durable_postgres() -> Iterator[str]:
    """As a server is set up outside of tests."""
    with databases.postgres_server() as server:
        with psycopg.connect(server, autocommit=True) as connection:
            for setting in ("fsync", "full_page_writes"):
                connection.execute(f"ALTER SYSTEM RESET {setting}".encode())
            connection.execute("SELECT pg_reload_conf()")
        yield databases.create_database(server)


def main() -> None:
    for kind in ("sqlite", "postgresql"):
        with TemporaryDirectory() as folder:
            wanted = {"app_setting": "testing", "secret_key": "a-key-for-measuring", "data_dir": Path(folder)}
            if kind == "sqlite":
                measure(kind, load_settings(**wanted, database_url=""))
            else:
                with durable_postgres() as url:
                    measure(kind, load_settings(**wanted, database_url=url))


if __name__ == "__main__":
    main()
