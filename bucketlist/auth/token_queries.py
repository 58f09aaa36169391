"""SQL queries of personal access tokens, and of sessions with a cookie, in use."""

from sqlalchemy import bindparam, update

from bucketlist.auth import access
from bucketlist.auth.actor import Actor
from bucketlist.auth.tokens import REFRESH_DAYS
from bucketlist.kit import clock
from bucketlist.kit.db.database import Statement, execute
from bucketlist.models import sessions

NOTE_USE = Statement(
    update(sessions)
    .where(access.owned(sessions), sessions.c.token_hash == bindparam("token_hash"))
    .values(last_used_at=bindparam("now"))
)

KEEP_SESSION = Statement(  # sliding expiration; what is over is not revived
    update(sessions).where(access.IS_ACTIVE).values(last_used_at=bindparam("now"), expires_at=bindparam("kept_until"))
)


def note_use(actor: Actor) -> None:
    """The personal token of `actor` was used now."""
    execute(NOTE_USE, access.values(actor))


def keep_session(actor: Actor) -> None:
    """The session of `actor`, if it lives, was used now and lives on from here."""
    execute(KEEP_SESSION, access.values(actor, kept_until=clock.text_from_now(days=REFRESH_DAYS)))
