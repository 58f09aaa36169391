"""SQL queries of personal access tokens in use."""

from sqlalchemy import bindparam, update

from bucketlist.auth import access
from bucketlist.auth.actor import Actor
from bucketlist.kit.db.database import Statement, execute
from bucketlist.models import sessions

NOTE_USE = Statement(
    update(sessions)
    .where(access.owned(sessions), sessions.c.token_hash == bindparam("token_hash"))
    .values(last_used_at=bindparam("now"))
)


def note_use(actor: Actor) -> None:
    """The personal token of `actor` was used now."""
    execute(NOTE_USE, access.values(actor))
