"""Database driver interface: what one has to be able to do, and in which words it is spoken to."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Index, MetaData
from sqlalchemy.engine import Dialect
from sqlalchemy.schema import ColumnCollectionConstraint

from bucketlist.kit.background import PeriodicThread

STATEMENT_SECONDS = 5  # the statement timeout, on both databases

Value = str | int | None
Values = Mapping[str, Value]
Row = Sequence[Any]


@dataclass(frozen=True, slots=True, eq=False)
class Compiled:
    """A compiled statement, as a driver takes it. `parameters` are in the order in which the text numbers them."""

    name: str
    sql: str
    parameters: tuple[str, ...]
    constants: Values
    is_read: bool
    seconds: int = STATEMENT_SECONDS
    is_slow: bool = False


def rules_of(metadata: MetaData) -> frozenset[str]:
    """The constraints of our tables as an error names them: by name, or on SQLite by their columns."""
    rules: set[str] = set()
    for table in metadata.tables.values():
        for rule in (*table.constraints, *table.indexes):
            if isinstance(rule, ColumnCollectionConstraint | Index):  # all are, though the types do not say so
                columns = ", ".join(f"{table.name}.{column.name}" for column in rule.columns)
                rules |= {str(rule.name or ""), columns}
    return frozenset(rules - {""})


class Connection(Protocol):
    """What a driver has to be able to do. A connection that `is_broken` is not given back to the pool."""

    is_broken: bool
    opened_at: float

    def run(self, statement: Compiled, values: Values) -> list[Row]: ...
    def run_together(self, statements: Sequence[Compiled], values: Values) -> list[list[Row]]: ...
    def begin(self) -> None: ...
    def commit(self) -> None: ...
    def rollback(self) -> None: ...
    def is_stale(self) -> bool: ...
    def find_obstacle(self) -> str | None: ...
    def close(self) -> None: ...


class Driver(Protocol):
    """A driver: how to reach one database. `writing` is entered around all that writes, perhaps by one at a time."""

    has_one_writer: bool

    dialect: Dialect

    @property
    def is_citus(self) -> bool:
        """Has its database the extension by which it is distributed? Known from the first connection on."""
        ...

    @property
    def writing(self) -> AbstractContextManager[None, None]: ...

    def connect(self) -> Connection: ...

    def watch(self) -> PeriodicThread | None:
        """In a process that serves: keep an eye on what is outside of us, in a thread where that takes one."""
        ...

    def finish(self) -> None:
        """When everybody else has left: see that all is where it belongs. Raises: `Unavailable`."""
        ...
