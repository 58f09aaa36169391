"""Timestamp arithmetic in SQL, on both databases: SQLite keeps timestamps as texts, PostgreSQL as instants.

Source: https://www.sqlite.org/lang_datefunc.html; PostgreSQL, date/time functions and operators.
"""

from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class next_millisecond(FunctionElement[Any]):  # noqa: N801  # as SQL functions are written
    """The timestamp that comes a millisecond after another: of the same type."""

    inherit_cache = True

    def __init__(self, moment: ColumnElement[Any]) -> None:
        self.type = moment.type
        super().__init__(moment)


@compiles(next_millisecond)
def _of_text(element: next_millisecond, compiler: SQLCompiler, **more: Any) -> str:
    return f"strftime('%Y-%m-%dT%H:%M:%fZ', {compiler.process(element.clauses, **more)}, '+0.001 seconds')"


@compiles(next_millisecond, "postgresql")
def _of_instant(element: next_millisecond, compiler: SQLCompiler, **more: Any) -> str:
    """Added to a time of UTC, since what depends on the session's time zone is no update that Citus takes."""
    moment = compiler.process(element.clauses, **more)
    return f"timezone('UTC', timezone('UTC', {moment}) + interval '1 millisecond')"
