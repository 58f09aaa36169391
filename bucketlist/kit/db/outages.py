"""Outage logging: why the database cannot be used, in the words of its driver, each at most once a minute."""

import re
from threading import Lock

import structlog

from bucketlist.kit.db.driver import Connection
from bucketlist.kit.db.pool import Pool
from bucketlist.kit.errors import Unavailable
from bucketlist.kit.seldom import Seldom

SECONDS_BETWEEN = 60.0
REASON_LENGTH = 300

without_numbers = re.compile(r"[0-9]+").sub

log = structlog.get_logger()


class Outages:
    """Those of one process. A reason never holds an address or a password."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._seldom = Seldom(SECONDS_BETWEEN)

    def tell(self, error: Unavailable) -> None:
        """A line `database_unavailable` with the reason, and how many of it were left out since the last one.

        Numbers of processes, files and ports make no other reason.
        """
        if error.is_told:
            return
        error.is_told = True
        reason = clean(error.reason) or type(error).__name__
        with self._lock:
            left_out = self._seldom.untold(without_numbers("0", reason))
        if left_out is not None:
            log.error("database_unavailable", reason=reason, left_out=left_out)


def clean(reason: str) -> str:
    """In one line, in linear time: what the driver repeats may be a text of a request."""
    return " ".join(map(_without_secret, reason.split()))[:REASON_LENGTH]


def _without_secret(word: str) -> str:
    before, is_there, _ = word.partition("password=")
    return "…" if "://" in word else before + "…" if is_there else word


def refuse_obstacles(pool: Pool[Connection], outages: Outages) -> None:
    """Raises: `Unavailable`, which says why, when nothing could be written."""
    obstacle = None
    for _ in range(2):  # the first connection may be an old one, of other times
        connection = pool.acquire(checked=True)
        try:
            obstacle = connection.find_obstacle()
            connection.is_broken = connection.is_broken or obstacle is not None
        finally:
            pool.release(connection)
        if obstacle is None:
            return
        pool.suspect()
    refusal = Unavailable(obstacle, reason=obstacle)
    outages.tell(refusal)
    raise refusal
