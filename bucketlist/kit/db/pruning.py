"""Batch deletion: so many rows at a time, each batch committed, so that any number of them goes.

In one statement a backlog that takes longer than a statement may would fail, and be larger the next time; and where
there is one writer, as on SQLite, everybody else would wait for it.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from threading import Event
from typing import Any

from sqlalchemy import ColumnElement, Integer, Table, bindparam, delete, literal_column, select, tuple_

from bucketlist.kit.db.database import Statement, database, execute
from bucketlist.kit.db.driver import Values
from bucketlist.kit.errors import Unavailable

BATCH = 1000  # rows that one transaction deletes
LONGEST_PAUSE = 0.25  # seconds
NO_LIMIT = float("inf")

leftover = Event()  # set when there is something that whoever keeps the house should do now


def batch_of(
    table: Table,
    is_over: ColumnElement[bool],
    *returned: ColumnElement[int],
    whose: ColumnElement[bool] | None = None,
    in_order: Sequence[ColumnElement[Any]] = (),
    skips_locked: bool = True,
) -> Statement:
    """Batch deletion: up to `most` rows that are over, each given back; `in_order`, that of an index that finds them.

    What another worker is about to delete or change is left to it, unless it `skips_locked` not, and waits.

    Found rows are deleted by their key, and by `whose` they are; PostgreSQL is told how many there are at most. By
    `is_over` as well it would compare each of them with all that are over, in a table that was never analysed.
    """
    keys = list(table.primary_key.columns)
    owned = [] if whose is None else [whose]
    wanted = select(*keys).where(*owned, is_over).order_by(*in_order).limit(bindparam("most", type_=Integer))
    found = wanted.with_for_update(skip_locked=skips_locked).cte("found")
    is_found = tuple_(*keys).in_(select(*found.columns).limit(literal_column(str(BATCH))))
    return Statement(delete(table).where(*owned, is_found).returning(*returned or keys[:1]))


def repeat(delete_some: Callable[[], bool], seconds: float = NO_LIMIT) -> bool:
    """Delete in batches: call `delete_some` until it says that nothing is left; False when the time is over.

    Where there is one writer, others get as much time as each batch took: its lock goes to whoever asks first.
    """
    ends_at = time.monotonic() + seconds
    while True:
        began = time.monotonic()
        if delete_some():
            return True
        now = time.monotonic()
        if now >= ends_at:
            return False
        if database().driver.has_one_writer:
            time.sleep(min(now - began, LONGEST_PAUSE))


def do_all(works: Iterable[Callable[[], object]]) -> None:
    """Run all jobs: whatever fails, the rest is done first. Raises: `Unavailable` when one of them failed."""
    failure: Unavailable | None = None
    for work in works:
        try:
            work()
        except Unavailable as unavailable:
            failure = unavailable
    if failure:
        raise failure


def delete_all(statement: Statement, values: Values) -> None:
    """Execute a statement of `batch_of` until nothing is left, each batch committed. Raises: `Unavailable`."""
    repeat(lambda: len(execute(statement, {**values, "most": BATCH})) < BATCH)
