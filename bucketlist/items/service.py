"""Service layer of items: what may be done with them, and what not."""

from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any

from pydantic import MISSING
from pydantic_core import to_json

from bucketlist import config
from bucketlist.auth.access import require_still_active
from bucketlist.auth.actor import Actor
from bucketlist.auth.recording import words_of
from bucketlist.buckets.service import SHOWN, get_bucket, lock_bucket
from bucketlist.entries import service as entries
from bucketlist.items import list_queries, queries, quotas
from bucketlist.items.list_queries import Filters
from bucketlist.items.queries import ItemRow
from bucketlist.items.schemas import LISTS, ItemIn, ItemOut, ItemQuery
from bucketlist.kit import clock
from bucketlist.kit.db.database import database, in_transaction
from bucketlist.kit.db.errors import ConstraintViolation
from bucketlist.kit.errors import IdTaken, Invalid, NotFound, OrderDiffers
from bucketlist.kit.etags import Preconditions, make_etag
from bucketlist.kit.fuzzy_dates import NO_RANK, FuzzyDate, first_rank
from bucketlist.kit.ids import new_id
from bucketlist.kit.optimistic_locking import delete_if_unchanged, update_if_unchanged
from bucketlist.kit.paging import Order, Page, Pager
from bucketlist.kit.text import fold, fold_once
from bucketlist.limits import storage
from bucketlist.tags.encoding import join, respell, spellings_of
from bucketlist.tags.service import write_spelt

_folded_of, _plain_of = attrgetter(*storage.FOLDED), attrgetter(*storage.PLAIN)


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
    filters = _filters_of(query, archived=SHOWN[query.archived or ("any" if bucket_id else "false")])
    is_chosen = filters.are_there or filters.archived is not (None if bucket_id else False)
    chosen = filters if is_chosen else ()
    pager = Pager(config.current().key("cursor"), ("items", actor.user_id, bucket_id, query.q, query.sort, *chosen))
    direction, place = pager.read(query.cursor)
    order = Order.parse(query.sort)
    rows = list_queries.list_items(actor, bucket_id, filters, order, direction, place, query.limit)
    if rows is None:
        raise NotFound
    return pager.page(rows, query.limit, direction)


def _filters_of(query: ItemQuery, *, archived: bool | None) -> Filters:
    """What the parameters of a list mean. A filter by targets leaves out what has none."""
    before, after = query.target_before, query.target_after
    most_rank = NO_RANK - 1 if query.targeted else NO_RANK
    filters = Filters(
        query.q,
        least_rank=NO_RANK if query.targeted is False else 0,
        most_rank=first_rank(FuzzyDate.parse(before).first) - 1 if before else most_rank,
        first_after=FuzzyDate.parse(after).last if after else -1,
        tags=tuple(sorted(set(map(fold, query.tag)))) if query.tag else (),
        archived=archived,
    )
    return filters._replace(states=tuple(sorted(set(query.state)))) if query.state else filters


def find_names(actor: Actor, bucket_id: str, names: Sequence[str]) -> set[str]:
    """Those of the `names` that an item of the bucket has already, in capitals or not. Raises: `Unauthorized`."""
    folded = {name: fold_once(name) for name in names}
    found = queries.find_names(actor, bucket_id, list(folded.values()))
    return {name for name, one in folded.items() if one in found}


def add_item(actor: Actor, bucket_id: str, wanted: ItemIn) -> ItemRow:
    """With its first entry, if there is one: both or neither.

    Raises: `Unauthorized`, `NotFound`, `IdTaken`, `LimitReached`, `StorageFull`.
    """
    item, story = _row_of(wanted, bucket_id), wanted.entry
    first = None if story is MISSING else entries.row_of(story, item.id)
    item = item._replace(times_done=int(first.completes) if first else 0)

    def refuse() -> None:
        get_bucket(actor, bucket_id)
        if queries.is_id_taken(actor, item.id):
            raise IdTaken

    def add(tags: str | None) -> ItemRow:
        spelt = item._replace(tags=tags)

        def insert(held_at_most: int | None) -> ItemRow | None:
            return queries.add_item(actor, spelt, held_at_most)

        added = storage.write_counted(actor, _size_of(spelt), lambda: quotas.ITEMS.add(actor, insert, refuse))
        if first:
            entries.insert_entry(actor, first)
        return added

    def add_spelt() -> ItemRow:
        return write_spelt(actor, item.id, None, item.tags, add)

    try:
        return database().run_in_transaction(add_spelt) if first else add_spelt()
    except ConstraintViolation:  # the bucket was deleted at the same moment
        raise NotFound from None


