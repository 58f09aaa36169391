"""SQL queries of items."""

from functools import cache
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Select,
    bindparam,
    case,
    delete,
    func,
    literal,
    literal_column,
    select,
    true,
)
from sqlalchemy import update as update_of
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT is SQLite's as well

from bucketlist.auth import access
from bucketlist.auth.access import ACTIVE_SESSION, ACTIVE_SESSION_EXISTS, IS_ACTIVE
from bucketlist.auth.actor import Actor
from bucketlist.kit import paging
from bucketlist.kit.db.database import Statement, execute
from bucketlist.kit.db.driver import Row, Value
from bucketlist.kit.paging import Direction, Order, Place
from bucketlist.kit.text import fold
from bucketlist.limits.quotas import has_room
from bucketlist.limits.storage import fold_once
from bucketlist.models import buckets, items, sessions

SORTED_LENGTH = 500  # of a name: cursors hold it, and they have to fit into an address


class ItemRow(NamedTuple):
    """An item: the fields of `ItemOut` in their order, then its version."""

    id: str
    bucket_id: str
    name: str
    description: str | None
    state: str
    position: int
    created_at: str
    modified_at: str
    version: int


COLUMNS = [items.c[name] for name in ItemRow._fields]
ID = bindparam("item_id", type_=items.c.id.type)
BUCKET_ID = bindparam("bucket_id", type_=items.c.bucket_id.type)
IS_BUCKET = access.owned(buckets) & (buckets.c.id == BUCKET_ID) & access.is_there(buckets.c.id)

IS_THERE = access.owned(items) & access.is_there(items.c.bucket_id)

ITEM = Statement(select(*COLUMNS).select_from(ACTIVE_SESSION.outerjoin(items, IS_THERE & (items.c.id == ID))))
IS_ID_TAKEN = Statement(
    select(items.c.id).select_from(ACTIVE_SESSION.outerjoin(items, access.owned(items) & (items.c.id == ID)))
)

SORTS: dict[str, ColumnElement[Any]] = {
    "position": items.c.position,
    "name": func.substr(items.c.name_folded, 1, literal_column(str(SORTED_LENGTH)), type_=items.c.name_folded.type),
    "createdAt": items.c.created_at,
    "modifiedAt": items.c.modified_at,
}


@cache
def item_list(order: Order, direction: Direction, *, is_search: bool, is_of_bucket: bool) -> Statement:
    """A page of items, each with the bucket, the count of all and what it is sorted by; without items, one row."""
    sort_by, find_page, source = SORTS[order.field], paging.page_and_count, ACTIVE_SESSION
    wanted: Select[Any] = select(*COLUMNS, sort_by.label("sort_value"))
    if is_of_bucket:  # which is there, or there is no page
        wanted = wanted.where(access.owned(items), items.c.bucket_id == BUCKET_ID)
        source = ACTIVE_SESSION.outerjoin(buckets, IS_BUCKET)
    else:
        wanted = wanted.where(IS_THERE)
    if is_search:
        wanted, find_page = wanted.where(paging.matching(items)), paging.page_and_count_of_search
    page, count = find_page(wanted, sort_by, items.c.id, order, direction)
    row, source = page, source.outerjoin(page, true())
    if is_search:
        row, source = items, source.outerjoin(items, access.owned(items) & (items.c.id == page.c.id))
    return Statement(
        select(
            *(row.c[name] for name in ItemRow._fields),
            buckets.c.id if is_of_bucket else ACTIVE_SESSION.c.user_id,
            count,
            page.c.sort_value,
        )
        .select_from(source)
        .order_by(*paging.in_order(order.is_descending, page.c.sort_value, page.c.id)),
        is_slow=is_search or not is_of_bucket or order.field != "position",  # else an index gives the page
    )


_MADE = ("id", "bucket_id", "position", "created_at", "modified_at", "version")  # by us; all else of a row is written
_WRITTEN = tuple(name for name in ItemRow._fields if name not in _MADE)
_written_in = attrgetter(*_WRITTEN)
_TEXTS = (*_WRITTEN, "name_folded", "description_folded")


def _next_position() -> ScalarSelect[int]:
    last = func.coalesce(func.max(items.c.position), 0)
    return select(last + 1).where(access.owned(items), items.c.bucket_id == BUCKET_ID).scalar_subquery()


