"""Background jobs (housekeeping): expired rows are pruned, the database is looked at, whether or not anybody asks."""

import threading
from collections.abc import Callable
from random import uniform

import structlog

from bucketlist.kit.db.pruning import leftover
from bucketlist.kit.errors import Unavailable
from bucketlist.ops import queries
from bucketlist.ops.pruning import prune
from bucketlist.services import Services

HOURS_BETWEEN = 1.0

log = structlog.get_logger()


class Housekeeping:
    """A background thread that looks at the database server at once, and prunes within minutes; then both every hour.

    It prunes at once when a request has left something to it. Workers do not mind each other.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._stopped = False
        self._thread = threading.Thread(target=self._keep, name="housekeeping", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Return when the round under way is over, and begin no other."""
        self._stopped = True
        leftover.set()
        self._thread.join()

    def _keep(self) -> None:
        _try(self._services, warn_of_weak_settings, "settings_not_read")
        seconds = uniform(60, 300)  # noqa: S311  # spreads the workers, keeps no secret
        while True:
            leftover.wait(seconds)
            if self._stopped:
                return
            leftover.clear()
            _try(self._services, prune, "pruning_failed")
            _try(self._services, warn_of_weak_settings, "settings_not_read")
            seconds = HOURS_BETWEEN * 3600


def warn_of_weak_settings() -> None:
    """A warning in the log for each setting by which the database may lose what it has acknowledged."""
    for name in queries.find_weak_settings():
        advice = f"PostgreSQL has {name} off: what was acknowledged may be lost when it crashes or the power fails."
        log.warning("durability_is_weak", setting=name, advice=advice)


def _try(services: Services, work: Callable[[], None], failure: str) -> None:
    with services.at_work():
        try:
            work()
        except Unavailable:
            log.warning(failure, reason="database unavailable")
        except Exception as error:  # a mistake of ours ends this round, and no other
            log.exception(failure, exc_info=error)
