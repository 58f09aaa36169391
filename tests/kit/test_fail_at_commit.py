"""Transactions that fail at commit: a statement alone is committed after its rows were sent, then it was no success."""

from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import text

from bucketlist.kit.db.database import MAX_SERIALIZATION_RETRIES, Database, Statement
from bucketlist.kit.db.errors import ConstraintViolation, SerializationFailure
from bucketlist.kit.db.postgres import PostgresDriver

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
def operator(postgres: Database, postgres_driver: PostgresDriver) -> Iterator[psycopg.Connection]:
    with psycopg.connect(postgres_driver.url, autocommit=True) as connection:
        yield connection
        connection.execute("DROP TABLE orphans")
        connection.execute("DROP FUNCTION IF EXISTS undo")
        connection.execute("DROP SEQUENCE IF EXISTS commits")


def test_a_rule_that_is_checked_at_the_commit_is_broken(postgres: Database, operator: psycopg.Connection) -> None:
    operator.execute(CHECKED_LATE)

    with pytest.raises(ConstraintViolation):
        postgres.execute(ADD_ORPHAN, {})

    assert postgres.execute(COUNT_ORPHANS, {})[0][0] == 0
    assert postgres.pool.count_in_use() == 0


def test_what_is_undone_at_the_commit_is_done_again(postgres: Database, operator: psycopg.Connection) -> None:
    operator.execute(UNDONE_LATE)

    with pytest.raises(SerializationFailure):
        postgres.execute(ADD_ORPHAN, {})

    assert operator.execute("SELECT last_value FROM commits").fetchone() == (1 + MAX_SERIALIZATION_RETRIES,)
    assert postgres.execute(COUNT_ORPHANS, {})[0][0] == 0
