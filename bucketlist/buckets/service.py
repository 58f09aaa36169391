"""Service layer of buckets: what may be done with them, and what not."""

from collections.abc import Mapping, Sequence
from typing import Any

from bucketlist import config
from bucketlist.auth import access
from bucketlist.auth.actor import Actor
from bucketlist.auth.recording import words_of
from bucketlist.buckets import queries, quotas
from bucketlist.buckets.queries import BucketRow
from bucketlist.buckets.schemas import BucketIn, BucketOut, BucketQuery
from bucketlist.kit import clock
from bucketlist.kit.db.database import in_transaction
from bucketlist.kit.errors import IdTaken, NotFound, OrderDiffers
from bucketlist.kit.etags import Preconditions, make_etag
from bucketlist.kit.ids import new_id
from bucketlist.kit.optimistic_locking import delete_if_unchanged, update_if_unchanged
from bucketlist.kit.paging import Order, Page, Pager
from bucketlist.limits import storage

SHOWN = {"true": True, "false": False, "any": None}  # of buckets, those that are archived


def etag_of(bucket: BucketRow) -> str:
    """Its counts are in the body, so they are in here, though they are no change of the bucket itself."""
    return make_etag(bucket.version, bucket.item_count, bucket.done_count, bucket.modified_at)


def get_bucket(actor: Actor, bucket_id: str) -> BucketRow:
    """Raises: `Unauthorized`, `NotFound`."""
    bucket = queries.find_bucket(actor, bucket_id)
    if bucket is None:
        raise NotFound
    return bucket


def list_buckets(actor: Actor, query: BucketQuery) -> Page:
    """Raises: `Unauthorized`, `Invalid` for a cursor of another list."""
    archived = SHOWN[query.archived]
    chosen = () if archived is False else (archived,)
    pager = Pager(config.current().key("cursor"), ("buckets", actor.user_id, query.q, query.sort, *chosen))
    direction, place = pager.read(query.cursor)
    rows = queries.list_buckets(actor, query.q, archived, Order.parse(query.sort), direction, place, query.limit)
    return pager.page(rows, query.limit, direction)


def add_bucket(actor: Actor, wanted: BucketIn) -> BucketRow:
    """Raises: `Unauthorized`, `IdTaken`, `LimitReached`, `StorageFull`."""
    now = clock.now_text()
    fields = {**wanted.model_dump(), "id": wanted.id or new_id()}
    bucket = BucketRow(**fields, position=0, item_count=0, done_count=0, created_at=now, modified_at=now, version=1)

    def refuse() -> None:
        if queries.is_id_taken(actor, bucket.id):
            raise IdTaken

    def add() -> BucketRow:
        return quotas.BUCKETS.add(actor, lambda held_at_most: queries.add_bucket(actor, bucket, held_at_most), refuse)

    return storage.write_counted(actor, _size_of(bucket), add)


def change_bucket(actor: Actor, bucket_id: str, changes: Mapping[str, Any], conditions: Preconditions) -> BucketRow:
    """Change the fields that `changes` names; when they are so already, nothing moves.

    Raises: `Unauthorized`, `NotFound`, `PreconditionFailed`, `StorageFull`, `Conflict`.
    """
    return update_if_unchanged(
        lambda: _get_as_known(actor, bucket_id, conditions),
        lambda bucket: bucket._replace(**changes),
        lambda bucket, wanted: _write_change(actor, bucket, wanted),
    )


@in_transaction
def order_buckets(actor: Actor, ids: Sequence[str]) -> None:
    """All of them, archived ones too. Raises: `Unauthorized`, `OrderDiffers`."""
    access.lock_account(actor)
    if not queries.order_buckets(actor, ids):
        raise OrderDiffers
    access.require_still_active(actor)


@in_transaction
def arrange_buckets(actor: Actor, some: Sequence[str]) -> None:
    """Some of them trade places; the others keep theirs. Raises: `Unauthorized`, `OrderDiffers`."""
    access.lock_account(actor)
    if not queries.arrange_buckets(actor, some):
        raise OrderDiffers
    access.require_still_active(actor)


def lock_bucket(actor: Actor, bucket_id: str) -> None:
    """Nobody else changes it, or adds an item to it, until the transaction ends. Raises: `Unauthorized`, `NotFound`."""
    access.lock_account(actor)  # as whoever writes to a recorded table does, by taking a number
    get_bucket(actor, bucket_id)


def _get_as_known(actor: Actor, bucket_id: str, conditions: Preconditions) -> BucketRow:
    """Raises: `Unauthorized`, `NotFound`, `PreconditionFailed`."""
    bucket = get_bucket(actor, bucket_id)
    conditions.refuse(etag_of(bucket))
    return bucket


def _write_change(actor: Actor, bucket: BucketRow, wanted: BucketRow) -> BucketRow | None:
    now = clock.text_after(bucket.modified_at)
    fields = words_of(BucketOut, bucket, wanted)
    added, words = _size_of(wanted) - _size_of(bucket), storage.size_of_words(fields)
    return storage.write_counted(actor, added, lambda: queries.change_bucket(actor, wanted, now, fields), words=words)


def _size_of(bucket: BucketRow) -> int:
    return storage.size_of(bucket.name, bucket.description)


@in_transaction
def delete_bucket(actor: Actor, bucket_id: str, conditions: Preconditions) -> str:
    """Move it to the trash, with its items; gives where it lies there.

    Raises: `Unauthorized`, `NotFound`, `PreconditionFailed`, `Conflict`.
    """
    access.lock_account(actor)  # its counts are in its ETag
    return delete_if_unchanged(
        lambda: _get_as_known(actor, bucket_id, conditions), lambda bucket: queries.trash_bucket(actor, bucket)
    )


def restore_bucket(actor: Actor, trash_id: str, bucket_id: str) -> BucketRow:
    """Part of a transaction: it is back in its place, with its items. Raises: `Unauthorized`, `NotFound`."""
    queries.restore_bucket(actor, trash_id, bucket_id)
    return get_bucket(actor, bucket_id)
