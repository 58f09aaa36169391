"""The error codes of PostgreSQL: what the service says for each (F3)."""

import pytest
from sqlalchemy import text

from bucketlist.kit.db.database import Database, Statement
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
from bucketlist.kit.db.postgres_errors import StatementError
from bucketlist.kit.errors import Unavailable
from tests.kit.conftest import ids


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


@pytest.mark.parametrize("mistake", ["SELEKT 1", "SELECT 1 / 0", "SELECT 'x'::int"])
def test_a_mistake_of_our_own_stays_one(postgres: Database, mistake: str) -> None:
    with pytest.raises(StatementError):
        postgres.execute(Statement(text(mistake.replace(":", r"\:"))), {})
