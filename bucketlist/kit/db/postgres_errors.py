"""PostgreSQL error codes (SQLSTATE), and what the service says for each; a mistake of our own stays what it is.

Source: https://www.postgresql.org/docs/current/errcodes-appendix.html
"""

import re
from collections.abc import Collection
from typing import NamedTuple

from bucketlist.kit.db.errors import (
    AccessDenied,
    ConnectionLost,
    ConstraintViolation,
    DatabaseReadOnly,
    ForeignRule,
    LockWaitTimeout,
    RowLockTimeout,
    SchemaLost,
    SerializationFailure,
    StatementTimeout,
)
from bucketlist.kit.errors import Unavailable


class StatementError(Exception):
    """A statement that PostgreSQL does not understand: a mistake of our own."""


class Meaning(NamedTuple):
    """What is raised for codes that begin like this, and whether the connection is of no use any more."""

    codes: tuple[str, ...]
    refusal: type[Unavailable]
    is_over: bool = False


MEANINGS = (
    Meaning(("55P03",), LockWaitTimeout),  # lock_not_available
    Meaning(("57014",), StatementTimeout),  # query_canceled
    Meaning(("40001", "40P01"), SerializationFailure),  # serialization_failure, deadlock_detected
    Meaning(("25006",), DatabaseReadOnly, True),  # read_only_sql_transaction: a standby, or a default that was changed
    Meaning(("3D", "3F", "42P01", "42703"), SchemaLost, True),  # no database, schema, table or column of that name
    Meaning(("08", "28", "57P", "25P03", "25P04"), ConnectionLost, True),  # line, log-in, shutdown, idle for too long
    Meaning(("53",), Unavailable, True),  # insufficient resources; a new connection begins with less
    Meaning(("42501",), AccessDenied),  # insufficient_privilege: taken away, or a policy of row-level security
    Meaning(("40", "57", "58", "XX"), Unavailable),  # rolled back, operator, disk
    Meaning(("P0",), ForeignRule),  # PL/pgSQL, of which we have none
)

find_function = re.compile(r"function ([\w.]+)").search
# “while inserting index tuple (0,1) in relation …”, in any language: who waits for a table or a shard names no place.
find_row = re.compile(r".*\(\d+,\d+\).*").search

find_names = re.compile(r"\w+").findall
SHARD = re.compile(r"_\d+\Z")  # Citus ends the names of a shard's constraints with its number, in its sentence only


class Said(NamedTuple):
    """An error in the server's words: its code, a sentence, the constraint, and in which function it was."""

    code: str
    message: str
    constraint: str = ""
    context: str = ""


def meaning_of(code: str) -> Meaning | None:
    """None is a mistake of ours. An error without a code is libpq's own: the line is gone."""
    if not code:
        return Meaning((), ConnectionLost, True)
    return next((meaning for meaning in MEANINGS if code.startswith(meaning.codes)), None)


def refusal_for(said: Said, rules: Collection[str] | None) -> tuple[Exception, bool]:
    """What is raised for an error, and whether the connection is of no use any more; without `rules` all are ours.

    What a trigger says may hold what somebody wrote, so that only its name is told.
    """
    function = find_function(said.context)
    if said.code.startswith("23"):  # integrity constraint violation
        names = [said.constraint] if said.constraint else [SHARD.sub("", name) for name in find_names(said.message)]
        is_ours = rules is None or any(name in rules for name in names)
        return (ConstraintViolation() if is_ours else ForeignRule(reason=_name_of(said, function))), False
    meaning = meaning_of(said.code)
    if (meaning is None and function) or (meaning and meaning.refusal is ForeignRule):
        return ForeignRule(reason=_name_of(said, function)), False
    if meaning is None:
        return StatementError(said.message), False
    if meaning.refusal is LockWaitTimeout and (row := find_row(said.context)):
        return RowLockTimeout(place=row[0], reason=said.message), False
    return meaning.refusal(reason=said.message), meaning.is_over


def _name_of(said: Said, function: re.Match[str] | None) -> str:
    name = said.constraint or (function[1] if function else "unnamed")
    return f"{name}, {said.code}"
