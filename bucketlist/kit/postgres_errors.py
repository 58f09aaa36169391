"""The error codes of PostgreSQL, and what the service says for each; a mistake of our own stays what it is.

Source: https://www.postgresql.org/docs/current/errcodes-appendix.html
"""

from typing import NamedTuple

from bucketlist.kit.db import (
    ConnectionLost,
    ConnectionUnfit,
    ConstraintBroken,
    LockWaitTimeout,
    RolledBack,
    SchemaLost,
    StatementTimeout,
)
from bucketlist.kit.errors import Unavailable


class StatementProblem(Exception):
    """A statement that PostgreSQL does not understand: a mistake of our own."""


class Meaning(NamedTuple):
    """What is raised for codes that begin like this, and whether the connection is of no use any more."""

    codes: tuple[str, ...]
    refusal: type[Unavailable]
    is_over: bool = False


MEANINGS = (
    Meaning(("55P03",), LockWaitTimeout),  # lock_not_available
    Meaning(("57014",), StatementTimeout),  # query_canceled
    Meaning(("40001", "40P01"), RolledBack),  # serialization_failure, deadlock_detected
    Meaning(("25006",), ConnectionUnfit, True),  # read_only_sql_transaction: a standby, or a default that was changed
    Meaning(("3D", "3F", "42P01", "42703"), SchemaLost, True),  # no database, schema, table or column of that name
    Meaning(("08", "28", "57P", "25P03", "25P04"), ConnectionLost, True),  # line, log-in, shutdown, idle for too long
    Meaning(("53",), Unavailable, True),  # insufficient resources; a new connection begins with less
    Meaning(("40", "42501", "57", "58", "XX"), Unavailable),  # rolled back, right taken away, operator, disk
)


def meaning_of(code: str) -> Meaning | None:
    """None is a mistake of ours. An error without a code is libpq's own: the line is gone."""
    if not code:
        return Meaning((), ConnectionLost, True)
    return next((meaning for meaning in MEANINGS if code.startswith(meaning.codes)), None)


def refusal_for(code: str, message: str) -> tuple[Exception, bool]:
    """What is raised for an error, and whether the connection is of no use any more."""
    if code.startswith("23"):  # integrity constraint violation
        return ConstraintBroken(), False
    meaning = meaning_of(code)
    if meaning is None:
        return StatementProblem(message), False
    return meaning.refusal(reason=message), meaning.is_over
