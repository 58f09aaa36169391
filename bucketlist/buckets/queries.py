"""SQL queries of buckets."""

from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, FromClause, Select, bindparam, func, literal, literal_column, select, true
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


class BucketRow(NamedTuple):
    """A bucket: the fields of `BucketOut` in their order, then its version."""

    id: str
    name: str
    description: str | None
    position: int
    item_count: int
    done_count: int
    created_at: str
    modified_at: str
    version: int


def columns(source: FromClause) -> list[ColumnElement[Any]]:
    """Those of `BucketRow`, from the table or from a page of it; the items are counted in the same statement."""
    of_bucket = select(func.count()).where(access.owned(items), items.c.bucket_id == source.c.id)
    counts = {
        "item_count": of_bucket.scalar_subquery(),
        "done_count": of_bucket.where(items.c.state == "done").scalar_subquery(),
    }
    return [counts[name] if name in counts else source.c[name] for name in BucketRow._fields]


ID = bindparam("bucket_id", type_=buckets.c.id.type)
IS_THERE = access.owned(buckets) & access.is_there(buckets.c.id)
IS_IT = IS_THERE & (buckets.c.id == ID)

BUCKET = Statement(select(*columns(buckets)).select_from(ACTIVE_SESSION.outerjoin(buckets, IS_IT)))
LOCK_BUCKET = Statement(select(buckets.c.id).where(IS_IT).with_for_update())
IS_ID_TAKEN = Statement(
    select(buckets.c.id).select_from(ACTIVE_SESSION.outerjoin(buckets, access.owned(buckets) & (buckets.c.id == ID)))
)

SORTS: dict[str, ColumnElement[Any]] = {
    "position": buckets.c.position,
    "name": func.substr(buckets.c.name_folded, 1, literal_column(str(SORTED_LENGTH)), type_=buckets.c.name_folded.type),
    "createdAt": buckets.c.created_at,
    "modifiedAt": buckets.c.modified_at,
}


@cache
def bucket_list(order: Order, direction: Direction, *, is_search: bool) -> Statement:
    """A page of buckets, each with the count of all and what it is sorted by; without buckets, one row."""
    sort_by, find_page = SORTS[order.field], paging.page_and_count
    wanted: Select[Any] = select(buckets, sort_by.label("sort_value")).where(IS_THERE)
    if is_search:
        wanted, find_page = wanted.where(paging.matching(buckets)), paging.page_and_count_of_search
    page, count = find_page(wanted, sort_by, buckets.c.id, order, direction)
    row, source = page, ACTIVE_SESSION.outerjoin(page, true())
    if is_search:
        row, source = buckets, source.outerjoin(buckets, access.owned(buckets) & (buckets.c.id == page.c.id))
    return Statement(
        select(*columns(row), count, page.c.sort_value)
        .select_from(source)
        .order_by(*paging.in_order(order.is_descending, page.c.sort_value, page.c.id)),
        is_slow=is_search or order.field != "position",  # else an index gives the page
    )


_TEXTS = ("name", "name_folded", "description", "description_folded")
_NEXT_POSITION = (
    select(func.coalesce(func.max(buckets.c.position), 0) + 1).where(access.owned(buckets)).scalar_subquery()
)


@cache
def add_statement(*, is_counted: bool) -> Statement:
    """Adds a bucket behind all others; `is_counted`, only if there are no more than there may be before."""
    wanted = select(
        sessions.c.user_id,
        ID,
        *(bindparam(name, type_=buckets.c[name].type) for name in _TEXTS),
        _NEXT_POSITION,
        literal(1),
        bindparam("now", type_=buckets.c.created_at.type),
        bindparam("now", type_=buckets.c.created_at.type),
    ).where(IS_ACTIVE)
    if is_counted:
        wanted = wanted.where(has_room(buckets))
    return Statement(
        insert(buckets)
        .from_select(["user_id", "id", *_TEXTS, "position", "version", "created_at", "modified_at"], wanted)
        .on_conflict_do_nothing(index_elements=["user_id", "id"])
        .returning(buckets.c.position)
    )


CHANGE_BUCKET = Statement(
    update_of(buckets)
    .where(IS_IT, buckets.c.version == bindparam("seen_version"), ACTIVE_SESSION_EXISTS)
    .values(
        {name: bindparam(name) for name in _TEXTS} | {"version": buckets.c.version + 1, "modified_at": bindparam("now")}
    )
    .returning(buckets.c.id)
)


def find_bucket(actor: Actor, bucket_id: str) -> BucketRow | None:
    """Raises: `Unauthorized` when the actor's token is worthless."""
    row = access.require_active(execute(BUCKET, access.values(actor, bucket_id=bucket_id)))[0]
    return BucketRow._make(row) if row[0] is not None else None


def is_id_taken(actor: Actor, bucket_id: str) -> bool:
    """By a bucket, or by what is still to be purged of one. Raises: `Unauthorized`."""
    return access.require_active(execute(IS_ID_TAKEN, access.values(actor, bucket_id=bucket_id)))[0][0] is not None


def lock_bucket(actor: Actor, bucket_id: str) -> None:
    """Nobody else changes it, or adds an item to it, until the transaction ends."""
    execute(LOCK_BUCKET, access.values(actor, bucket_id=bucket_id))


def list_buckets(
    actor: Actor, words: str | None, order: Order, direction: Direction, place: Place | None, limit: int
) -> list[Row]:
    """Up to `limit + 1` rows of `bucket_list`, of which the first may have no bucket.

    Raises: `Unauthorized` when the actor's token is worthless.
    """
    statement = bucket_list(order, direction, is_search=words is not None)
    values = access.values(actor, words=words and fold(words), **paging.page_values(limit, place))
    return access.require_active(execute(statement, values))


def add_bucket(actor: Actor, bucket: BucketRow, held_at_most: int | None) -> BucketRow | None:
    """The new bucket, last of all; None when the id is taken or the actor's token is worthless.

    None as well when there are more than `held_at_most` before; without that, nobody counts.
    """
    texts = _texts(bucket.name, bucket.description)
    values = access.values(actor, now=bucket.created_at, bucket_id=bucket.id, held_at_most=held_at_most, **texts)
    rows = execute(add_statement(is_counted=held_at_most is not None), values)
    return bucket._replace(position=rows[0][0]) if rows else None


def change_bucket(actor: Actor, bucket: BucketRow, now: str) -> bool:
    """Write the texts of `bucket`. False when it is not at the version of `bucket` any more."""
    texts = _texts(bucket.name, bucket.description)
    values = access.values(actor, now=now, bucket_id=bucket.id, seen_version=bucket.version, **texts)
    return bool(execute(CHANGE_BUCKET, values))


def _texts(name: str, description: str | None) -> dict[str, Value]:
    return {
        "name": name,
        "name_folded": fold_once(name),
        "description": description,
        "description_folded": fold_once(description) if description is not None else None,
    }
