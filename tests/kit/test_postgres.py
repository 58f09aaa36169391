"""PostgreSQL driver: what the server says, and what it leaves unsaid when it goes."""

import json
import signal
import socket
import time
from collections.abc import Iterator
from types import FrameType

import psycopg
import pytest
from sqlalchemy import bindparam, func, select, text

from bucketlist.kit.db import address
from bucketlist.kit.db import postgres as driver
from bucketlist.kit.db.database import Database, Statement
from bucketlist.kit.db.errors import ConnectionLost, ConstraintViolation, LockWaitTimeout, NoAnswer, RowLockTimeout
from bucketlist.kit.db.postgres import instant
from bucketlist.kit.db.postgres_driver import PostgresDriver
from bucketlist.kit.db.postgres_errors import StatementError
from bucketlist.kit.errors import Unavailable
from bucketlist.kit.logs import configure_logs
from tests import databases
from tests.kit.conftest import add, ids, things

SLEEP = Statement(select(func.pg_sleep(bindparam("seconds"))))
BACKEND = Statement(select(func.pg_backend_pid()))
SLEEP_IN_A_WRITE = Statement(text("SELECT pg_sleep(:seconds)"))


@pytest.fixture
def operator(postgres_driver: PostgresDriver, postgres: Database) -> Iterator[psycopg.Connection]:
    """Somebody else who is connected to the same database."""
    with psycopg.connect(postgres_driver.url, autocommit=True) as connection:
        yield connection


def terminate_all(operator: psycopg.Connection) -> None:
    """As a restart of the server does."""
    operator.execute(f"SELECT pg_terminate_backend(pid) {databases.OTHERS}".encode())
    while operator.execute(f"SELECT count(*) {databases.OTHERS}".encode()).fetchone() != (0,):
        time.sleep(0.01)


def setting(database: Database, name: str) -> str:
    value: str = database.execute(Statement(select(func.current_setting(name))), {})[0][0]
    return value


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-11-24 22:40:00+00", "2026-11-24T22:40:00.000Z"),
        ("2026-11-24 22:40:00.1+00", "2026-11-24T22:40:00.100Z"),
        ("2026-11-24 22:40:00.12+00", "2026-11-24T22:40:00.120Z"),
        ("2026-11-24 22:40:00.123+00", "2026-11-24T22:40:00.123Z"),
    ],
)
def test_a_moment_is_read_as_24_characters(written: str, read: str) -> None:
    assert instant(written) == read


def test_every_connection_has_its_settings(postgres: Database) -> None:
    names = ("TimeZone", "DateStyle", "client_encoding", "statement_timeout", "lock_timeout", "synchronous_commit")

    assert [setting(postgres, name) for name in names] == ["UTC", "ISO, MDY", "UTF8", "5s", "3s", "on"]


