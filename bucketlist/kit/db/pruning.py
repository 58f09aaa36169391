"""Batch deletion: so many rows at a time, each batch committed, so that any number of them goes.

In one statement a backlog that takes longer than a statement may would fail, and be larger the next time; and where
there is one writer, as on SQLite, everybody else would wait for it.

What lies on one machine, a directory or the rows of one person, goes by `batch_of`, which locks what it has found and
leaves alone what others hold. What has expired of everybody may lie on many (sharding), where nothing can be locked by
one statement: it goes by `expired_of`.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from threading import Event
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Integer, Table, bindparam, delete, literal_column, select, tuple_

from bucketlist.kit.db.database import Statement, database, execute, find_one
from bucketlist.kit.db.driver import Values
from bucketlist.kit.errors import Unavailable

BATCH = 1000  # rows that one transaction deletes
LONGEST_PAUSE = 0.25  # seconds
NO_LIMIT = float("inf")


class Expired(NamedTuple):
    """Pruning of rows of everybody's: one statement finds where a batch ends, and another deletes up to there."""

    find_end: Statement
    delete: Statement


Prune = Statement | Expired

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


def expired_of(table: Table, moment: str) -> Expired:
    """Pruning: what deletes the rows whose column `moment`, best an indexed one, is before `now`, whoever has them.

    Rows that share a moment are told apart by their key, so that no batch is larger than another. Nothing is locked
    before it is deleted: a row that somebody is changing is waited for, and stays if it is not over any more.
    """
    place = [table.c[moment], *table.primary_key.columns]
    is_over = place[0] < bindparam("now", type_=place[0].type)
    batch = select(*place).where(is_over).order_by(*place).limit(bindparam("most", type_=Integer)).subquery("batch")
    end = [bindparam(f"end_{number}", type_=column.type) for number, column in enumerate(place)]
    is_in_batch = tuple_(*place) <= tuple_(*end)
    return Expired(
        Statement(select(*batch.c).order_by(*(batch.c[column.name].desc() for column in place)).limit(1)),
        Statement(delete(table).where(place[0] <= end[0], is_in_batch).returning(*place[1:2])),
    )


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


def delete_all(prune: Prune, values: Values) -> None:
    """Execute what `batch_of` or `expired_of` made until nothing is left, each batch committed.

    Raises: `Unavailable`.
    """
    repeat(lambda: _delete_some(prune, values))


def _delete_some(prune: Prune, values: Values) -> bool:
    """Is nothing left? Where nothing has expired nothing is written, and what another worker deletes is left to it."""
    if not isinstance(prune, Expired):
        return len(execute(prune, {**values, "most": BATCH})) < BATCH
    end = find_one(prune.find_end, {**values, "most": BATCH})
    return end is None or not execute(prune.delete, {f"end_{number}": value for number, value in enumerate(end)})
