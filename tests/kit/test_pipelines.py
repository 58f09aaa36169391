"""Pipelines: SQL statements that take effect together, in one round trip, or not at all."""

import pytest
from sqlalchemy import BigInteger, bindparam, func, insert, select, text, update

from bucketlist.kit.db.database import Database, Statement, Together
from bucketlist.kit.db.driver import Row, Values
from bucketlist.kit.db.errors import ConstraintViolation
from bucketlist.kit.errors import Unavailable
from tests.kit.conftest import add, ids, things

NUMBER = bindparam("number", type_=BigInteger)
COUNT_UP = Statement(update(things).values(number=things.c.number + 1).returning(things.c.number))
COPY = Statement(insert(things).from_select(["id", "number"], select(func.max(things.c.id) + 1, NUMBER)))
READ = Statement(select(things.c.id, things.c.moment).order_by(things.c.id))
ENDS_ITS_CONNECTION = Statement(text("SELECT pg_terminate_backend(pg_backend_pid())"))


def run(database: Database, *statements: Statement, number: int = 5) -> tuple[list[Row], list[int]]:
    """The rows of the first one, and how many rows each has given."""
    told: list[int] = []

    def note(rows: list[list[Row]], _: Values) -> None:
        told.extend(map(len, rows))

    return database.execute(Together(statements, statements[0], note), {"number": number}), told


def test_a_pipeline_gives_the_rows_of_one_and_tells_those_of_each(database: Database) -> None:
    add(database, 1, number=1, moment="2026-11-24T22:40:00.120Z")

    rows, told = run(database, COUNT_UP, COPY, READ)

    assert ([list(row) for row in rows], told) == ([[2]], [1, 0, 2])
    assert list(run(database, READ, COPY)[0][0]) == [1, "2026-11-24T22:40:00.120Z"]
    assert ids(database) == [1, 2, 3]


def test_what_fails_in_a_pipeline_undoes_all_of_it_and_the_connection_goes_on(database: Database) -> None:
    add(database, 1, number=1)

    with pytest.raises(ConstraintViolation):
        run(database, COUNT_UP, COPY, READ, number=13)

    assert [list(row) for row in run(database, COUNT_UP)[0]] == [[2]]
    assert ids(database) == [1]
    assert database.pool.count_in_use() == 0


def test_a_pipeline_in_a_transaction_is_a_part_of_it(database: Database) -> None:
    add(database, 1, number=1)

    def copy_twice() -> None:
        run(database, COUNT_UP, COPY)
        run(database, COPY, number=13)

    with pytest.raises(ConstraintViolation):
        database.run_in_transaction(copy_twice)

    assert ids(database) == [1]
    with database.transaction():
        run(database, COPY)
    assert ids(database) == [1, 2]


def test_a_connection_that_is_lost_in_a_pipeline_is_told_and_replaced(postgres: Database) -> None:
    add(postgres, 1, number=1)

    with pytest.raises(Unavailable):
        run(postgres, COUNT_UP, ENDS_ITS_CONNECTION, COPY)

    assert [list(row) for row in run(postgres, COUNT_UP)[0]] == [[2]]
    assert ids(postgres) == [1]


def test_citus_is_told_of_the_transaction(postgres: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would commit each statement where it has sent it; on one server the answer is the same."""
    add(postgres, 1, number=1)
    connection = postgres.pool.acquire(checked=True)
    monkeypatch.setattr(connection, "_has_citus", True)
    postgres.pool.release(connection)

    with pytest.raises(ConstraintViolation):
        run(postgres, COUNT_UP, COPY, number=13)

    assert [list(row) for row in run(postgres, COUNT_UP, COPY)[0]] == [[2]]
    assert ids(postgres) == [1, 2]
