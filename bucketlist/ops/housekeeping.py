"""What has to be done now and then, whether or not anybody asks: remove what has expired."""

import threading
from random import uniform

import structlog
from flask import Flask

from bucketlist.auth.retries import prune
from bucketlist.kit.errors import Unavailable

HOURS_BETWEEN = 1.0

log = structlog.get_logger()


def start_housekeeping(app: Flask) -> threading.Thread:
    """A thread that prunes within minutes of the start, then every hour; workers do not mind each other."""
    thread = threading.Thread(target=_keep, args=(app,), name="housekeeping", daemon=True)
    thread.start()
    return thread


def _keep(app: Flask) -> None:
    pause = threading.Event()
    seconds = uniform(60, 300)  # noqa: S311  # spreads the workers, keeps no secret
    while not pause.wait(seconds):
        with app.app_context():
            try:
                prune()
            except Unavailable:
                log.warning("pruning_failed", reason="database unavailable")
        seconds = HOURS_BETWEEN * 3600
