"""Serialization failures and deadlocks: what PostgreSQL undid for somebody else is done again, also at the commit."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import psycopg
import pytest
from sqlalchemy import bindparam, text, update

from bucketlist.kit.db import address
from bucketlist.kit.db.database import MAX_SERIALIZATION_RETRIES, Database, Statement
from bucketlist.kit.db.errors import ConstraintViolation, SerializationFailure
from bucketlist.kit.db.postgres_driver import PostgresDriver
from tests.concurrency import wait_until
from tests.kit.conftest import ALL, add, things

COUNT_UP = Statement(update(things).where(things.c.id == bindparam("wanted")).values(number=things.c.number + 1))
COUNT_UP_ELSEWHERE = "UPDATE things SET number = number + 10 WHERE id = %s"
ARE_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
DEADLOCK, NO_ORDER = "40P01", "40001"


@pytest.fixture
def somebody_else(postgres: Database, postgres_driver: PostgresDriver) -> Iterator[psycopg.Connection]:
    """In a transaction; of two who are locked in each other it is never the one that is undone."""
    with psycopg.connect(postgres_driver.url, options="-c deadlock_timeout=60s") as connection:
        yield connection


@pytest.fixture
def failing(postgres: Database) -> Statement:
    """A statement that is undone for the reason `state` until it was tried `wanted` times; tries are never undone."""
    postgres.execute(Statement(text("DROP SEQUENCE IF EXISTS tries")), {})
    postgres.execute(Statement(text("CREATE SEQUENCE tries")), {})
    postgres.execute(
        Statement(
            text("""
            CREATE OR REPLACE FUNCTION try(wanted int, state text) RETURNS int AS $$ BEGIN
            IF nextval('tries') < wanted THEN RAISE EXCEPTION 'undone' USING ERRCODE = state; END IF;
            RETURN currval('tries'); END $$ LANGUAGE plpgsql
            """)
        ),
        {},
    )
    return Statement(text("SELECT try(CAST(:wanted AS int), CAST(:state AS text))"))


def numbers(database: Database) -> dict[int, int]:
    return {row[0]: row[1] for row in database.execute(ALL, {})}


def test_a_transaction_that_lost_a_deadlock_is_done_again(
    postgres: Database,
    postgres_driver: PostgresDriver,
    somebody_else: psycopg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(address.OPTIONS, "deadlock_timeout", "20ms")
    postgres.pool.close()
    add(postgres, 1, number=0)
    add(postgres, 2, number=0)
    runs: list[Future[psycopg.Cursor]] = []

    with ThreadPoolExecutor(1) as elsewhere, psycopg.connect(postgres_driver.url, autocommit=True) as watcher:

        def meet() -> None:
            postgres.execute(COUNT_UP, {"wanted": 1})
            if not runs:
                somebody_else.execute(COUNT_UP_ELSEWHERE, [2])
                runs.append(elsewhere.submit(somebody_else.execute, COUNT_UP_ELSEWHERE, [1]))
                wait_until(lambda: watcher.execute(ARE_WAITING).fetchone() == (1,))
                runs[0].add_done_callback(lambda _: somebody_else.commit())
            else:
                runs.append(runs[0])
            postgres.execute(COUNT_UP, {"wanted": 2})

        postgres.run_in_transaction(meet)

    assert len(runs) >= 2  # more often when we are back at the row before somebody else has woken up
    assert numbers(postgres) == {1: 11, 2: 11}
    assert postgres.pool.count_in_use() == 0


@pytest.mark.parametrize("state", [DEADLOCK, NO_ORDER])
def test_a_statement_that_is_undone_again_and_again_succeeds_at_last(
    postgres: Database, failing: Statement, state: str
) -> None:
    rows = postgres.execute(failing, {"wanted": 1 + MAX_SERIALIZATION_RETRIES, "state": state})

    assert rows[0][0] == 1 + MAX_SERIALIZATION_RETRIES
    assert postgres.pool.count_in_use() == 0


def test_nothing_of_a_transaction_is_done_twice(postgres: Database, failing: Statement) -> None:
    def work() -> None:
        add(postgres, 1, number=7)
        postgres.run_in_transaction(lambda: postgres.execute(failing, {"wanted": 3, "state": DEADLOCK}))

    postgres.run_in_transaction(work)

    assert numbers(postgres) == {1: 7}


@pytest.mark.parametrize("is_unit", [True, False], ids=["unit", "statement"])
def test_after_four_times_it_is_unavailable(postgres: Database, failing: Statement, is_unit: bool) -> None:
    def work() -> object:
        return postgres.execute(failing, {"wanted": 1000, "state": DEADLOCK})

    with pytest.raises(SerializationFailure) as caught:
        postgres.run_in_transaction(work) if is_unit else work()

    assert (caught.value.status, caught.value.headers) == (503, {"Retry-After": "1"})
    assert postgres.execute(failing, {"wanted": 0, "state": ""})[0][0] == 1 + MAX_SERIALIZATION_RETRIES + 1


def test_what_may_have_taken_effect_is_not_done_again(postgres: Database, failing: Statement) -> None:
    for state in ("40003", "08006", "53100", "23505"):
        with pytest.raises(Exception):  # noqa: B017, PT011  # which is told elsewhere
            postgres.execute(failing, {"wanted": 1000, "state": state})

    assert postgres.execute(failing, {"wanted": 0, "state": ""})[0][0] == 4 + 1


ADD_ORPHAN = Statement(text("INSERT INTO orphans (parent) VALUES (7) RETURNING parent"))
COUNT_ORPHANS = Statement(text("SELECT count(*) FROM orphans"))
CHECKED_LATE = """
    CREATE TABLE orphans (parent int REFERENCES things DEFERRABLE INITIALLY DEFERRED)
"""
UNDONE_LATE = """
    CREATE TABLE orphans (parent int);
    CREATE SEQUENCE commits;
    CREATE FUNCTION undo() RETURNS trigger AS $$ BEGIN
    PERFORM nextval('commits'); RAISE EXCEPTION 'undone' USING ERRCODE = '40001'; END $$ LANGUAGE plpgsql;
    CREATE CONSTRAINT TRIGGER late AFTER INSERT ON orphans DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION undo()
"""


@pytest.fixture
def orphans(postgres: Database, postgres_driver: PostgresDriver) -> Iterator[psycopg.Connection]:
    with psycopg.connect(postgres_driver.url, autocommit=True) as connection:
        yield connection
        connection.execute("DROP TABLE orphans")
        connection.execute("DROP FUNCTION IF EXISTS undo")
        connection.execute("DROP SEQUENCE IF EXISTS commits")


def test_a_rule_that_is_checked_at_the_commit_is_broken(postgres: Database, orphans: psycopg.Connection) -> None:
    orphans.execute(CHECKED_LATE)

    with pytest.raises(ConstraintViolation):
        postgres.execute(ADD_ORPHAN, {})

    assert postgres.execute(COUNT_ORPHANS, {})[0][0] == 0
    assert postgres.pool.count_in_use() == 0


def test_what_is_undone_at_the_commit_is_done_again(postgres: Database, orphans: psycopg.Connection) -> None:
    orphans.execute(UNDONE_LATE)

    with pytest.raises(SerializationFailure):
        postgres.execute(ADD_ORPHAN, {})

    assert orphans.execute("SELECT last_value FROM commits").fetchone() == (1 + MAX_SERIALIZATION_RETRIES,)
    assert postgres.execute(COUNT_ORPHANS, {})[0][0] == 0
