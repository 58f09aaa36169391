"""What has to be done now and then, whether or not anybody asks: expired rows go, the database is looked at."""

import threading
from collections.abc import Callable
from random import uniform

import structlog
from flask import Flask

from bucketlist.auth.retries import prune
from bucketlist.kit.errors import Unavailable
from bucketlist.kit.pruning import leftover
from bucketlist.ops import queries

HOURS_BETWEEN = 1.0

log = structlog.get_logger()


def start_housekeeping(app: Flask) -> threading.Thread:
    """A thread that looks at the database server at once, and prunes within minutes; then both every hour.

    It prunes at once when a request has left something to it. Workers do not mind each other.
    """
    thread = threading.Thread(target=_keep, args=(app,), name="housekeeping", daemon=True)
    thread.start()
    return thread


def warn_of_weak_settings() -> None:
    """A warning in the log for each setting by which the database may lose what it has acknowledged."""
    for name in queries.find_weak_settings():
        advice = f"PostgreSQL has {name} off: what was acknowledged may be lost when it crashes or the power fails."
        log.warning("durability_is_weak", setting=name, advice=advice)


def _keep(app: Flask) -> None:
    _try(app, warn_of_weak_settings, "settings_not_read")
    seconds = uniform(60, 300)  # noqa: S311  # spreads the workers, keeps no secret
    while True:
        leftover.wait(seconds)
        leftover.clear()
        _try(app, prune, "pruning_failed")
        _try(app, warn_of_weak_settings, "settings_not_read")
        seconds = HOURS_BETWEEN * 3600


def _try(app: Flask, work: Callable[[], None], failure: str) -> None:
    with app.app_context():
        try:
            work()
        except Unavailable:
            log.warning(failure, reason="database unavailable")
        except Exception as error:  # a mistake of ours ends this round, and no other
            log.exception(failure, exc_info=error)
