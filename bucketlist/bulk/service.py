"""Service layer of bulk actions: several items at once in one transaction, and one undo for all of them.

What was done is an act: the numbers that its writes took in the change log, which nobody else of the account can have
taken in between. So an undo needs no more than the first and the last of them; the log knows what was before. What has
changed since stays as it is.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from bucketlist.auth import access
from bucketlist.auth.actor import Actor
from bucketlist.history import service as history
from bucketlist.history.service import Change
from bucketlist.items import service as items
from bucketlist.kit.db.database import in_transaction
from bucketlist.kit.errors import Conflict, Invalid, NotFound, PreconditionFailed
from bucketlist.kit.etags import Preconditions, make_etag
from bucketlist.trash import service as trash

MOST_AT_ONCE = 500  # items that one act changes or adds
TAKEN_BACK = {"state": "state", "droppedReason": "dropped_reason", "tags": "tags", "bucketId": "bucket_id"}


class Act(NamedTuple):
    """What was done at once: the first and last number of it, and of how many items. None of them, when nothing was."""

    first: int
    last: int
    size: int


def _act_of(versions: Sequence[int]) -> Act | None:
    return Act(min(versions), max(versions), len(versions)) if versions else None


@in_transaction
def change_items(actor: Actor, ids: Iterable[str], changes_of: Callable[[Any], Mapping[str, Any]]) -> Act | None:
    """Change each item as `changes_of` says of it; what is gone meanwhile is passed over.

    Raises: `Unauthorized`, `Invalid` for the bucket to move to, `StorageFull`, and whatever `changes_of` raises; then
    nothing is changed.
    """
    access.lock_account(actor)
    versions = []
    for item_id in dict.fromkeys(ids):
        try:
            before = items.get_item(actor, item_id)
        except NotFound:
            continue
        after = items.change_item(actor, item_id, changes_of(before), Preconditions())
        if after.version != before.version:
            versions.append(after.version)
    return _act_of(versions)


@in_transaction
def trash_items(actor: Actor, ids: Iterable[str]) -> Act | None:
    """Move each item to the trash; what is gone meanwhile is passed over. Raises: `Unauthorized`."""
    access.lock_account(actor)
    before, size = history.last_number(actor), 0
    for item_id in dict.fromkeys(ids):
        try:
            items.delete_item(actor, item_id, Preconditions())
        except NotFound:
            continue
        size += 1
    return Act(before + 1, history.last_number(actor), size) if size else None


@in_transaction
def add_items(actor: Actor, bucket_id: str, wanted: Iterable[Any]) -> Act | None:
    """Add them to a bucket in their order. Raises: `Unauthorized`, `NotFound`, `LimitReached`, `StorageFull`."""
    access.lock_account(actor)
    return _act_of([items.add_item(actor, bucket_id, one).version for one in wanted])


def undo(actor: Actor, first: int, last: int) -> int:
    """Take back what was done to items by an act; of how many. Raises: `Unauthorized`."""
    return sum(_take_back(actor, change) for change in history.list_act(actor, first, last, MOST_AT_ONCE))


def _take_back(actor: Actor, change: Change) -> bool:
    """False for what has changed since, or cannot be as it was."""
    seen = Preconditions(if_match=make_etag(change.number, change.at))
    before = {TAKEN_BACK[name]: was for name, (was, _) in change.fields.items() if name in TAKEN_BACK}
    try:
        if change.action == "created":
            items.delete_item(actor, change.item_id, seen)
        elif change.action == "deleted":
            trash.restore_item_of(actor, change.item_id)
        elif change.action == "changed" and before:
            items.change_item(actor, change.item_id, before, seen)
        else:
            return False
    except (Conflict, Invalid, NotFound, PreconditionFailed):
        return False
    return True
