"""Service layer of the trash: what somebody deleted is kept for 30 days, restored whole, or purged.

What is emptied is gone at once and for good; its rows go later, as `purging/service.py` has it. So what lay in it, and
had been deleted by itself before, goes with it.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from bucketlist import config
from bucketlist.auth import access
from bucketlist.auth.actor import Actor
from bucketlist.buckets.service import restore_bucket
from bucketlist.entries.service import restore_entry
from bucketlist.items.service import restore_item
from bucketlist.kit import clock
from bucketlist.kit.db.database import in_transaction
from bucketlist.kit.errors import NotFound
from bucketlist.kit.paging import Page, Pager
from bucketlist.photos.service import restore_photo
from bucketlist.purging import service as purging
from bucketlist.purging.tombstones import Tombstone
from bucketlist.trash import queries
from bucketlist.trash.errors import ParentInTrash
from bucketlist.trash.queries import Trashed
from bucketlist.trash.schemas import KEPT_DAYS, SCHEMAS, TrashQuery

RESTORE: dict[str, Callable[[Actor, str, str], Any]] = {
    "bucket": restore_bucket,
    "item": restore_item,
    "entry": restore_entry,
    "photo": restore_photo,
}


class Restored(NamedTuple):
    """The fields of `RestoredOut`."""

    kind: str
    id: str
    data: dict[str, Any]


def list_trash(actor: Actor, query: TrashQuery) -> Page:
    """Newest first. Raises: `Unauthorized`, `Invalid` for a cursor of another list."""
    pager = Pager(config.current().key("cursor"), ("trash", actor.user_id))
    direction, place = pager.read(query.cursor)
    return pager.page(queries.list_trash(actor, direction, place, query.limit), query.limit, direction)


@in_transaction
def restore(actor: Actor, trash_id: str) -> Restored:
    """It is back in its old place, with all that went with it.

    What lies in the trash counts in every quota, so that there is room for it.
    Raises: `Unauthorized`, `NotFound`, `ParentInTrash`.
    """
    access.lock_account(actor)
    row = _get_trash(actor, trash_id)
    if parent := queries.find_parent(actor.user_id, row):
        told = {"kind": parent.kind, "id": parent.thing_id, "trashId": parent.id, "name": parent.name}
        raise ParentInTrash(
            f"The {parent.kind} that this was in lies in the trash as well; restore that first.", parent=told
        )
    thing = RESTORE[row.kind](actor, row.id, row.thing_id)
    return Restored(row.kind, row.thing_id, SCHEMAS[row.kind].to_json_object(thing))


def restore_item_of(actor: Actor, item_id: str) -> Restored:
    """The same of an item, wherever it lies. Raises: `Unauthorized`, `NotFound`, `ParentInTrash`."""
    trash_id = queries.find_trash_of_item(actor.user_id, item_id)
    if trash_id is None:
        raise NotFound
    return restore(actor, trash_id)


def empty(actor: Actor, trash_id: str | None = None) -> None:
    """This, or all. Raises: `Unauthorized`, `NotFound`."""
    if stone := _empty(actor, trash_id):
        purging.purge(stone)


def empty_old() -> None:
    """What everybody deleted `KEPT_DAYS` ago is still to be purged. Raises: `Unavailable`."""
    until = clock.text_from_now(days=-KEPT_DAYS)
    while owners := queries.find_owners_of_old(until):
        for user_id in sorted(owners):
            _empty_old(user_id, until)


def _get_trash(actor: Actor, trash_id: str) -> Trashed:
    """Raises: `NotFound`."""
    row = queries.find_trash(actor.user_id, trash_id)
    if row is None:
        raise NotFound
    return row


@in_transaction
def _empty(actor: Actor, trash_id: str | None) -> Tombstone | None:
    """It is gone; what is left of it has to be purged."""
    access.lock_account(actor)
    if trash_id is not None:
        _get_trash(actor, trash_id)
    queries.empty(actor.user_id, trash_id)
    stone = purging.empty_trash(actor.user_id)
    access.require_still_active(actor)
    return stone


@in_transaction
def _empty_old(user_id: str, until: str) -> None:
    purging.lock_account(user_id)
    queries.empty_old(user_id, until)
    purging.bury_trash(user_id)