def change_item(actor: Actor, item_id: str, changes: Mapping[str, Any], conditions: Preconditions) -> ItemRow:
    """Change the fields that `changes` names; when they are so already, nothing moves.

    Raises: `Unauthorized`, `NotFound`, `Invalid` for the bucket to move to, `PreconditionFailed`, `StorageFull`,
        `Conflict`.
    """

    kept = _as_kept(changes)

    def edit(item: ItemRow) -> ItemRow:
        wanted = _in_order(item._replace(**kept))
        if wanted.tags != item.tags:
            wanted = wanted._replace(tags=respell(wanted.tags, spellings_of(item.tags)))
        if wanted.bucket_id != item.bucket_id:
            _refuse_strange_bucket(actor, wanted.bucket_id)
        return wanted

    return update_if_unchanged(
        lambda: _get_as_known(actor, item_id, conditions),
        edit,
        lambda item, wanted: _write_change(actor, item, wanted),
    )


@in_transaction
def order_items(actor: Actor, bucket_id: str, ids: Sequence[str]) -> None:
    """All items of a bucket. Raises: `Unauthorized`, `NotFound`, `OrderDiffers`."""
    lock_bucket(actor, bucket_id)
    if not queries.order_items(actor, bucket_id, ids):
        raise OrderDiffers
    require_still_active(actor)


@in_transaction
def arrange_items(actor: Actor, bucket_id: str, some: Sequence[str]) -> None:
    """Some items of a bucket trade places. Raises: `Unauthorized`, `NotFound`, `OrderDiffers`."""
    lock_bucket(actor, bucket_id)
    if not queries.arrange_items(actor, bucket_id, some):
        raise OrderDiffers
    require_still_active(actor)


def _get_as_known(actor: Actor, item_id: str, conditions: Preconditions) -> ItemRow:
    """Raises: `Unauthorized`, `NotFound`, `PreconditionFailed`."""
    item = get_item(actor, item_id)
    conditions.refuse(etag_of(item))
    return item


def _write_change(actor: Actor, item: ItemRow, wanted: ItemRow) -> ItemRow | None:
    now = clock.text_after(item.modified_at)

    def change(tags: str | None) -> ItemRow | None:
        spelt = wanted._replace(tags=tags)
        added = _size_of(spelt) - _size_of(item) if _texts_of(spelt) != _texts_of(item) else 0
        fields = words_of(ItemOut, item, spelt)
        words = storage.size_of_words(fields)
        return storage.write_counted(actor, added, lambda: queries.change_item(actor, spelt, now, fields), words=words)

    try:
        return write_spelt(actor, item.id, item.tags, wanted.tags, change)
    except ConstraintViolation:  # the bucket to move to was deleted at the same moment
        raise _no_such_bucket() from None


def _row_of(wanted: ItemIn, bucket_id: str) -> ItemRow:
    """An item that is still to be written."""
    now = clock.now_text()
    fields = {name: value for name, value in vars(wanted).items() if name != "entry"}
    made = {"id": wanted.id or new_id(), "bucket_id": bucket_id, "times_done": 0, "position": 0, "version": 1}
    return _in_order(ItemRow(**_as_kept(fields) | made, created_at=now, modified_at=now))


def _as_kept(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a body as a row has them: lists are texts, and null when they are empty."""
    lists = {name: to_json(fields[name]).decode() if fields[name] else None for name in LISTS if name in fields}
    return {**fields, **lists, **({"tags": join(fields["tags"])} if "tags" in fields else {})}


def _in_order(item: ItemRow) -> ItemRow:
    """A reason for letting go belongs to what was let go."""
    return item if item.state == "dropped" or item.dropped_reason is None else item._replace(dropped_reason=None)


def _texts_of(item: ItemRow) -> tuple[tuple[str | None, ...], tuple[str | None, ...]]:
    """What counts towards the storage of an account: texts that have a folded copy, and the others."""
    return _folded_of(item), _plain_of(item)


def _size_of(item: ItemRow) -> int:
    folded, plain = _texts_of(item)
    return storage.size_of(*folded, plain=plain)


def _refuse_strange_bucket(actor: Actor, bucket_id: str) -> None:
    """Raises: `Unauthorized`, `Invalid`: the item is there, so what is wrong is in the body."""
    try:
        get_bucket(actor, bucket_id)
    except NotFound:
        raise _no_such_bucket() from None


def _no_such_bucket() -> Invalid:
    detail = "There is no bucket of yours with this id."
    return Invalid(errors=[{"pointer": "/bucketId", "code": "bucket_not_found", "detail": detail}])


def delete_item(actor: Actor, item_id: str, conditions: Preconditions) -> str:
    """Move it to the trash, with its story; gives where it lies there.

    Raises: `Unauthorized`, `NotFound`, `PreconditionFailed`, `Conflict`.
    """
    return delete_if_unchanged(
        lambda: _get_as_known(actor, item_id, conditions), lambda item: queries.trash_item(actor, item)
    )


def restore_item(actor: Actor, trash_id: str, item_id: str) -> ItemRow:
    """Part of a transaction: it is back in its place, with its story. Raises: `Unauthorized`, `NotFound`."""
    queries.restore_item(actor, trash_id, item_id)
    return get_item(actor, item_id)
