"""Batch deletion of expired rows: so many at a time, each batch committed, so that a backlog of any size goes.

In one statement a backlog that takes longer than a statement may would fail, and be larger the next time.
"""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, Table, delete, select, tuple_

from bucketlist.kit.db import Statement, Values, execute
from bucketlist.kit.errors import Unavailable

BATCH = 1000


def batch_of(table: Table, is_over: ColumnElement[bool]) -> Statement:
    """Deletes up to `BATCH` rows that are over; what another worker is about to delete is left to it."""
    keys = list(table.primary_key.columns)
    found = select(*keys).where(is_over).limit(BATCH).with_for_update(skip_locked=True).cte("found")
    key = tuple_(*keys)
    return Statement(delete(table).where(key.in_(select(*found.columns))).returning(keys[0]))


def delete_in_batches(work: Iterable[tuple[Statement, Values]]) -> None:
    """Execute each statement of `batch_of` until nothing is left. Whatever fails, the rest is done first.

    Raises: `Unavailable` when one of them failed.
    """
    failure: Unavailable | None = None
    for statement, values in work:
        try:
            while len(execute(statement, values)) == BATCH:
                continue
        except Unavailable as unavailable:
            failure = unavailable
    if failure:
        raise failure
