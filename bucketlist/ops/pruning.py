"""Pruning: what has expired is deleted, of everybody, in batches. Each room says what that is of its own."""

from functools import partial

from bucketlist.accounts import invitations
from bucketlist.kit.db.pruning import delete_all, do_all
from bucketlist.limits import pruning as limits
from bucketlist.mail import notifications
from bucketlist.photos import service as photos
from bucketlist.purging import service as purging
from bucketlist.sessions import lifecycle
from bucketlist.trash import service as trash

ROOMS = (lifecycle, limits, notifications, invitations)


def prune() -> None:
    """Delete what has expired, of everybody, what lay in the trash for long, what is left of accounts, and lost files.

    Raises: `Unavailable` when some of it could not be deleted; the rest is.
    """
    batches = [batch for room in ROOMS for batch in room.prune_batches()]
    expired = (partial(delete_all, *batch) for batch in batches)
    do_all([*expired, trash.empty_old, purging.purge_all, photos.sweep_orphans])
