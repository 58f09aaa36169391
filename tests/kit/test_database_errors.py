"""The error codes of the databases, and what the service says for each (F3); also of rules that an operator added."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import MetaData, text

from bucketlist.kit.db.database import Database, Statement
from bucketlist.kit.db.driver import rules_of
from bucketlist.kit.db.errors import (
    AccessDenied,
    ConnectionLost,
    ConstraintViolation,
    DatabaseReadOnly,
    ForeignRule,
    LockWaitTimeout,
    SchemaLost,
    SerializationFailure,
    StatementTimeout,
)
from bucketlist.kit.db.postgres_driver import PostgresDriver
from bucketlist.kit.db.postgres_errors import Said, refusal_for
from bucketlist.kit.db.sqlite import SqliteDriver
from bucketlist.kit.errors import Unavailable
from bucketlist.models import metadata
from tests import databases
from tests.kit.conftest import add, ids, make_table, things


@pytest.mark.threat(row=64)
@pytest.mark.parametrize(
    ("state", "refusal"),
    [
        ("40P01", SerializationFailure),
        ("40001", SerializationFailure),
        ("40003", Unavailable),
        ("53100", Unavailable),
        ("53300", Unavailable),
        ("57014", StatementTimeout),
        ("58030", Unavailable),
        ("25006", DatabaseReadOnly),
        ("25P03", ConnectionLost),
        ("28000", ConnectionLost),
        ("42501", AccessDenied),
        ("42P01", SchemaLost),
        ("42703", SchemaLost),
        ("3F000", SchemaLost),
        ("23505", ConstraintViolation),
        ("55P03", LockWaitTimeout),
        ("57P01", ConnectionLost),
        ("08006", ConnectionLost),
        ("P0001", ForeignRule),
        ("P0004", ForeignRule),
        ("42601", ForeignRule),  # a mistake, but in a function, and we have none
        ("22012", ForeignRule),
    ],
)
def test_what_the_server_says_becomes_what_we_say(postgres: Database, state: str, refusal: type[Exception]) -> None:
    fail = Statement(text(f"DO $do$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '{state}'; END $do$"))

    with pytest.raises(refusal) as caught:
        postgres.execute(fail, {})

    assert type(caught.value) is refusal
    assert ids(postgres) == []


RULES = rules_of(things.metadata)
SECRET = "what somebody wrote"
FUNCTION = "CREATE FUNCTION no_cats() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {} END $$"
TRIGGER = "CREATE TRIGGER t BEFORE INSERT ON things FOR EACH ROW EXECUTE FUNCTION no_cats()"
ON_POSTGRESQL = {
    "raises": (FUNCTION.format("RAISE 'no %', NEW.words;"), TRIGGER),
    "raises as a constraint": (FUNCTION.format("RAISE 'no %', NEW.words USING ERRCODE = '23514';"), TRIGGER),
    "is broken": (FUNCTION.format("NEW.number := NEW.words::bigint; RETURN NEW;"), TRIGGER),
    "check": ("ALTER TABLE things ADD CONSTRAINT no_cats CHECK (words <> 'what somebody wrote')",),
    "not null": ("ALTER TABLE things ALTER COLUMN number SET NOT NULL",),
}
RAISE = f"CREATE TRIGGER t BEFORE INSERT ON things WHEN NEW.id = 2 BEGIN SELECT RAISE({{}}, '{SECRET}'); END"
ON_SQLITE = {
    "aborts": RAISE.format("ABORT"),
    "rolls back": RAISE.format("ROLLBACK"),
    "unique": "CREATE UNIQUE INDEX no_cats ON things (words)",
    "unique by an expression": "CREATE UNIQUE INDEX no_cats ON things (lower(words))",
}


@pytest.mark.threat(row=64)
@pytest.mark.parametrize("statements", ON_POSTGRESQL.values(), ids=ON_POSTGRESQL)
def test_what_an_operators_rule_refuses_on_postgresql_is_no_mistake_of_ours(
    statements: tuple[str, ...], postgres_url: str
) -> None:
    url = databases.create_database(postgres_url)
    database = Database(PostgresDriver(url, rules=RULES), 1)
    make_table(database.driver)
    with psycopg.connect(url) as operator:
        for statement in statements:
            operator.execute(statement.encode())

    with pytest.raises(ForeignRule) as caught:
        add(database, 1, words=SECRET)

    assert SECRET not in caught.value.reason
    assert ("no_cats" in caught.value.reason) != ("NOT NULL" in statements[0])
    assert ids(database) == []
    database.pool.close()


@pytest.fixture
def on_sqlite(tmp_path: Path) -> Iterator[Database]:
    database = Database(SqliteDriver(tmp_path / "things.sqlite", rules=RULES), 1)
    make_table(database.driver)
    yield database
    database.pool.close()


@pytest.mark.threat(row=64)
@pytest.mark.parametrize("statement", ON_SQLITE.values(), ids=ON_SQLITE)
def test_what_an_operators_rule_refuses_on_sqlite_is_no_mistake_of_ours(statement: str, on_sqlite: Database) -> None:
    add(on_sqlite, 1, words=SECRET)
    on_sqlite.execute(Statement(text(statement)), {})

    with pytest.raises(ForeignRule) as caught:
        add(on_sqlite, 2, words=SECRET)

    assert SECRET not in caught.value.reason
    assert ids(on_sqlite) == [1]


def test_what_our_own_rules_refuse_is_a_conflict(on_sqlite: Database) -> None:
    add(on_sqlite, 1)

    with pytest.raises(ConstraintViolation):
        add(on_sqlite, 1)


def test_every_rule_of_a_table_is_known_by_its_name_and_by_its_columns() -> None:
    rules = rules_of(metadata)

    assert {"pk_items", "ck_items_state", "items.user_id, items.id", "fk_items_user_id_bucket_id"} <= rules
    assert rules_of(MetaData()) == set()


@pytest.mark.parametrize(
    ("message", "refusal"),
    [
        ('… violates foreign key constraint "fk_items_user_id_bucket_id_102008"', ConstraintViolation),
        ('… violates foreign key constraint "fk_items_user_id_bucket_id_theirs"', ForeignRule),
        ('… violates foreign key constraint "theirs_102008"', ForeignRule),
    ],
)
def test_a_constraint_of_a_shard_is_named_in_a_sentence_of_citus(message: str, refusal: type[Exception]) -> None:
    found, _ = refusal_for(Said("23503", message), rules_of(metadata))

    assert isinstance(found, refusal)
