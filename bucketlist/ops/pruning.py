"""Pruning: what has expired is deleted, of everybody, in batches. Each room says what that is of its own."""

from functools import partial

from bucketlist.accounts import invitations
from bucketlist.kit.clock import now_text
from bucketlist.kit.db.pruning import delete_all, do_all
from bucketlist.limits import idempotency as retries
from bucketlist.limits import network_queries
from bucketlist.limits import rate_limit_queries as attempt_queries
from bucketlist.mail import notifications as notices
from bucketlist.purging import service as purges
from bucketlist.sessions import lifecycle_queries as session_queries


def prune() -> None:
    """Delete what has expired, of everybody, and what is left of deleted accounts and buckets.

    Raises: `Unavailable` when some of it could not be deleted; the rest is.
    """
    now = now_text()
    batches = [
        *session_queries.prune_batches(now),
        *attempt_queries.prune_batches(now),
        *retries.prune_batches(),
        *network_queries.prune_batches(now),
        *notices.prune_batches(),
        *invitations.prune_batches(),
    ]
    do_all([*(partial(delete_all, *batch) for batch in batches), purges.purge_all])
