"""SQLite driver: one writer at a time, and nothing that was acknowledged is lost."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Event, Thread

import pytest
from sqlalchemy import text

from bucketlist.kit.db import sqlite as driver
from bucketlist.kit.db.database import Database, Statement
from bucketlist.kit.db.errors import LockWaitTimeout
from bucketlist.kit.db.sqlite import SqliteDriver, WriterLock
from bucketlist.kit.errors import Unavailable
from tests.kit.conftest import POOL_SIZE, add, ids, make_table

PRAGMAS = {"journal_mode": "wal", "synchronous": 2, "busy_timeout": 5000, "foreign_keys": 1}


@pytest.fixture
def other_process(sqlite_driver: SqliteDriver) -> Iterator[sqlite3.Connection]:
    """As far as SQLite knows: a connection of its own."""
    with closing(sqlite3.connect(sqlite_driver.path, isolation_level=None, timeout=0)) as connection:
        yield connection


def pragma(database: Database, name: str) -> object:
    return database.execute(Statement(text(f"PRAGMA {name}")), {})[0][0]


def test_every_connection_has_its_pragmas(sqlite: Database) -> None:
    taken = []
    for _ in range(POOL_SIZE):
        assert {name: pragma(sqlite, name) for name in PRAGMAS} == PRAGMAS
        taken.append(sqlite.pool.acquire(checked=False))  # so that the next one is new

    for connection in taken:
        sqlite.pool.release(connection)


def test_a_reader_does_not_wait_for_the_writer(sqlite: Database, other_process: sqlite3.Connection) -> None:
    add(sqlite, 1)
    other_process.execute("BEGIN IMMEDIATE")
    other_process.execute("DELETE FROM things")

    assert ids(sqlite) == [1]

    other_process.execute("ROLLBACK")


def test_a_writer_waits_for_another_process(sqlite: Database, other_process: sqlite3.Connection) -> None:
    other_process.execute("BEGIN IMMEDIATE")
    writer = Thread(target=add, args=(sqlite, 1))
    writer.start()
    writer.join(0.1)
    assert writer.is_alive()

    other_process.execute("COMMIT")
    writer.join()

    assert ids(sqlite) == [1]


def test_a_writer_does_not_wait_for_ever_for_another_process(
    sqlite: Database, other_process: sqlite3.Connection
) -> None:
    sqlite.execute(Statement(text("PRAGMA busy_timeout = 50")), {})
    other_process.execute("BEGIN IMMEDIATE")

    with pytest.raises(LockWaitTimeout):
        add(sqlite, 1)
    with pytest.raises(LockWaitTimeout), sqlite.transaction():
        pytest.fail("It began, though another process writes.")

    other_process.execute("ROLLBACK")
    add(sqlite, 1)
    assert ids(sqlite) == [1]
    assert sqlite.pool.count_in_use() == 0


def test_of_the_writers_of_one_process_one_is_at_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver, "BUSY_TIMEOUT_MS", 50)
    lock, is_held, may_go = WriterLock(), Event(), Event()

    def hold() -> None:
        with lock:
            is_held.set()
            may_go.wait(5)

    holder = Thread(target=hold)
    holder.start()
    is_held.wait(5)
    with pytest.raises(LockWaitTimeout):
        lock.__enter__()
    may_go.set()
    holder.join()

    with lock:
        assert not holder.is_alive()


def test_a_writer_that_fails_lets_the_next_one_in(sqlite: Database) -> None:
    for _ in range(3):
        with pytest.raises(sqlite3.OperationalError, match="syntax error"):
            sqlite.execute(Statement(text("INSERT nonsense")), {})

    add(sqlite, 1)


def test_a_full_disk_is_unavailable_and_undoes_the_unit(tmp_path: Path) -> None:
    small = Database(SqliteDriver(tmp_path / "small.sqlite"), 1)
    make_table(small.driver)
    pages = pragma(small, "page_count")
    small.execute(Statement(text(f"PRAGMA max_page_count = {pages}")), {})

    with pytest.raises(Unavailable):
        add_a_lot(small)

    assert ids(small) == []
    assert small.pool.count_in_use() == 0
    small.pool.close()


def test_a_folder_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    nowhere = Database(SqliteDriver(tmp_path / "nowhere" / "x.sqlite"), 1)

    for _ in range(2):
        with pytest.raises(Unavailable):
            ids(nowhere)
    assert nowhere.pool.count_in_use() == 0


def test_a_file_that_is_no_database_is_unavailable_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear Ada, " * 1000)

    with pytest.raises(Unavailable):
        ids(Database(SqliteDriver(path), 1))

    assert path.read_text() == "Dear Ada, " * 1000


def add_a_lot(database: Database) -> None:
    with database.transaction():
        add(database, 1)
        add(database, 2, words="x" * 100_000)
