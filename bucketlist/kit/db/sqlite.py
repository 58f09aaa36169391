"""SQLite driver, with a write-ahead log (WAL): one file, one writer at a time, nothing acknowledged is lost.

Source: https://www.sqlite.org/wal.html, https://www.sqlite.org/pragma.html
"""

import sqlite3
import time
from collections.abc import Collection, Sequence
from ctypes import py_object, pythonapi
from pathlib import Path
from threading import Lock

from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import Dialect

from bucketlist.kit.db.deadlines import watchdog
from bucketlist.kit.db.driver import Compiled, Row, Values
from bucketlist.kit.db.errors import (
    ConnectionLost,
    ConstraintViolation,
    ForeignRule,
    LockWaitTimeout,
    SchemaLost,
    StatementTimeout,
)
from bucketlist.kit.db.sqlite_file import DAMAGED, FULL, LOOK_SECONDS, DatabaseFile
from bucketlist.kit.errors import Unavailable

BUSY_TIMEOUT_MS = 5_000
KEEPS_CONNECTION = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)
NEVER = float("inf")

PRAGMAS = (
    "PRAGMA synchronous = FULL",  # an acknowledged write survives a power cut; NORMAL loses the last seconds
    f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}",  # another process may be writing: a command, a second worker
    "PRAGMA foreign_keys = ON",
    "PRAGMA user_version",  # reads, which opens the WAL
)

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
TOLD = {sqlite3.SQLITE_NOTADB: DAMAGED, sqlite3.SQLITE_CORRUPT: DAMAGED, sqlite3.SQLITE_FULL: FULL}

_keep_for_good = pythonapi.Py_IncRef  # a connection that nobody knows any more is closed


class WriterLock:
    """A mutex for writers: one at a time in this process, so that none starves in SQLite's own busy loop.

    Entered again by the thread that holds it, it would wait for itself: a transaction joins the open one instead.
    """

    def __init__(self) -> None:
        self._lock = Lock()

    def __enter__(self) -> None:
        if not self._lock.acquire(timeout=BUSY_TIMEOUT_MS / 1000):
            raise LockWaitTimeout(reason="others were writing all the time")

    def __exit__(self, *_: object) -> None:
        self._lock.release()


def _unavailable(error: sqlite3.Error, obstacle: str | None = None) -> Unavailable:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return Unavailable(TOLD.get(code, obstacle), reason=str(error))