@cache
def add_statement(*, is_counted: bool) -> Statement:
    """Adds an item at the end of its bucket; `is_counted`, only if there are no more than there may be before."""
    wanted = (
        select(
            buckets.c.user_id,
            ID,
            buckets.c.id,
            *(bindparam(name, type_=items.c[name].type) for name in _TEXTS),
            _next_position(),
            literal(1),
            bindparam("now", type_=items.c.created_at.type),
            bindparam("now", type_=items.c.created_at.type),
        )
        .select_from(sessions.join(buckets, IS_BUCKET))
        .where(IS_ACTIVE)
    )
    if is_counted:
        wanted = wanted.where(has_room(items))
    return Statement(
        insert(items)
        .from_select(
            ["user_id", "id", "bucket_id", *_TEXTS, "position", "version", "created_at", "modified_at"], wanted
        )
        .on_conflict_do_nothing(index_elements=["user_id", "id"])
        .returning(items.c.position)
    )


CHANGE_ITEM = Statement(
    update_of(items)
    .where(
        IS_THERE,
        items.c.id == ID,
        items.c.version == bindparam("seen_version"),
        access.is_there(BUCKET_ID),
        ACTIVE_SESSION_EXISTS,
    )
    .values(
        {name: bindparam(name) for name in _TEXTS}
        | {
            "bucket_id": BUCKET_ID,
            "position": case((items.c.bucket_id == BUCKET_ID, items.c.position), else_=_next_position()),
            "version": items.c.version + 1,
            "modified_at": bindparam("now"),
        }
    )
    .returning(items.c.position)
)
DELETE_ITEM = Statement(
    delete(items)
    .where(IS_THERE, items.c.id == ID, items.c.version == bindparam("seen_version"), ACTIVE_SESSION_EXISTS)
    .returning(items.c.id)
)


def find_item(actor: Actor, item_id: str) -> ItemRow | None:
    """Raises: `Unauthorized` when the actor's token is worthless."""
    row = access.require_active(execute(ITEM, access.values(actor, item_id=item_id)))[0]
    return ItemRow._make(row) if row[0] is not None else None


def is_id_taken(actor: Actor, item_id: str) -> bool:
    """By an item, or by what is still to be purged of one. Raises: `Unauthorized`."""
    return access.require_active(execute(IS_ID_TAKEN, access.values(actor, item_id=item_id)))[0][0] is not None


def list_items(
    actor: Actor,
    bucket_id: str | None,
    words: str | None,
    order: Order,
    direction: Direction,
    place: Place | None,
    limit: int,
) -> list[Row] | None:
    """Up to `limit + 1` rows of `item_list`, of which the first may have no item; None without that bucket.

    Raises: `Unauthorized` when the actor's token is worthless.
    """
    statement = item_list(order, direction, is_search=words is not None, is_of_bucket=bucket_id is not None)
    values = access.values(actor, bucket_id=bucket_id, words=words and fold(words), **paging.page_values(limit, place))
    rows = access.require_active(execute(statement, values))
    return rows if rows[0][-3] is not None else None


def add_item(actor: Actor, item: ItemRow, held_at_most: int | None) -> ItemRow | None:
    """The new item, last of its bucket; None when the id is taken, or there is no such bucket or no live token.

    None as well when there are more than `held_at_most` before, in all buckets; without that, nobody counts.
    """
    values = access.values(actor, now=item.created_at, held_at_most=held_at_most, **_values(item))
    rows = execute(add_statement(is_counted=held_at_most is not None), values)
    return item._replace(position=rows[0][0]) if rows else None


def change_item(actor: Actor, item: ItemRow, now: str) -> ItemRow | None:
    """Write what `item` says; None when it is not at the version of `item` any more. In a new bucket it comes last."""
    rows = execute(CHANGE_ITEM, access.values(actor, now=now, seen_version=item.version, **_values(item)))
    return item._replace(position=rows[0][0], modified_at=now, version=item.version + 1) if rows else None


def delete_item(actor: Actor, item: ItemRow) -> bool:
    """False when it is not at the version of `item` any more."""
    return bool(execute(DELETE_ITEM, access.values(actor, item_id=item.id, seen_version=item.version)))


def _values(item: ItemRow) -> dict[str, Value]:
    values: dict[str, Value] = dict(zip(_WRITTEN, _written_in(item), strict=True))
    values["item_id"] = item.id
    values["bucket_id"] = item.bucket_id
    values["name_folded"] = fold_once(item.name)
    values["description_folded"] = fold_once(item.description) if item.description is not None else None
    return values
