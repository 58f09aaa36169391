"""SQL queries of buckets."""

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, FromClause, bindparam, func, literal_column, select

from bucketlist.auth import access, ordering, statements
from bucketlist.auth.actor import Actor
from bucketlist.auth.statements import Scan
from bucketlist.auth.trashing import move_to_trash, put_back, take_out, trashed
from bucketlist.kit import paging
from bucketlist.kit.db.database import Statement, Together, execute
from bucketlist.kit.db.driver import Row, Value
from bucketlist.kit.db.json_lists import listed
from bucketlist.kit.paging import Direction, Order, Place
from bucketlist.kit.text import fold
from bucketlist.limits.quotas import has_room
from bucketlist.models import buckets, items


class BucketRow(NamedTuple):
    """A bucket: the fields of `BucketOut` in their order, then its version."""

    id: str
    name: str
    description: str | None
    archived: bool | int  # as it is sent, or as it is kept
    position: int
    item_count: int
    done_count: int
    created_at: str
    modified_at: str
    version: int


def columns(source: FromClause) -> list[ColumnElement[Any]]:
    """Those of `BucketRow`, from the table or from a page of it; the items are counted in the same statement."""
    of_bucket = select(func.count()).where(access.undeleted(items), items.c.bucket_id == source.c.id).correlate(source)
    counts = {
        "item_count": of_bucket.scalar_subquery(),
        "done_count": of_bucket.where(items.c.state == "done").scalar_subquery(),
    }
    return [counts[name] if name in counts else source.c[name] for name in BucketRow._fields]


ID = bindparam("bucket_id", type_=buckets.c.id.type)
GIVEN = statements.given(buckets, "name", "name_folded", "description", "description_folded", "archived")

BUCKET = statements.one(buckets, columns(buckets), ID)
IS_ID_TAKEN = statements.key_taken(buckets, ID)
COMPARE_ORDER = ordering.compared(buckets)
BUCKETS_IN_ORDER = ordering.in_order(buckets)
ORDER_BUCKETS = ordering.reordered(buckets)
CHANGE_BUCKET = statements.change(buckets, ID, GIVEN)
TRASH_BUCKET = trashed(buckets, ID)
RESTORE_BUCKET = put_back(buckets)


@cache
def bucket_list(order: Order, direction: Direction, *, is_search: bool, archived: bool | None) -> Statement:
    """A page of buckets, each with the count of all and what it is sorted by; without buckets, one row.

    Of those that are `archived`, of the others, or of all when it is None.
    """
    scan: Scan | None = "search" if is_search else None
    shown = [] if archived is None else [buckets.c.archived == literal_column(str(int(archived)))]
    found = statements.listed(buckets, select(buckets), columns, order, direction, *shown, scan=scan)
    return Statement(found, is_slow=is_search or order.field != "position")  # else an index gives the page


@cache
def add_statement(*, is_counted: bool) -> Statement | Together:
    """Adds a bucket behind all others; `is_counted`, only if there are no more than there may be before."""
    position = statements.next_position(buckets)
    room = [has_room(buckets)] if is_counted else []
    return statements.add(buckets, {"id": ID, **GIVEN, "position": position}, *room)


def find_bucket(actor: Actor, bucket_id: str) -> BucketRow | None:
    """Raises: `Unauthorized` when the actor's token is worthless."""
    row = statements.find(BUCKET, actor, bucket_id=bucket_id)
    return BucketRow._make(row) if row else None


def is_id_taken(actor: Actor, bucket_id: str) -> bool:
    """By a bucket, or by one in the trash. Raises: `Unauthorized`."""
    return statements.find(IS_ID_TAKEN, actor, bucket_id=bucket_id) is not None


def list_buckets(
    actor: Actor,
    words: str | None,
    archived: bool | None,
    order: Order,
    direction: Direction,
    place: Place | None,
    limit: int,
) -> list[Row]:
    """Up to `limit + 1` rows of `bucket_list`, of which the first may have no bucket.

    Raises: `Unauthorized` when the actor's token is worthless.
    """
    statement = bucket_list(order, direction, is_search=words is not None, archived=archived)
    values = access.values(actor, words=words and fold(words), **paging.page_values(limit, place))
    return access.require_active(execute(statement, values))


def add_bucket(actor: Actor, bucket: BucketRow, held_at_most: int | None) -> BucketRow | None:
    """The new bucket, last of all; None when the id is taken or the actor's token is worthless.

    None as well when there are more than `held_at_most` before; without that, nobody counts.
    """
    values = access.values(actor, now=bucket.created_at, held_at_most=held_at_most, **_values(bucket))
    rows = execute(add_statement(is_counted=held_at_most is not None), values)
    return bucket._replace(position=rows[0][0], version=rows[0][1]) if rows else None


def change_bucket(actor: Actor, bucket: BucketRow, now: str, fields: str | None) -> BucketRow | None:
    """Write what `bucket` says; None when it is not at the version of `bucket` any more.

    `fields` is what history tells of it.
    """
    values = access.values(actor, now=now, seen_version=bucket.version, fields=fields, **_values(bucket))
    rows = execute(CHANGE_BUCKET, values)
    return bucket._replace(modified_at=now, version=rows[0][1]) if rows else None


def trash_bucket(actor: Actor, bucket: BucketRow) -> str | None:
    """Where it lies in the trash now; None when it is not at the version of `bucket` any more."""
    return move_to_trash(TRASH_BUCKET, actor, bucket.id, bucket.version, "bucket_id")


def restore_bucket(actor: Actor, trash_id: str, bucket_id: str) -> bool:
    """Take it out of the trash. False when it does not lie there, or the actor's token is worthless."""
    return take_out(RESTORE_BUCKET, actor, trash_id, bucket_id)


def order_buckets(actor: Actor, ids: Sequence[str]) -> bool:
    """Give them the positions of `ids`. False, and nothing is moved, when they are others. The account is locked."""
    values = access.values(actor, ids=listed(ids))
    if tuple(execute(COMPARE_ORDER, values)[0]) != (len(ids), len(ids)):
        return False
    execute(ORDER_BUCKETS, values)
    return True


def arrange_buckets(actor: Actor, some: Sequence[str]) -> bool:
    """Have some trade places. False, and nothing is moved, when one is not there any more. The account is locked."""
    ids = ordering.traded([row[0] for row in execute(BUCKETS_IN_ORDER, access.values(actor))], some)
    return ids is not None and order_buckets(actor, ids)


def _values(bucket: BucketRow) -> dict[str, Value]:
    texts = statements.texts(bucket.name, bucket.description)
    return {**texts, "bucket_id": bucket.id, "archived": int(bucket.archived)}
