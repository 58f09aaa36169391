"""Connection pool without bad connections: when the database takes writes again, so do we (F3)."""

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from bucketlist.kit.db import errors, sqlite_file
from bucketlist.kit.db.database import Database, Statement
from bucketlist.kit.db.errors import ConnectionUnfit, SchemaLost
from bucketlist.kit.db.postgres_driver import PostgresDriver
from bucketlist.kit.db.sqlite import SqliteDriver
from bucketlist.kit.errors import Unavailable
from tests import databases
from tests.kit.conftest import POOL_SIZE, add, ids, make_table


@pytest.fixture(params=[True, False], ids=["prepared", "unprepared"])
def mine(postgres_url: str, request: pytest.FixtureRequest) -> Iterator[Database]:
    """A database of the test's own, whose defaults may be changed."""
    url = databases.create_database(postgres_url)
    databases.give_settings(url)
    database = Database(PostgresDriver(url, may_prepare=request.param), POOL_SIZE)
    make_table(database.driver)
    yield database
    database.pool.close()


def say(database: Database, command: str) -> None:
    """As the operator, to whom no default applies; `{}` is the name of the database."""
    assert isinstance(database.driver, PostgresDriver)
    with psycopg.connect(
        database.driver.url, autocommit=True, options="-c default_transaction_read_only=off"
    ) as operator:
        operator.execute(command.format(f'"{operator.info.dbname}"').encode())


def open_all(database: Database) -> None:
    taken = [database.pool.acquire(checked=False) for _ in range(POOL_SIZE)]
    for connection in taken:
        database.pool.release(connection)


def make_read_only(database: Database) -> None:
    database.pool.close()
    say(database, "ALTER DATABASE {} SET default_transaction_read_only = on")
    open_all(database)


@pytest.mark.threat(row=64)
def test_f3_the_first_write_after_a_read_only_time_succeeds(mine: Database) -> None:
    make_read_only(mine)
    with pytest.raises(Unavailable):
        add(mine, 1)
    open_all(mine)
    say(mine, "ALTER DATABASE {} RESET default_transaction_read_only")

    add(mine, 2)

    assert ids(mine) == [2]


def test_f3_the_second_transaction_after_it_succeeds(mine: Database) -> None:
    make_read_only(mine)
    say(mine, "ALTER DATABASE {} RESET default_transaction_read_only")

    with pytest.raises(ConnectionUnfit):
        add_in_a_unit(mine, 1)
    add_in_a_unit(mine, 2)

    assert ids(mine) == [2]


def test_f3_who_reads_meanwhile_keeps_the_connection(mine: Database) -> None:
    make_read_only(mine)

    seen = {ids(mine) == [] and backend_of(mine) for _ in range(3)}

    assert len(seen) == 1


@pytest.mark.threat(row=64)
def test_f3_why_nothing_can_be_written_is_told_and_that_it_is_over(mine: Database) -> None:
    mine.refuse_obstacles()
    make_read_only(mine)

    with pytest.raises(Unavailable) as caught:
        mine.refuse_obstacles()
    open_all(mine)
    say(mine, "ALTER DATABASE {} RESET default_transaction_read_only")

    assert caught.value.detail == errors.READ_ONLY
    mine.refuse_obstacles()


@pytest.mark.threat(row=64)
@pytest.mark.parametrize("write", ["add", "add_in_a_unit"])
def test_f3_a_write_that_postgresql_does_not_take_names_the_reason_and_so_does_the_log(
    mine: Database, write: str
) -> None:
    make_read_only(mine)

    with capture_logs() as events, pytest.raises(Unavailable) as caught:
        {"add": add, "add_in_a_unit": add_in_a_unit}[write](mine, 1)

    assert caught.value.detail == errors.READ_ONLY
    assert [event["reason"].startswith(errors.READ_ONLY) for event in events] == [True]


def test_f3_a_default_that_hides_the_tables_for_a_moment_is_no_mistake_of_ours(mine: Database) -> None:
    mine.pool.close()
    say(mine, "ALTER DATABASE {} SET search_path = nowhere")
    open_all(mine)
    with pytest.raises(SchemaLost):
        ids(mine)
    open_all(mine)
    say(mine, "ALTER DATABASE {} RESET search_path")

    add(mine, 1)

    assert ids(mine) == [1]


@pytest.mark.parametrize(("state", "is_kept"), [("42501", True), ("57014", True), ("53200", False), ("25006", False)])
def test_f3_only_errors_that_tell_of_the_connection_end_it(postgres: Database, state: str, is_kept: bool) -> None:
    fail = Statement(text(f"DO $do$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '{state}'; END $do$"))
    connection = postgres.pool.acquire(checked=True)

    with pytest.raises(Unavailable):
        connection.run(fail.compiled(postgres.driver.dialect), {})

    assert connection.is_broken is not is_kept
    postgres.pool.release(connection)


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Database]:
    database = Database(SqliteDriver(tmp_path / "things.sqlite"), 2)
    make_table(database.driver)
    yield database
    database.pool.close()


@pytest.mark.threat(row=64)
def test_f3_a_connection_that_sqlite_opened_to_read_only_is_not_kept(
    file: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = file.pool.acquire(checked=False)
    connection.run(Statement(text("PRAGMA query_only = ON")).compiled(file.driver.dialect), {})
    file.pool.release(connection)
    with pytest.raises(Unavailable):
        add(file, 1)

    add(file, 2)

    assert ids(file) == [2]


@pytest.mark.threat(row=64)
@pytest.mark.parametrize("refused", ["things.sqlite", "."])
def test_f3_a_file_that_cannot_be_written_is_told(
    file: Database, refused: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(file.driver, SqliteDriver)
    closed = (file.driver.path.parent / refused).resolve()
    may = os.access
    monkeypatch.setattr(os, "access", lambda path, how: Path(path) != closed and may(path, how))

    with pytest.raises(Unavailable, match="cannot be written"):
        file.refuse_obstacles()


def test_f3_a_disk_without_room_is_told(file: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_file, "ROOM_BYTES", 2**63)

    with pytest.raises(Unavailable, match="no room"):
        file.refuse_obstacles()


def add_in_a_unit(database: Database, thing_id: int) -> None:
    with database.transaction():
        add(database, thing_id)


def backend_of(database: Database) -> int:
    found: int = database.execute(Statement(text("SELECT pg_backend_pid()")), {})[0][0]
    return found


@pytest.mark.threat(row=64)
def test_f3_a_write_that_sqlite_does_not_take_names_the_reason(file: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    connection = file.pool.acquire(checked=False)
    connection.run(Statement(text("PRAGMA query_only = ON")).compiled(file.driver.dialect), {})
    file.pool.release(connection)

    with pytest.raises(Unavailable) as caught:
        add(file, 1)

    assert caught.value.detail == sqlite_file.READ_ONLY
