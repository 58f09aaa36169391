"""SQL statements with a list as a parameter: a JSON list of texts as rows, numbered from 0, on both databases.

So one statement serves a list of any length.

Source: https://www.sqlite.org/json1.html#jeach; PostgreSQL, JSON functions, and table functions WITH ORDINALITY.
"""

from collections.abc import Sequence
from typing import Any

from pydantic_core import to_json
from sqlalchemy import BindParameter, Integer, TableValuedAlias, Text, bindparam, column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class _elements(FunctionElement[Any]):  # noqa: N801  # as SQL functions are written
    """The elements of a JSON list as rows of `value` and `key`."""

    inherit_cache = True


@compiles(_elements)
def _with_json_each(element: _elements, compiler: SQLCompiler, **more: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **more)})"


@compiles(_elements, "postgresql")
def _with_ordinality(element: _elements, compiler: SQLCompiler, **more: Any) -> str:
    listed = f"jsonb_array_elements_text(CAST({compiler.process(element.clauses, **more)} AS jsonb))"
    return f"(SELECT value, number - 1 AS key FROM {listed} WITH ORDINALITY AS each (value, number))"  # noqa: S608  # SQLAlchemy's own


def rows_of(name: str) -> TableValuedAlias:
    """The texts of the parameter `name`, which is a JSON list, as rows: `value` each, `key` the number."""
    listed: BindParameter[str] = bindparam(name, type_=Text())
    return _elements(listed).table_valued(column("value", Text()), column("key", Integer()), name=name)


def listed(texts: Sequence[str]) -> str:
    """The value of such a parameter."""
    return to_json(texts).decode()
