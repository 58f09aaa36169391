"""Configuration drift and clock skew: have all servers of one database one secret key, and the database's time?

With another key a server takes the tokens, cursors and links of the others for forged, and counts attempts apart from
them. Each tells of its key by the name under which PostgreSQL lists its connections. With another time a refresh token
that two servers are sent at once seems to have been stolen.
"""

import structlog

from bucketlist import config
from bucketlist.ops import queries

MOST_SKEW_SECONDS = 5.0  # of a server and the database; two servers then have no more than the grace of a refresh

KEY_DIFFERS = (
    "Another server uses this database with another SECRET_KEY: what one signs is worthless at the other. "
    "Give all of them the same one."
)

log = structlog.get_logger()


def warn_of_drift() -> None:
    """Warnings in the log, when the servers of this database do not agree. Raises: `Unavailable`."""
    if queries.is_any_named_otherwise(config.current().server_name):
        log.warning("secret_key_differs", reason=KEY_DIFFERS)
    seconds = queries.find_clock_skew()
    if abs(seconds) > MOST_SKEW_SECONDS:
        log.warning("clock_differs", seconds=round(seconds, 1), reason="The database’s is another; set both by NTP.")
