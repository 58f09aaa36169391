"""Readiness probe: does the database have all that this version needs, and does it take what is written?

Who asks is anybody, so that the answer names no table and no role; the log does.
"""

from bucketlist.kit.db.database import database
from bucketlist.kit.db.errors import SchemaLost
from bucketlist.kit.errors import Unavailable
from bucketlist.migrations import NEWEST_REVISION
from bucketlist.ops import queries

OTHER = "The database has another schema than this version; run “bucketlist db upgrade”."
LOST = "Something of the schema is gone or out of sight; the log says what, and so does “bucketlist verify”."
CLOSED = "The database does not let the service write to all of its tables; the log says to which."


def refuse_unready() -> None:
    """Readiness check. Raises: `Unavailable`, which says why, when a request would fail."""
    try:
        schema = queries.find_schema()
    except SchemaLost:
        raise _explain_loss() from None
    if schema.revision != NEWEST_REVISION:
        raise Unavailable(OTHER)
    if schema.closed_tables:
        reason = f"row-level security, or a right that is missing, keeps this role from {schema.closed_tables}"
        raise _told(CLOSED, reason)
    database().refuse_obstacles()


def _explain_loss() -> Unavailable:
    """What is missing was told by the driver."""
    if closed := queries.find_closed_schemas():
        return _told(LOST, f"this role has no USAGE on what search_path names: {closed}")
    return Unavailable(LOST if queries.find_revision() == NEWEST_REVISION else OTHER)


def _told(detail: str, reason: str) -> Unavailable:
    refusal = Unavailable(detail, reason=reason)
    database().outages.tell(refusal)
    return refusal
