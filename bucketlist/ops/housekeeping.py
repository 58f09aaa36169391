"""Background jobs (housekeeping): expired rows are pruned, the database is looked at, whether or not anybody asks."""

from random import uniform

import structlog

from bucketlist.kit.background import PeriodicThread, run_every
from bucketlist.kit.db.pruning import leftover
from bucketlist.ops import queries
from bucketlist.ops.drift import warn_of_drift
from bucketlist.ops.pruning import prune
from bucketlist.services import Services

SECONDS_BETWEEN = 3600.0

log = structlog.get_logger()


def start_housekeeping(services: Services) -> list[PeriodicThread]:
    """Threads that look at the database and at other servers at once, prune within minutes, and do it again every hour.

    One prunes at once when a request has left something to it. Workers do not mind each other.
    """
    spread = uniform(60, 300)  # noqa: S311  # of the workers; it keeps no secret
    return [
        run_every(SECONDS_BETWEEN, services.at_work()(prune), "pruning", first_after=spread, wake=leftover),
        run_every(SECONDS_BETWEEN, services.at_work()(warn_of_weak_settings), "durability_check"),
        run_every(SECONDS_BETWEEN, services.at_work()(warn_of_drift), "drift_check"),
    ]


def warn_of_weak_settings() -> None:
    """A warning in the log for each setting by which the database may lose what it has acknowledged."""
    for name in queries.find_weak_settings():
        advice = f"PostgreSQL has {name} off: what was acknowledged may be lost when it crashes or the power fails."
        log.warning("durability_is_weak", setting=name, advice=advice)