@pytest.mark.parametrize("name", ["timezone", "datestyle", "statement_timeout", "lock_timeout", "plan_cache_mode"])
def test_where_settings_are_the_servers_affair_a_wrong_one_is_told_and_nothing_is_asked(
    unprepared: Database, name: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    configure_logs(is_debug=False)
    unprepared.pool.close()
    for options in (address.OPTIONS, address.ON_CITUS):
        monkeypatch.setitem(options, name, "something else")

    with pytest.raises(Unavailable):
        ids(unprepared)

    told = json.loads(capfd.readouterr().err.splitlines()[0])
    assert (told["event"], told["setting"]) == ("database_setting_is_wrong", name)
    assert unprepared.pool.count_in_use() == 0


def test_a_read_is_tried_again_when_the_server_was_restarted(postgres: Database, operator: psycopg.Connection) -> None:
    add(postgres, 1)
    terminate_all(operator)

    assert ids(postgres) == [1]


def test_a_write_after_a_restart_finds_a_new_connection(postgres: Database, operator: psycopg.Connection) -> None:
    add(postgres, 1)
    terminate_all(operator)

    add(postgres, 2)

    assert ids(postgres) == [1, 2]
    assert postgres.pool.count_in_use() == 0


def test_a_write_whose_connection_goes_is_refused_once(postgres: Database, operator: psycopg.Connection) -> None:
    with pytest.raises(ConnectionLost) as caught:
        write_while_the_server_goes(postgres, operator)

    assert caught.value.status == 503
    assert caught.value.headers == {"Retry-After": "1"}
    add(postgres, 3)
    assert ids(postgres) == [3]
    assert postgres.pool.count_in_use() == 0


def test_a_commit_that_is_not_answered_is_no_success(postgres: Database, operator: psycopg.Connection) -> None:
    with pytest.raises(ConnectionLost):
        commit_while_the_server_goes(postgres, operator)

    assert ids(postgres) == []


def test_an_error_that_is_passed_over_is_no_success(postgres: Database) -> None:
    with pytest.raises(StatementError):
        pass_over_an_error(postgres)

    assert ids(postgres) == []
    assert postgres.pool.count_in_use() == 0


def test_a_mistake_of_ours_says_what_it_is(postgres: Database) -> None:
    with pytest.raises(StatementError, match="syntax error"):
        postgres.execute(Statement(text("SELECT 1 nonsense nonsense")), {})
    with pytest.raises(StatementError, match="division by zero"):
        postgres.execute(Statement(text("SELECT 1 / 0")), {})
    with pytest.raises(StatementError, match="invalid input syntax"):
        postgres.execute(Statement(text("SELECT CAST('x' AS int)")), {})

    assert [list(row) for row in postgres.execute(Statement(text("SELECT 7")), {})] == [[7]]


def test_nobody_waits_longer_than_three_seconds_for_a_row(
    postgres: Database, postgres_driver: PostgresDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(address.OPTIONS, "lock_timeout", "100")
    postgres.pool.close()
    with psycopg.connect(postgres_driver.url) as other:
        other.execute("INSERT INTO things (id) VALUES (1)")

        with pytest.raises(RowLockTimeout) as waited:
            add(postgres, 1)

        other.rollback()
    assert '"things' in waited.value.place
    add(postgres, 1)


def test_who_waits_for_a_table_is_not_said_to_wait_for_a_row(
    postgres: Database, postgres_driver: PostgresDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(address.OPTIONS, "lock_timeout", "100")
    postgres.pool.close()
    with psycopg.connect(postgres_driver.url) as other:
        other.execute("LOCK TABLE things IN SHARE MODE")

        with pytest.raises(LockWaitTimeout) as waited:
            add(postgres, 1)

        other.rollback()
    assert type(waited.value) is LockWaitTimeout


@pytest.mark.parametrize("statement", [SLEEP, SLEEP_IN_A_WRITE], ids=["read", "write"])
def test_a_slow_statement_is_cancelled(
    postgres: Database, statement: Statement, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(address.OPTIONS, "statement_timeout", "50")
    postgres.pool.close()

    with pytest.raises(Unavailable):
        postgres.execute(statement, {"seconds": 5})

    assert ids(postgres) == []


def test_a_server_that_hangs_is_left(
    postgres: Database, operator: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver, "ANSWER_SECONDS", 0.1)
    monkeypatch.setitem(address.OPTIONS, "statement_timeout", "600000")
    postgres.pool.close()

    with pytest.raises(Unavailable):
        postgres.execute(SLEEP, {"seconds": 600})

    asleep = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'"
    assert operator.execute(asleep).fetchone() == (1,)  # it has not answered yet
    assert ids(postgres) == []
    terminate_all(operator)


def test_a_connection_that_still_waits_for_an_answer_is_lent_to_nobody(postgres: Database) -> None:
    def interrupt(*_: int | FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.1)
    with pytest.raises(KeyboardInterrupt):
        postgres.execute(SLEEP, {"seconds": "0.5"})
    signal.signal(signal.SIGALRM, before)

    add(postgres, 1)
    assert ids(postgres) == [1]


def test_a_server_that_is_not_there_is_unavailable() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nowhere = Database(PostgresDriver(f"postgresql://127.0.0.1:{free.getsockname()[1]}/x"), 2)

        for _ in range(3):
            with pytest.raises(Unavailable):
                ids(nowhere)
        with pytest.raises(Unavailable):
            add(nowhere, 1)

    assert nowhere.pool.count_in_use() == 0


def write_while_the_server_goes(postgres: Database, operator: psycopg.Connection) -> None:
    with postgres.transaction():
        add(postgres, 1)
        terminate_all(operator)
        add(postgres, 2)


def commit_while_the_server_goes(postgres: Database, operator: psycopg.Connection) -> None:
    with postgres.transaction():
        add(postgres, 1)
        terminate_all(operator)


def pass_over_an_error(postgres: Database) -> None:
    with postgres.transaction():
        add(postgres, 1)
        with pytest.raises(ConstraintViolation):
            add(postgres, 1)


def backends_of(database: Database) -> set[int]:
    """Those of all connections of the pool."""
    lent = [database.pool.acquire(checked=False) for _ in range(database.pool.size)]
    found = {connection.run(BACKEND.compiled(database.driver.dialect), {})[0][0] for connection in lent}
    for connection in lent:
        database.pool.release(connection)
    return found


def test_when_one_connection_hangs_no_older_one_is_used_again_not_even_to_read(
    postgres: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = backends_of(postgres)
    monkeypatch.setattr(driver, "ANSWER_SECONDS", 0.1)
    with pytest.raises(NoAnswer):
        postgres.execute(SLEEP, {"seconds": 5})
    monkeypatch.undo()

    assert isinstance(postgres.driver, PostgresDriver)
    servers = postgres.driver.servers
    assert [host in servers.silent for host in servers._hosts()] == [True]
    assert not before & backends_of(postgres)


def test_who_has_no_time_left_does_not_wait(postgres: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver, "ANSWER_SECONDS", -5.0)

    with pytest.raises(Unavailable):
        postgres.execute(SLEEP, {"seconds": 1})


def test_a_value_that_no_line_takes_at_once_gets_there(postgres: Database) -> None:
    add(postgres, 1, words="x" * 20_000_000)

    length = Statement(select(func.length(things.c.words)))
    assert [list(row) for row in postgres.execute(length, {})] == [[20_000_000]]
