"""Service layer of items: what may be done with them, and what not."""

from collections.abc import Mapping
from typing import Any

from bucketlist import config
from bucketlist.auth.actor import Actor
from bucketlist.buckets.service import get_bucket
from bucketlist.items import queries, quotas
from bucketlist.items.queries import ItemRow
from bucketlist.items.schemas import ItemIn, ItemQuery
from bucketlist.kit import clock
from bucketlist.kit.db.errors import ConstraintViolation
from bucketlist.kit.errors import IdTaken, Invalid, NotFound
from bucketlist.kit.etags import Preconditions, make_etag
from bucketlist.kit.ids import new_id
from bucketlist.kit.optimistic_locking import update_if_unchanged
from bucketlist.kit.paging import Order, Page, Pager
from bucketlist.limits import storage


def etag_of(item: ItemRow) -> str:
    return make_etag(item.version, item.modified_at)


def get_item(actor: Actor, item_id: str) -> ItemRow:
    """Raises: `Unauthorized`, `NotFound`."""
    item = queries.find_item(actor, item_id)
    if item is None:
        raise NotFound
    return item


def list_items(actor: Actor, bucket_id: str | None, query: ItemQuery) -> Page:
    """Those of a bucket, or of all. Raises: `Unauthorized`, `NotFound`, `Invalid` for a cursor of another list."""
    pager = Pager(config.current().key("cursor"), ("items", actor.user_id, bucket_id, query.q, query.sort))
    direction, place = pager.read(query.cursor)
    rows = queries.list_items(actor, bucket_id, query.q, Order.parse(query.sort), direction, place, query.limit)
    if rows is None:
        raise NotFound
    return pager.page(rows, query.limit, direction)


def add_item(actor: Actor, bucket_id: str, wanted: ItemIn) -> ItemRow:
    """Raises: `Unauthorized`, `NotFound`, `IdTaken`, `LimitReached`, `StorageFull`."""
    now = clock.now_text()
    fields = {**vars(wanted), "id": wanted.id or new_id(), "bucket_id": bucket_id}
    item = ItemRow(**fields, position=0, created_at=now, modified_at=now, version=1)

    def refuse() -> None:
        get_bucket(actor, bucket_id)
        if queries.is_id_taken(actor, item.id):
            raise IdTaken

    def add() -> ItemRow:
        return quotas.ITEMS.add(actor, lambda held_at_most: queries.add_item(actor, item, held_at_most), refuse)

    try:
        return storage.write_counted(actor, _size_of(item), add)
    except ConstraintViolation:  # the bucket was deleted at the same moment
        raise NotFound from None


def change_item(actor: Actor, item_id: str, changes: Mapping[str, Any], conditions: Preconditions) -> ItemRow:
    """Change the fields that `changes` names; when they are so already, nothing moves.

    Raises: `Unauthorized`, `NotFound`, `Invalid` for the bucket to move to, `PreconditionFailed`, `StorageFull`,
        `Conflict`.
    """

    def edit(item: ItemRow) -> ItemRow:
        wanted = item._replace(**changes)
        if wanted.bucket_id != item.bucket_id:
            _refuse_strange_bucket(actor, wanted.bucket_id)
        return wanted

    return update_if_unchanged(
        lambda: _get_as_known(actor, item_id, conditions),
        edit,
        lambda item, wanted: _write_change(actor, item, wanted),
    )


def _get_as_known(actor: Actor, item_id: str, conditions: Preconditions) -> ItemRow:
    """Raises: `Unauthorized`, `NotFound`, `PreconditionFailed`."""
    item = get_item(actor, item_id)
    conditions.refuse(etag_of(item))
    return item


def _write_change(actor: Actor, item: ItemRow, wanted: ItemRow) -> ItemRow | None:
    now = clock.text_after(item.modified_at)
    has_other_texts = (item.name, item.description) != (wanted.name, wanted.description)
    added = _size_of(wanted) - _size_of(item) if has_other_texts else 0
    try:
        return storage.write_counted(actor, added, lambda: queries.change_item(actor, wanted, now))
    except ConstraintViolation:  # the bucket to move to was deleted at the same moment
        raise _no_such_bucket() from None


def _size_of(item: ItemRow) -> int:
    return storage.size_of(item.name, item.description)


def _refuse_strange_bucket(actor: Actor, bucket_id: str) -> None:
    """Raises: `Unauthorized`, `Invalid`: the item is there, so what is wrong is in the body."""
    try:
        get_bucket(actor, bucket_id)
    except NotFound:
        raise _no_such_bucket() from None


def _no_such_bucket() -> Invalid:
    detail = "There is no bucket of yours with this id."
    return Invalid(errors=[{"pointer": "/bucketId", "code": "bucket_not_found", "detail": detail}])


def delete_item(actor: Actor, item_id: str, conditions: Preconditions) -> None:
    """Raises: `Unauthorized`, `NotFound`, `PreconditionFailed`, `Conflict`."""

    def delete(item: ItemRow, _: None) -> bool:
        return storage.write_counted(actor, -_size_of(item), lambda: queries.delete_item(actor, item))

    update_if_unchanged(lambda: _get_as_known(actor, item_id, conditions), lambda _: None, delete)
