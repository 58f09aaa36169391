"""SQLite: the database out of the box. One file, one writer at a time, nothing acknowledged is lost.

Source: https://www.sqlite.org/wal.html, https://www.sqlite.org/pragma.html
"""

import sqlite3
import time
from pathlib import Path
from threading import Lock

from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import Dialect

from bucketlist.kit.db import Compiled, ConstraintBroken, LockWaitTimeout, Row, StatementTimeout, Values
from bucketlist.kit.deadlines import watchdog
from bucketlist.kit.errors import Unavailable

BUSY_TIMEOUT_MS = 5_000
NEVER = float("inf")

PRAGMAS = (
    "PRAGMA journal_mode = WAL",  # readers never wait for the writer
    "PRAGMA synchronous = FULL",  # an acknowledged write survives a power cut; NORMAL loses the last seconds
    f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}",  # another process may be writing: a command, a second worker
    "PRAGMA foreign_keys = ON",
)


class WriterLock:
    """One writer at a time in this process, so that none starves in SQLite's own busy loop.

    Entered again by the thread that holds it, it would wait for itself: a unit of work joins the open one instead.
    """

    def __init__(self) -> None:
        self._lock = Lock()

    def __enter__(self) -> None:
        if not self._lock.acquire(timeout=BUSY_TIMEOUT_MS / 1000):
            raise LockWaitTimeout

    def __exit__(self, *_: object) -> None:
        self._lock.release()


class SqliteConnection:
    """A connection of the standard library's driver, with its errors turned into ours."""

    def __init__(self, path: Path) -> None:
        self.is_broken = False
        self._ends_at = NEVER  # when the statement that runs has to be done
        self._ending = Lock()  # so that no interrupt meets the statement after the one that was late
        try:
            self._raw = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=512)
        except sqlite3.Error as error:
            raise Unavailable from error
        try:
            for pragma in PRAGMAS:
                self._raw.execute(pragma)
        except sqlite3.Error as error:
            self._raw.close()
            raise Unavailable from error
        watchdog.watch(self)

    def run(self, statement: Compiled, values: Values) -> list[Row]:
        if statement.constants:
            values = {**statement.constants, **values}
        self._ends_at = time.monotonic() + statement.seconds
        try:
            return self._raw.execute(statement.sql, values).fetchall()
        except sqlite3.Error as error:
            raise _refusal(error) from error
        finally:
            with self._ending:
                self._ends_at = NEVER

    def interrupt_if_late(self, now: float) -> None:
        """End the statement that runs, if it should have ended by itself."""
        with self._ending:
            if now > self._ends_at:
                self._raw.interrupt()

    def begin(self) -> None:
        self._command("BEGIN IMMEDIATE")

    def commit(self) -> None:
        self._command("COMMIT")

    def rollback(self) -> None:
        if self._raw.in_transaction:
            self._command("ROLLBACK")

    def is_stale(self) -> bool:
        return False

    def close(self) -> None:
        watchdog.forget(self)
        self._raw.close()

    def _command(self, sql: str) -> None:
        try:
            self._raw.execute(sql)
        except sqlite3.Error as error:
            raise _refusal(error) from error


class SqliteDriver:
    """Reaches the database file at `path`."""

    dialect: Dialect

    def __init__(self, path: Path) -> None:
        self.path = path
        self.dialect = SQLiteDialect_pysqlite(paramstyle="named")
        self.writing = WriterLock()

    def connect(self) -> SqliteConnection:
        return SqliteConnection(self.path)


def _refusal(error: sqlite3.Error) -> Exception:
    """What the service says when SQLite says no; a mistake of our own stays what it is."""
    if isinstance(error, sqlite3.IntegrityError):
        return ConstraintBroken()
    if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return LockWaitTimeout()
    if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
        return StatementTimeout()
    if error.sqlite_errorcode & 0xFF in UNAVAILABLE:
        return Unavailable()
    return error


UNAVAILABLE = {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_NOMEM,
}