class SqliteConnection:
    """A connection of the driver `sqlite3`, with its errors turned into ours.

    After each statement the file has to be the one that was opened: what is written to one that was removed or
    replaced is lost, and what is read from it is of yesterday.
    """

    def __init__(self, file: DatabaseFile, rules: Collection[str] | None = None) -> None:
        self.is_broken = False
        self._rules = rules
        self._ends_at = NEVER  # when the statement that runs has to be done
        self._ending = Lock()  # so that no interrupt meets the statement after the one that was late
        self.opened_at = 0.0
        self._file = file
        try:
            self._raw = file.open(cached_statements=512)
        except sqlite3.Error as error:
            raise _unavailable(error) from error
        try:
            self._prepare()
        except BaseException as error:
            self._raw.close()
            if isinstance(error, sqlite3.Error):
                raise _unavailable(error) from error
            raise
        self._beside = file.own_beside()
        self._looked_at = 0.0
        watchdog.watch(self)

    def run(self, statement: Compiled, values: Values) -> list[Row]:
        if statement.constants:
            values = {**statement.constants, **values}
        if not (statement.is_read or self._raw.in_transaction or self._file.keeps_wal()):
            raise self._lost()
        began_at = time.monotonic()
        self._ends_at = began_at + statement.seconds
        try:
            rows = self._raw.execute(statement.sql, values).fetchall()
        except sqlite3.Error as error:
            raise self._refusal(error) from error
        finally:
            with self._ending:
                self._ends_at = NEVER
        if self._raw.in_transaction:  # its commit looks
            return rows
        if self._file.is_another_for_long(began_at) if statement.is_read else self._is_lost():
            raise self._lost()
        return rows

    def run_together(self, statements: Sequence[Compiled], values: Values) -> list[list[Row]]:
        """The rows of each, in the transaction that is open, else in one of their own."""
        if self._raw.in_transaction:
            return [self.run(statement, values) for statement in statements]
        self.begin()
        try:
            rows = [self.run(statement, values) for statement in statements]
            self.commit()
        except BaseException:
            self.rollback()
            raise
        return rows

    def interrupt_if_late(self, now: float) -> None:
        """Statement timeout: end the statement that runs, if it should have ended by itself."""
        with self._ending:
            if now > self._ends_at:
                self._raw.interrupt()

    def begin(self) -> None:
        if not self._file.keeps_wal():
            raise self._lost()
        self._command("BEGIN IMMEDIATE")

    def commit(self) -> None:
        self._command("COMMIT")
        if self._is_lost():
            raise self._lost()

    def rollback(self) -> None:
        if self._raw.in_transaction:
            self._command("ROLLBACK")

    def is_stale(self) -> bool:
        return self._file.is_torn or self._file.is_another_for_long(time.monotonic())

    def find_obstacle(self) -> str | None:
        self._looked_at = 0.0
        self._is_beside()
        return self._file.find_obstacle()

    def close(self) -> None:
        """Whoever closes last makes a checkpoint. Of a torn WAL there must be none: it is left open, for the system."""
        watchdog.forget(self)
        if self._has_its_wal():
            self._raw.close()
        else:
            _keep_for_good(py_object(self._raw))

    def _prepare(self) -> None:
        mode = self._raw.execute("PRAGMA journal_mode = WAL").fetchone()[0]  # readers never wait for the writer
        if mode != "wal":
            raise Unavailable(reason=f"SQLite keeps no WAL here, but a {mode} journal")
        for pragma in PRAGMAS:
            self._raw.execute(pragma).fetchall()

    def _command(self, sql: str) -> None:
        try:
            self._raw.execute(sql)
        except sqlite3.Error as error:
            raise self._refusal(error) from error

    def _is_lost(self) -> bool:
        """Did what was just written go to a file that nobody will find?"""
        return self._file.is_another() or not self._file.keeps_wal() or not self._is_beside()

    def _is_beside(self) -> bool:
        """Are the WAL and its index those that this connection writes to? While it is open nobody may replace them."""
        now = time.monotonic()
        if now - self._looked_at >= LOOK_SECONDS:
            self._looked_at = now
            self._file.is_torn = self._file.is_torn or not self._has_its_wal()
        return not self._file.is_torn

    def _has_its_wal(self) -> bool:
        return self._file.beside() == self._beside and self._file.keeps_wal() and self._file.is_wal_whole()

    def _lost(self) -> ConnectionLost:
        self.is_broken = True
        return ConnectionLost(reason=self._file.find_obstacle())

    def _refusal(self, error: sqlite3.Error) -> Exception:
        """What the service says when SQLite says no; a mistake of our own stays what it is."""
        if isinstance(error, sqlite3.IntegrityError):
            return self._broken_rule(error)
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code == sqlite3.SQLITE_INTERRUPT:
            return StatementTimeout()
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return LockWaitTimeout(reason=str(error))
        if code in UNAVAILABLE:
            self.is_broken = self.is_broken or code not in KEEPS_CONNECTION
            return _unavailable(error, self._file.find_obstacle())
        return SchemaLost(reason=str(error)) if "no such" in str(error) or "has no column" in str(error) else error

    def _broken_rule(self, error: sqlite3.IntegrityError) -> Exception:
        """What a trigger says may hold what somebody wrote, so that it is not told."""
        if error.sqlite_errorcode == sqlite3.SQLITE_CONSTRAINT_TRIGGER:
            return ForeignRule(reason="a trigger")
        name = str(error).partition("failed: ")[2]  # none of a foreign key
        is_ours = not name or self._rules is None or name in self._rules
        return ConstraintViolation() if is_ours else ForeignRule(reason=name)


class SqliteDriver:
    """Reaches the database file at `path`, which has to be there, and to stay the same file."""

    dialect: Dialect

    def __init__(self, path: Path, *, rules: Collection[str] | None = None) -> None:
        self.path = path
        self.rules = rules
        self.file = DatabaseFile(path)
        self.dialect = SQLiteDialect_pysqlite(paramstyle="named")
        self.has_one_writer, self.writing = True, WriterLock()
        self.is_citus = False

    def connect(self) -> SqliteConnection:
        return SqliteConnection(self.file, self.rules)

    def watch(self) -> None:
        """The file is watched by each connection."""

    def finish(self) -> None:
        """WAL checkpoint: whoever closes last moves the WAL into the file. Two that close at once may both not be."""
        self.connect().close()
