"""SQL statements of the product: those that modules keep, by name; and a guard that reads what is made at run time."""

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from types import FrameType
from typing import cast

from sqlalchemy import ClauseElement
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.engine import Dialect

from bucketlist.kit.db.database import Statement, Together
from bucketlist.kit.db.driver import Compiled
from tests.coverage_scope import ACTING
from tests.sources import PACKAGE, read_all
from tests.sql_rules import breaches

DIALECT: Dialect = PGDialect_psycopg(paramstyle="pyformat")  # type: ignore[no-untyped-call]  # of SQLAlchemy
INSIDE = ("bucketlist.kit.db.", __name__, "contextlib", "functools")  # between the compiler and whoever asks


class BrokenRule(AssertionError):
    """A room asks for what no database that is spread by user would answer from one machine."""


def kept_statements() -> dict[str, list[Statement]]:
    """Constants, alone or in a list, by their module and name."""
    found: dict[str, list[Statement]] = {}
    for file in read_all(PACKAGE):
        if not file.module.startswith("migrations") and not file.module.endswith(ACTING):
            imported = {name.rpartition(".")[2] for name in file.imports}
            module = importlib.import_module(f"bucketlist.{file.module}".rstrip("."))
            kept = {name: list(statements_in(value)) for name, value in vars(module).items() if name not in imported}
            found |= {f"{file.module}.{name}": statements for name, statements in kept.items() if statements}
    return found


@cache
def constants() -> set[Statement]:
    """The same without names, which takes no time."""
    modules = [module for name, module in sys.modules.items() if name.startswith("bucketlist.")]
    return {statement for module in modules for value in vars(module).values() for statement in statements_in(value)}


def statements_in(value: object) -> Iterator[Statement]:
    if isinstance(value, Statement):
        yield value
    elif isinstance(value, Together):
        yield from value.statements
    elif isinstance(value, list | tuple | dict):
        for one in value.values() if isinstance(value, dict) else value:
            yield from statements_in(one)


def text_of(statement: Statement) -> str:
    """As PostgreSQL gets it, but with named parameters."""
    return str(cast("ClauseElement", statement.core).compile(dialect=DIALECT))


def guard_the_statements() -> None:
    """From now on, in this process: what a room makes beside its constants breaks no rule, or is never executed."""
    compile_it = Statement._compile

    def guarded(self: Statement, dialect: Dialect) -> Compiled:
        if _is_asked_by_a_room() and self not in constants():
            with _uncounted():
                found = breaches(text_of(self))
            if found:
                raise BrokenRule(f"{sorted(found)} {text_of(self)}")
        return compile_it(self, dialect)

    setattr(Statement, compile_it.__name__, guarded)


@contextmanager
def _uncounted() -> Iterator[None]:
    """To read a statement is no work of the request whose calls are counted."""
    counting = sys.getprofile()
    sys.setprofile(None)
    try:
        yield
    finally:
        sys.setprofile(counting)


def _is_asked_by_a_room() -> bool:
    """Tests execute statements of their own as well."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and _module_of(frame).startswith(INSIDE):
        frame = frame.f_back
    return frame is not None and _module_of(frame).startswith("bucketlist.")


def _module_of(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__"))
