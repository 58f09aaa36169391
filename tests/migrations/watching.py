"""Concurrent users while a schema moves: how long did they wait at most?"""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

import psycopg
from sqlalchemy import text

from bucketlist.config import Settings
from tests.concurrency import wait_until
from tests.patience import LONG
from tests.raw_database import open_database

READ = "SELECT name FROM items WHERE user_id = '{}' AND id = '{}'"
WRITE = "UPDATE items SET version = version WHERE user_id = '{}' AND id = '{}'"
PATIENCE_SECONDS = LONG
SECONDS_BETWEEN = 0.001  # so that who migrates has a core as well


@dataclass
class Watch:
    """What somebody who repeats one statement has seen so far."""

    answers: int = 0
    slowest_seconds: float = 0.0
    problem: Exception | None = None

    def keep_asking(self, ask: Callable[[], object], is_over: Event) -> None:
        try:
            while not is_over.wait(SECONDS_BETWEEN):
                started = time.perf_counter()
                ask()
                self.slowest_seconds = max(self.slowest_seconds, time.perf_counter() - started)
                self.answers += 1
        except (psycopg.Error, sqlite3.Error) as problem:
            self.problem = problem


@contextmanager
def watched(settings: Settings, statement: str) -> Iterator[Watch]:
    """Somebody else, with a connection of their own, who repeats `statement` on an item until the block ends."""
    watch, is_over = Watch(), Event()
    with open_database(settings) as connection:
        item = connection.execute(text("SELECT user_id, id FROM items LIMIT 1")).one()
    ask, close = _connect(settings, statement.format(*item))
    thread = Thread(target=watch.keep_asking, args=(ask, is_over))
    thread.start()
    try:
        wait_until(lambda: watch.answers > 0 or watch.problem is not None)
        yield watch
    finally:
        is_over.set()
        thread.join()
        close()


def _connect(settings: Settings, statement: str) -> tuple[Callable[[], object], Callable[[], None]]:
    """How to ask, and to leave. Nobody waits for the disk, so that what is waited for is a lock."""
    if settings.database_url:
        server = psycopg.connect(settings.database_url, autocommit=True, options="-c synchronous_commit=off")
        return lambda: server.execute(statement.encode()), server.close
    file = _open_file(settings.sqlite_path)
    file.execute("PRAGMA synchronous = OFF")
    return lambda: file.execute(statement).fetchall(), file.close


def _open_file(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=PATIENCE_SECONDS, isolation_level=None, check_same_thread=False)
