"""Pruning of limits: attempts, kept answers and known networks whose time is over."""

from bucketlist.kit.clock import now_text
from bucketlist.kit.db.driver import Values
from bucketlist.kit.db.pruning import Prune
from bucketlist.limits import idempotency, network_queries, rate_limit_queries


def prune_batches() -> list[tuple[Prune, Values]]:
    """What removes them."""
    now = now_text()
    return [
        *rate_limit_queries.prune_batches(now),
        *idempotency.prune_batches(),
        *network_queries.prune_batches(now),
    ]
