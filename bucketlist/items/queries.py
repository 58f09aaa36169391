"""SQL queries of items."""

from collections.abc import Sequence
from functools import cache
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, FromClause, bindparam, case, cast, select

from bucketlist.auth import access, ordering, statements
from bucketlist.auth.actor import Actor
from bucketlist.auth.trashing import move_to_trash, put_back, take_out, trashed
from bucketlist.kit.db.database import Statement, Together, execute
from bucketlist.kit.db.driver import Value
from bucketlist.kit.db.json_lists import listed, rows_of
from bucketlist.kit.fuzzy_dates import FuzzyDate
from bucketlist.limits.quotas import has_room
from bucketlist.models import buckets, items, sessions


class ItemRow(NamedTuple):
    """An item: the fields of `ItemOut` in their order, then its version."""

    id: str
    bucket_id: str
    name: str
    description: str | None
    state: str
    dropped_reason: str | None
    target: str | None  # a fuzzy date
    times: int
    times_done: int
    place: str | None
    tags: str | None  # as `tags/encoding.py` has them
    steps: str | None  # JSON
    links: str | None  # JSON
    position: int
    created_at: str
    modified_at: str
    version: int


_MADE = ("id", "bucket_id", "times_done", "position", "created_at", "modified_at", "version")  # all else is written
_WRITTEN = tuple(name for name in ItemRow._fields if name not in _MADE)
_written_in = attrgetter(*_WRITTEN)


def columns(source: FromClause) -> list[ColumnElement[Any]]:
    """Those of `ItemRow`, from the table or from a page of it."""
    return [source.c[name] for name in ItemRow._fields]


COLUMNS = columns(items)
ID = bindparam("item_id", type_=items.c.id.type)
BUCKET_ID = bindparam("bucket_id", type_=items.c.bucket_id.type)
IS_BUCKET = access.visible(buckets) & (buckets.c.id == BUCKET_ID)
IS_IN_BUCKET = items.c.bucket_id == BUCKET_ID
NEXT_POSITION = statements.next_position(items, IS_IN_BUCKET)
GIVEN = statements.given(items, *_WRITTEN, "name_folded", "description_folded", "target_first", "target_rank")

ITEM = statements.one(items, COLUMNS, ID)
IS_ID_TAKEN = statements.key_taken(items, ID)
COMPARE_ORDER = ordering.compared(items, IS_IN_BUCKET)
ITEMS_IN_ORDER = ordering.in_order(items, IS_IN_BUCKET)
ORDER_ITEMS = ordering.reordered(items, IS_IN_BUCKET)
_NAMED = items.c.name_folded.in_(select(cast(rows_of("names").c.value, items.c.name_folded.type)))
NAMES = Statement(
    select(items.c.name_folded)
    .select_from(access.ACTIVE_SESSION.outerjoin(items, access.visible(items) & IS_IN_BUCKET & _NAMED))
    .distinct(),
    is_slow=True,
)
CHANGE_ITEM = statements.change(
    items,
    ID,
    {**GIVEN, "bucket_id": BUCKET_ID, "position": case((IS_IN_BUCKET, items.c.position), else_=NEXT_POSITION)},
    access.is_there(BUCKET_ID),
    returned="position",
)
TRASH_ITEM = trashed(items, ID)
RESTORE_ITEM = put_back(items)


@cache
def add_statement(*, is_counted: bool) -> Statement | Together:
    """Adds an item at the end of its bucket; `is_counted`, only if there are no more than there may be before."""
    keys = {"id": ID, "bucket_id": buckets.c.id, **statements.given(items, "times_done")}
    room = [has_room(items)] if is_counted else []
    return statements.add(
        items, {**keys, **GIVEN, "position": NEXT_POSITION}, *room, within=sessions.join(buckets, IS_BUCKET)
    )


def find_item(actor: Actor, item_id: str) -> ItemRow | None:
    """Raises: `Unauthorized` when the actor's token is worthless."""
    row = statements.find(ITEM, actor, item_id=item_id)
    return ItemRow._make(row) if row else None


def is_id_taken(actor: Actor, item_id: str) -> bool:
    """By an item, or by one in the trash. Raises: `Unauthorized`."""
    return statements.find(IS_ID_TAKEN, actor, item_id=item_id) is not None


def add_item(actor: Actor, item: ItemRow, held_at_most: int | None) -> ItemRow | None:
    """The new item, last of its bucket; None when the id is taken, or there is no such bucket or no live token.

    None as well when there are more than `held_at_most` before, in all buckets; without that, nobody counts.
    """
    values = access.values(actor, now=item.created_at, held_at_most=held_at_most, times_done=item.times_done)
    rows = execute(add_statement(is_counted=held_at_most is not None), values | _values(item))
    return item._replace(position=rows[0][0], version=rows[0][1]) if rows else None


def change_item(actor: Actor, item: ItemRow, now: str, fields: str | None) -> ItemRow | None:
    """Write what `item` says; None when it is not at the version of `item` any more. In a new bucket it comes last.

    `fields` is what history tells of it.
    """
    values = access.values(actor, now=now, seen_version=item.version, fields=fields, **_values(item))
    rows = execute(CHANGE_ITEM, values)
    return item._replace(position=rows[0][0], modified_at=now, version=rows[0][1]) if rows else None


def trash_item(actor: Actor, item: ItemRow) -> str | None:
    """Where it lies in the trash now; None when it is not at the version of `item` any more."""
    return move_to_trash(TRASH_ITEM, actor, item.id, item.version, "item_id")


def restore_item(actor: Actor, trash_id: str, item_id: str) -> bool:
    """Take it out of the trash. False when it does not lie there, or the actor's token is worthless."""
    return take_out(RESTORE_ITEM, actor, trash_id, item_id)


def find_names(actor: Actor, bucket_id: str, folded: Sequence[str]) -> set[str]:
    """Which of these names, folded, items of a bucket have. Raises: `Unauthorized`."""
    values = access.values(actor, bucket_id=bucket_id, names=listed(folded))
    return {row[0] for row in access.require_active(execute(NAMES, values))}


def order_items(actor: Actor, bucket_id: str, ids: Sequence[str]) -> bool:
    """Give them the positions of `ids`. False, and nothing is moved, when they are others. The bucket is locked."""
    values = access.values(actor, bucket_id=bucket_id, ids=listed(ids))
    if tuple(execute(COMPARE_ORDER, values)[0]) != (len(ids), len(ids)):
        return False
    execute(ORDER_ITEMS, values)
    return True


def arrange_items(actor: Actor, bucket_id: str, some: Sequence[str]) -> bool:
    """Have some trade places. False, and nothing is moved, when one is not there any more. The bucket is locked."""
    there = [row[0] for row in execute(ITEMS_IN_ORDER, access.values(actor, bucket_id=bucket_id))]
    ids = ordering.traded(there, some)
    return ids is not None and order_items(actor, bucket_id, ids)


def _values(item: ItemRow) -> dict[str, Value]:
    values: dict[str, Value] = dict(zip(_WRITTEN, _written_in(item), strict=True))
    target = FuzzyDate.parse(item.target) if item.target else None
    first, rank = (target.first, target.rank) if target else (None, None)
    values |= {"target_first": first, "target_rank": rank}
    return values | statements.texts(item.name, item.description) | {"item_id": item.id, "bucket_id": item.bucket_id}
