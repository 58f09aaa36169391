"""Purge: what is gone for good is gone at once for everybody, and its rows go in batches, however many.

An account that fits into a batch goes as a whole, or not at all. Of what is larger, and of trash that is emptied, which
is hidden already, a tombstone says that it is to go; so nobody waits for long, and it goes on where it was if the
process is killed: by `prune`, which every worker does once an hour, and at once when its time in a request is over.
"""

from collections.abc import Sequence
from functools import partial

import structlog

from bucketlist.kit.db.database import database, in_transaction
from bucketlist.kit.db.pruning import NO_LIMIT, do_all, leftover, repeat
from bucketlist.kit.errors import Unavailable
from bucketlist.kit.file_storage import files
from bucketlist.purging import history_queries, queries
from bucketlist.purging.tombstones import Tombstone

SECONDS = 5.0  # that a request spends on the rows of what it deleted

log = structlog.get_logger()


def purge(stone: Tombstone, seconds: float | None = None) -> None:
    """Delete the rows of what is gone already, for `seconds`, or `SECONDS`; the rest is left to `purge_all`.

    Whoever deleted it is told that it is gone, whatever happens here.
    """
    try:
        is_done = _purge(stone, SECONDS if seconds is None else seconds)
    except Unavailable as failure:
        log.warning("purge_interrupted", kind=stone.kind, reason=failure.reason)
        is_done = False
    if not is_done:
        leftover.set()


def purge_all() -> None:
    """Finish what was begun, of everybody. Raises: `Unavailable` when some of it could not be finished."""
    begun = queries.find()
    do_all(partial(_purge, stone, NO_LIMIT) for stone in begun)
    do_all(partial(_purge, stone, NO_LIMIT) for stone in queries.find() if stone not in begun)  # what those have left


def _purge(stone: Tombstone, seconds: float) -> bool:
    return repeat(partial(_purge_some, stone), seconds)


@in_transaction
def _purge_some(stone: Tombstone) -> bool:
    """A batch. Is nothing left to do here? Without the tombstone somebody else has finished it."""
    if not queries.hold(stone):
        return True
    is_done = _delete_some(stone)
    if is_done:
        queries.remove(stone)
    return is_done


def _delete_some(stone: Tombstone) -> bool:
    if stone.kind == "account":
        return _delete_some_of_account(stone.user_id)
    if stone.kind == "tokens":
        return queries.delete_some_dead_tokens(stone.user_id)
    queries.lock_user(stone.user_id)
    if stone.kind == "history":
        return history_queries.forget_some(stone.user_id)
    return _delete_some_of_trash(stone.user_id)


def _delete_some_of_trash(user_id: str) -> bool:
    """When nothing is left of it, its history is left to `purge_all`."""
    purged = queries.delete_some_of_trash(user_id)
    if purged.file_ids:
        database().after_commit(partial(_remove_files, user_id, purged.file_ids))
    if purged.is_done:
        queries.add(Tombstone(user_id, "history", user_id))
    return purged.is_done


def delete_account(user_id: str) -> Tombstone | None:
    """Part of a transaction: nobody gets in any more. None when that was all, else what is to be purged."""
    queries.close_account(user_id)
    if _delete_some_of_account(user_id):
        return None
    queries.empty_user(user_id)
    return _bury(Tombstone(user_id, "account", user_id))


def _delete_some_of_account(user_id: str) -> bool:
    """Up to a batch of rows; is nothing left of it? With the last of them go the files."""
    is_done = queries.delete_some_of_account(user_id)
    if is_done:
        database().after_commit(partial(_remove_files, user_id))
    return is_done


def _remove_files(user_id: str, file_ids: Sequence[str] | None = None) -> None:
    """These, or all. What cannot be removed now is swept later, as files of which no row tells."""
    try:
        files().remove_files(user_id, file_ids) if file_ids else files().remove_owner(user_id)
    except Unavailable as failure:
        log.warning("files_were_left", reason=failure.reason)


def lock_account(user_id: str) -> None:
    """Row lock: nobody writes to what is recorded of this account until the transaction ends."""
    queries.lock_user(user_id)


def empty_trash(user_id: str) -> Tombstone | None:
    """Part of a transaction that has locked the account, and marked what goes. None when that was all."""
    if _delete_some_of_trash(user_id):
        return None
    return bury_trash(user_id)


def bury_trash(user_id: str) -> Tombstone:
    """Part of a transaction that has marked what goes: it is left to `purge_all`."""
    return _bury(Tombstone(user_id, "trash", user_id))


def _bury(stone: Tombstone) -> Tombstone:
    queries.add(stone)
    return stone
