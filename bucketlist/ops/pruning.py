"""Pruning: what has expired is deleted, of everybody, in batches. Each room says what that is of its own."""

from functools import partial

from bucketlist.accounts import invitations
from bucketlist.kit.clock import now_text
from bucketlist.kit.db.pruning import delete_all, do_all
from bucketlist.limits import idempotency, network_queries, rate_limit_queries
from bucketlist.mail import notifications
from bucketlist.purging import service as purging
from bucketlist.sessions import lifecycle_queries


def prune() -> None:
    """Delete what has expired, of everybody, and what is left of deleted accounts and buckets.

    Raises: `Unavailable` when some of it could not be deleted; the rest is.
    """
    now = now_text()
    batches = [
        *lifecycle_queries.prune_batches(now),
        *rate_limit_queries.prune_batches(now),
        *idempotency.prune_batches(),
        *network_queries.prune_batches(now),
        *notifications.prune_batches(),
        *invitations.prune_batches(),
    ]
    do_all([*(partial(delete_all, *batch) for batch in batches), purging.purge_all])
