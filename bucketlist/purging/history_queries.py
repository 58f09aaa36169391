"""SQL queries that keep the change log small: too many rows of one thing, and the words of things that are gone.

The last row of each thing stays for the changes feed, and the last that restored it, as what is in it is told behind
that; of what is gone, without its words. The account has to be locked.
"""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, Table, and_, bindparam, exists, func, literal_column, null, or_, select, update

from bucketlist.auth.access import of_owner, owned
from bucketlist.auth.recording import KEPT_CHANGES, RECORDED
from bucketlist.kit.db import pruning
from bucketlist.kit.db.database import Statement, execute
from bucketlist.kit.db.driver import Row
from bucketlist.kit.db.pruning import batch_of
from bucketlist.limits.storage import MOST_BYTES, bytes_in
from bucketlist.limits.storage_queries import add_bytes
from bucketlist.models import changes

AT_ONCE = 1000  # things that are looked for

BUSY = Statement(
    select(changes.c.thing_id, changes.c.kind)
    .where(owned(changes))
    .group_by(changes.c.thing_id, changes.c.kind)
    .having(func.count() > KEPT_CHANGES)
    .limit(AT_ONCE),
    is_slow=True,
)
_OF_THING = [
    changes.c.thing_id == bindparam("thing_id", type_=changes.c.thing_id.type),
    changes.c.kind == bindparam("kind", type_=changes.c.kind.type),
]
_NUMBERS = select(changes.c.number).where(owned(changes), *_OF_THING).order_by(changes.c.number.desc())
_again = changes.alias("again")
_IS_RESTORED_AGAIN = exists().where(
    owned(_again),
    _again.c.thing_id == changes.c.thing_id,
    _again.c.kind == changes.c.kind,
    _again.c.number > changes.c.number,
    _again.c.action == literal_column("'restored'"),
)
_IS_NEEDED_NO_MORE = or_(changes.c.action != literal_column("'restored'"), _IS_RESTORED_AGAIN)
_NEWEST_OLD = _NUMBERS.limit(1).offset(literal_column(str(KEPT_CHANGES))).scalar_subquery()
OLD = batch_of(
    changes,
    and_(*_OF_THING, changes.c.number <= _NEWEST_OLD, _IS_NEEDED_NO_MORE),
    bytes_in(changes),
    whose=owned(changes),
    in_order=[changes.c.user_id, changes.c.thing_id, changes.c.kind, changes.c.number],
)


def _is_gone(kind: str, table: Table) -> ColumnElement[bool]:
    """Looked up by its key for each row of the log: a scalar, and of a column that no wider index has.

    EXISTS may become a join, which in tables that were never analysed compares each row with all of the other.
    """
    is_of_kind = changes.c.kind == literal_column(f"'{kind}'")
    thing = select(table.c.version).where(owned(table), table.c.id == changes.c.thing_id)
    return is_of_kind & thing.scalar_subquery().is_(None)


_later = changes.alias("later")
_LAST = select(func.max(_later.c.number)).where(
    owned(_later), _later.c.thing_id == changes.c.thing_id, _later.c.kind == changes.c.kind
)
_IS_TOLD_AGAIN = changes.c.number < _LAST.scalar_subquery()  # a scalar as well
OF_GONE = [
    batch_of(
        changes,
        _is_gone(kind, table) & _IS_TOLD_AGAIN,
        bytes_in(changes),
        whose=owned(changes),
        in_order=list(changes.primary_key.columns),
    )
    for kind, table in RECORDED.items()
]
_HAVE_WORDS = [
    (owned(changes), changes.c.fields.is_not(None), _is_gone(kind, table)) for kind, table in RECORDED.items()
]
LAST_WORDS = [
    (
        Statement(select(func.coalesce(func.sum(bytes_in(changes)), 0)).where(*wanted), is_slow=True),
        Statement(update(changes).where(*wanted).values(fields=null()), is_slow=True),
    )
    for wanted in _HAVE_WORDS
]


def forget_some(user_id: str) -> bool:
    """Up to a batch of rows; is nothing left of them?"""
    left, freed = pruning.BATCH, 0
    for statement, values in _batches(user_id):
        if left:
            sizes = execute(statement, of_owner(user_id, most=left, **values))
            left, freed = left - len(sizes), freed + _sum(sizes)
    if left:
        for size, forget in LAST_WORDS:
            freed += _sum(execute(size, of_owner(user_id)))
            execute(forget, of_owner(user_id))
    if freed:
        add_bytes(user_id, -freed, MOST_BYTES)
    return bool(left)


def _batches(user_id: str) -> Iterable[tuple[Statement, dict[str, str]]]:
    busy = execute(BUSY, of_owner(user_id))
    yield from ((OLD, {"thing_id": thing_id, "kind": kind}) for thing_id, kind in busy)
    yield from ((statement, {}) for statement in OF_GONE)


def _sum(rows: Iterable[Row]) -> int:
    return sum(size for (size,) in rows)
