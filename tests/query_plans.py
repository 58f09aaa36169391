"""What a database means to do for a statement: which tables it would read from end to end."""

import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import psycopg

from bucketlist.config import Settings
from bucketlist.kit.db.driver import Compiled, Value, Values


@dataclass(frozen=True)
class Asked:
    """A statement as it was executed."""

    statement: Compiled
    values: Values

    @property
    def all_values(self) -> Mapping[str, Value]:
        return {**self.statement.constants, **self.values}


def scanned_tables(settings: Settings, asked: list[Asked]) -> set[tuple[str, str]]:
    """The tables that would be read from end to end, each with the statement."""
    explain = _scanned_by_postgres if settings.database_url else _scanned_by_sqlite
    return set(explain(settings, asked))


def joined_by_scans(url: str, asked: list[Asked]) -> set[str]:
    """Of those tables, in PostgreSQL, the ones that are joined; what is asked beside that may be about all rows."""
    with psycopg.connect(url, autocommit=True) as server:
        plans = [plan for one in asked for plan in _plans_of_postgres(server, one)]
    return {table for plan in plans for table in _scanned_in(plan, besides=False)}


def counted_from_rows(settings: Settings, asked: list[Asked]) -> set[str]:
    """The statements that look at the rows of a table to count them, where an index would be enough."""
    looks_at_rows = _counts_rows_in_postgres if settings.database_url else _counts_rows_in_sqlite
    return {one.statement.sql for one in asked if looks_at_rows(settings, one)}


def steps_of_sqlite(settings: Settings, one: Asked) -> list[tuple[int, int, int, str]]:
    """What SQLite would do, each with its number and that of the step which it is a part of."""
    with closing(sqlite3.connect(settings.sqlite_path)) as connection:
        return connection.execute(f"EXPLAIN QUERY PLAN {one.statement.sql}", one.all_values).fetchall()


def analyse(settings: Settings) -> None:
    """Let the database count what it holds."""
    if settings.database_url:
        with psycopg.connect(settings.database_url, autocommit=True) as server:
            server.execute("VACUUM ANALYZE")
        return
    with closing(sqlite3.connect(settings.sqlite_path)) as connection:
        connection.execute("ANALYZE")


def _scanned_by_sqlite(settings: Settings, asked: list[Asked]) -> Iterator[tuple[str, str]]:
    for one in asked:
        for *_, what in steps_of_sqlite(settings, one):
            if found := re.match(r"SCAN (\w+)", what):
                yield found[1], one.statement.sql


def _counts_rows_in_sqlite(settings: Settings, one: Asked) -> bool:
    """A count is a scalar subquery; what it reads stands below it."""
    inside: set[int] = set()
    for step, parent, _, what in steps_of_sqlite(settings, one):
        if parent in inside or "SCALAR SUBQUERY" in what:
            inside.add(step)
            is_look_up = "(user_id=? AND id=?)" in what  # of one row, by its key
            is_of_rows = (
                re.match(r"(SEARCH|SCAN) (buckets|items|entries|files)\b", what) and "COVERING INDEX" not in what
            )
            if is_of_rows and not is_look_up:
                return True
    return False


def _scanned_by_postgres(settings: Settings, asked: list[Asked]) -> Iterator[tuple[str, str]]:
    with psycopg.connect(settings.database_url, autocommit=True) as server:
        for one in asked:
            for plan in _plans_of_postgres(server, one):
                yield from ((table, one.statement.sql) for table in _scanned_in(plan))


def _counts_rows_in_postgres(settings: Settings, one: Asked) -> bool:
    with psycopg.connect(settings.database_url, autocommit=True) as server:
        return any(_aggregates_rows(plan) for plan in _plans_of_postgres(server, one))


def _plans_of_postgres(server: psycopg.Connection, one: Asked) -> Iterator[Mapping[str, Any]]:
    """For the values that were sent, and for any: after five times PostgreSQL may keep one plan for all values."""
    sql, values = one.statement.sql, one.all_values
    sent = [None if values[name] is None else str(values[name]) for name in one.statement.parameters]
    for found in (
        psycopg.RawCursor(server).execute(f"EXPLAIN (FORMAT JSON) {sql}".encode(), sent).fetchone(),
        server.execute(f"EXPLAIN (GENERIC_PLAN, FORMAT JSON) {sql}".encode()).fetchone(),
    ):
        assert found is not None
        yield found[0][0]["Plan"]


def _scanned_in(node: Mapping[str, Any], *, besides: bool = True) -> Iterator[str]:
    """An index that is read without a condition is read from end to end as well. `besides`: also in subqueries."""
    kind = node["Node Type"]
    if kind == "Seq Scan" or (kind in ("Index Scan", "Index Only Scan") and "Index Cond" not in node):
        yield node["Relation Name"]
    for part in node.get("Plans", ()):
        if besides or part["Parent Relationship"] in ("Outer", "Inner"):
            yield from _scanned_in(part, besides=besides)


def _aggregates_rows(node: Mapping[str, Any], *, is_inside: bool = False) -> bool:
    is_inside = is_inside or node["Node Type"] == "Aggregate"
    if is_inside and "Relation Name" in node and node["Node Type"] != "Index Only Scan":
        return True
    return any(_aggregates_rows(part, is_inside=is_inside) for part in node.get("Plans", ()))
