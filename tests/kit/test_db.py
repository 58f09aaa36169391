"""Statements and transactions, alike on both databases."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import bindparam, select, update

from bucketlist.kit.db.database import Database, Statement
from bucketlist.kit.db.driver import Row
from bucketlist.kit.db.errors import ConstraintViolation
from bucketlist.kit.errors import Refusal
from tests.concurrency import together
from tests.kit.conftest import ALL, add, ids, things

UUID = "01a211b1-faf0-7036-a992-eaecd5453fe3"
COUNT_UP = Statement(update(things).values(number=things.c.number + 1).returning(things.c.number))


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("words", ""),
        ("words", "NULL"),
        ("words", "tab\t line\nbreak ' \" \\ % _ $1 :x"),
        ("words", "\U0001f98a \u202e \u0344 \u00df"),
        ("words", "x\u00e9" * 500_000),
        ("number", 0),
        ("number", -1),
        ("number", 2**63 - 1),
        ("number", -(2**63)),
        ("moment", "2026-11-24T22:40:00.000Z"),
        ("moment", "2026-11-24T22:40:00.100Z"),
        ("moment", "2026-11-24T22:40:00.120Z"),
        ("moment", "2026-11-24T22:40:00.123Z"),
        ("moment", "2026-11-24T22:40:00.003Z"),
        ("moment", "1970-01-01T00:00:00.000Z"),
        ("moment", "9999-12-31T23:59:59.999Z"),
        ("uuid", UUID),
    ],
    ids=lambda value: str(value)[:24].encode("unicode-escape").decode(),
)
def test_a_value_comes_back_as_it_went(database: Database, column: str, value: str | int) -> None:
    add(database, 1, **{column: value})

    row = dict(zip(things.c.keys(), database.execute(ALL, {})[0], strict=True))

    assert row == dict.fromkeys(things.c.keys()) | {"id": 1, column: value}
    assert type(row[column]) is type(value)


def test_a_statement_gives_every_row(database: Database) -> None:
    for number in range(300):
        add(database, number, words=f"row {number}")

    rows = database.execute(ALL, {})

    assert [list(row) for row in rows] == [[number, None, f"row {number}", None, None] for number in range(300)]


def test_a_statement_that_gives_nothing_gives_no_rows(database: Database) -> None:
    assert database.execute(ALL, {}) == []
    assert database.execute(COUNT_UP, {}) == []


def test_a_constant_of_a_statement_needs_no_value(database: Database) -> None:
    add(database, 1, number=5)
    constant = Statement(select(things.c.id).where(things.c.number == 5, things.c.id == bindparam("id")))

    assert [list(row) for row in database.execute(constant, {"id": 1})] == [[1]]


def test_a_statement_is_compiled_once(database: Database) -> None:
    assert ALL.compiled(database.driver.dialect) is ALL.compiled(database.driver.dialect)


@pytest.mark.parametrize(("thing_id", "number"), [(1, 0), (2, 13)])
def test_a_broken_rule_is_a_conflict_and_the_connection_lives(database: Database, thing_id: int, number: int) -> None:
    add(database, 1)

    with pytest.raises(ConstraintViolation):
        add(database, thing_id, number=number)

    add(database, 3)
    assert ids(database) == [1, 3]
    assert database.pool.count_in_use() == 0


def test_a_mistake_of_ours_is_no_refusal_and_the_connection_lives(database: Database) -> None:
    broken = Statement(select(things.c.id).where(things.c.id == select(bindparam("x")).scalar_subquery().op("!!!")(1)))

    with pytest.raises(Exception) as caught:  # noqa: PT011  # which one is the driver's business
        database.execute(broken, {"x": 1})

    assert not isinstance(caught.value, Refusal)
    add(database, 1)
    assert ids(database) == [1]


def test_all_of_a_transaction_takes_effect(database: Database) -> None:
    with database.transaction():
        add(database, 1)
        add(database, 2)
        assert ids(database) == [1, 2]

    assert ids(database) == [1, 2]
    assert database.pool.count_in_use() == 0


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt, SystemExit])
def test_nothing_of_a_transaction_that_fails_takes_effect(database: Database, error: type[BaseException]) -> None:
    with pytest.raises(error):
        add_two_and(error, database)

    assert ids(database) == []
    assert database.pool.count_in_use() == 0


def test_a_broken_rule_undoes_the_whole_unit(database: Database) -> None:
    with pytest.raises(ConstraintViolation):
        add_two_and(None, database, 1, 1)

    assert ids(database) == []


def test_a_unit_inside_another_joins_it(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        add_two_in_a_unit_inside_another(database)

    assert ids(database) == []
    assert database.pool.count_in_use() == 0


def test_others_see_nothing_of_a_unit_before_it_ends(database: Database) -> None:
    with ThreadPoolExecutor(1) as elsewhere:
        with database.transaction():
            add(database, 1)
            assert elsewhere.submit(ids, database).result() == []

        assert elsewhere.submit(ids, database).result() == [1]


def test_units_of_other_threads_do_not_join(database: Database) -> None:
    add(database, 0, number=0)

    def count(_: int) -> list[Row]:
        with database.transaction():
            return database.execute(COUNT_UP, {})

    counted = together(12, count)

    assert sorted(rows[0][0] for rows in counted) == list(range(1, 13))
    assert database.pool.count_in_use() == 0


def test_a_commit_hook_is_called_when_others_see_what_was_done(database: Database) -> None:
    seen: list[list[int]] = []
    with ThreadPoolExecutor(1) as elsewhere:
        with database.transaction():
            with database.transaction():
                database.after_commit(lambda: seen.append(elsewhere.submit(ids, database).result()))
            add(database, 1)
            assert seen == []
        assert seen == [[1]]

        database.after_commit(lambda: seen.append([]))

    assert seen == [[1], []]


def test_a_commit_hook_of_what_fails_is_never_called(database: Database) -> None:
    seen: list[int] = []

    def fail() -> None:
        with database.transaction():
            database.after_commit(lambda: seen.append(1))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with database.transaction():
        database.after_commit(lambda: seen.append(2))

    assert seen == [2]


def test_every_statement_is_shown_to_who_wants_to_see(database: Database) -> None:
    seen: list[str] = []
    database.on_execute = lambda statement, _: seen.append(statement.sql.split()[0])

    add(database, 1)
    ids(database)

    assert seen == ["INSERT", "SELECT"]


def add_two_and(error: type[BaseException] | None, database: Database, *thing_ids: int) -> None:
    """In one transaction, which then fails."""
    with database.transaction():
        for thing_id in thing_ids or (1, 2):
            add(database, thing_id)
        if error:
            raise error


def add_two_in_a_unit_inside_another(database: Database) -> None:
    with database.transaction():
        add_two_in_a_unit(database)
        assert database.pool.count_in_use() == 1
        raise ZeroDivisionError


def add_two_in_a_unit(database: Database) -> None:
    with database.transaction():
        add(database, 1)
        add(database, 2)
