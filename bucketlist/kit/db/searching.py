"""Substring search in SQL whose cost is bounded by the length of what is searched, on both databases.

LIKE backtracks: 80,000 times the same letter, searched for 499 of them and an x, takes it a third of a second, and
PostgreSQL's `position` of texts takes as long when the x comes first (Boyer-Moore-Horspool). Comparing the bytes of
each place with one `memcmp` takes 10 ms at most, and for usual texts as long as LIKE; UTF-8 is self-synchronising, so
that bytes match where characters do.

Source: https://www.sqlite.org/lang_corefunc.html#instr; PostgreSQL, functions of binary strings.
"""

from typing import Any

from sqlalchemy import Boolean, Integer
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class contains(FunctionElement[bool]):  # noqa: N801  # as SQL functions are written
    """Substring search: does the first text hold the second, literally? Null when there is no text."""

    type = Boolean()
    inherit_cache = True


@compiles(contains)
def _with_instr(element: contains, compiler: SQLCompiler, **more: Any) -> str:
    text, words = (compiler.process(clause, **more) for clause in element.clauses)
    return f"instr({text}, {words}) > 0"


@compiles(contains, "postgresql")
def _with_position(element: contains, compiler: SQLCompiler, **more: Any) -> str:
    text, words = (compiler.process(clause, **more) for clause in element.clauses)
    return f"position(convert_to({words}, 'UTF8') in convert_to({text}, 'UTF8')) > 0"


class octets(FunctionElement[int]):  # noqa: N801  # as SQL functions are written
    """How many bytes a text has in UTF-8. Null when there is no text."""

    type = Integer()
    inherit_cache = True


@compiles(octets)
def _of_blob(element: octets, compiler: SQLCompiler, **more: Any) -> str:
    """SQLite has `octet_length` since 3.43 only."""
    return f"length(CAST({compiler.process(element.clauses, **more)} AS BLOB))"


@compiles(octets, "postgresql")
def _octet_length(element: octets, compiler: SQLCompiler, **more: Any) -> str:
    """It reads no text that is kept apart from its row."""
    return f"octet_length({compiler.process(element.clauses, **more)})"
