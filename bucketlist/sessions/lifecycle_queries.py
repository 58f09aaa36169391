"""SQL queries of the session life cycle and of refresh tokens."""

from sqlalchemy import Integer, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT is SQLite's as well

from bucketlist.auth import access
from bucketlist.auth.access import IS_ACTIVE, of_owner, owned
from bucketlist.auth.actor import Actor
from bucketlist.auth.statements import given
from bucketlist.auth.users import UserRow, find_user
from bucketlist.kit.db.database import Statement, execute, find_one
from bucketlist.kit.db.driver import Row, Values
from bucketlist.kit.db.pruning import Prune, batch_of, expired_of
from bucketlist.kit.ids import NO_ID
from bucketlist.models import blacklisted_tokens, refresh_tokens, sessions
from bucketlist.purging.queries import delete_tokens_of

ADD_SESSION = Statement(
    insert(sessions).values(given(sessions, "user_id", "id", "created_at", "last_used_at", "expires_at"))
)
TOUCH_SESSION = Statement(
    update(sessions)
    .where(owned(sessions), sessions.c.id == bindparam("session_id"))
    .values(last_used_at=bindparam("now"), expires_at=bindparam("expires_at"))
    .returning(sessions.c.id)
)
END_LIVE_SESSION = Statement(delete(sessions).where(IS_ACTIVE).returning(sessions.c.id))
END_SESSION = Statement(delete(sessions).where(owned(sessions), sessions.c.id == bindparam("session_id")))
END_OTHER_SESSIONS = Statement(
    delete(sessions)
    .where(owned(sessions), sessions.c.id != bindparam("session_id"), sessions.c.token_hash.is_(None))
    .returning(sessions.c.id)
)
END_PERSONAL_TOKENS = Statement(delete(sessions).where(owned(sessions), sessions.c.token_hash.is_not(None)))
_held = sessions.alias("held")
END_OLDEST_SESSIONS = Statement(  # but for so many that were used last
    delete(sessions)
    .where(
        owned(sessions),
        sessions.c.id.in_(
            select(_held.c.id)
            .where(owned(_held), _held.c.token_hash.is_(None))
            .order_by(_held.c.last_used_at.desc(), _held.c.id.desc())
            .offset(bindparam("kept", type_=Integer))
        ),
    )
    .returning(sessions.c.id)
)

ADD_REFRESH_TOKEN = Statement(
    insert(refresh_tokens)
    .values(given(refresh_tokens, "token_hash", "user_id", "session_id", "expires_at"))
    .on_conflict_do_nothing(index_elements=["token_hash"])
)
ROTATE_REFRESH_TOKEN = Statement(
    update(refresh_tokens)
    .where(refresh_tokens.c.token_hash == bindparam("token_hash"))
    .values(
        rotated_at=func.coalesce(refresh_tokens.c.rotated_at, bindparam("now", type_=refresh_tokens.c.rotated_at.type))
    )
    .returning(refresh_tokens.c.rotated_at)
)
REFRESH_TOKEN = Statement(
    select(refresh_tokens.c.user_id, refresh_tokens.c.session_id).where(
        refresh_tokens.c.token_hash == bindparam("token_hash"), refresh_tokens.c.expires_at > bindparam("now")
    )
)
DELETE_REFRESH_TOKENS = Statement(
    delete(refresh_tokens).where(owned(refresh_tokens), refresh_tokens.c.session_id == bindparam("session_id"))
)
_used = refresh_tokens.alias("used")
DELETE_OLDEST_USED_TOKENS = Statement(  # but for so many that were used last
    delete(refresh_tokens).where(
        refresh_tokens.c.token_hash.in_(
            select(_used.c.token_hash)
            .where(
                owned(_used),
                _used.c.session_id == bindparam("session_id"),
                _used.c.rotated_at.is_not(None),
            )
            .order_by(_used.c.rotated_at.desc(), _used.c.token_hash)
            .offset(bindparam("kept", type_=Integer))
        )
    )
)

PRUNE: list[Prune] = [  # what has had its time, of everybody
    expired_of(blacklisted_tokens, "expires_at"),
    batch_of(refresh_tokens, refresh_tokens.c.expires_at < bindparam("now")),
    expired_of(sessions, "expires_at"),
]


def add_session(user_id: str, session_id: str, now: str, expires_at: str) -> None:
    execute(
        ADD_SESSION,
        {"user_id": user_id, "id": session_id, "created_at": now, "last_used_at": now, "expires_at": expires_at},
    )


def touch_session(user_id: str, session_id: str, now: str, expires_at: str) -> bool:
    """Is there such a session? Then it was used now, and until the transaction ends nobody else changes it."""
    values = of_owner(user_id, session_id=session_id, now=now, expires_at=expires_at)
    return bool(execute(TOUCH_SESSION, values))


def end_live_session(actor: Actor) -> None:
    """Raises: `Unauthorized` when it has ended already."""
    access.require_active(_end_sessions(END_LIVE_SESSION, DELETE_REFRESH_TOKENS, access.values(actor)))


def end_session(user_id: str, session_id: str) -> None:
    _end_sessions(END_SESSION, DELETE_REFRESH_TOKENS, of_owner(user_id, session_id=session_id))


def end_other_sessions(user_id: str, session_id: str | None) -> None:
    """All but `session_id`; all when it is None."""
    ended = execute(END_OTHER_SESSIONS, of_owner(user_id, session_id=session_id or NO_ID))
    delete_tokens_of(user_id, [session_id for (session_id,) in ended])


def end_personal_tokens(user_id: str) -> None:
    execute(END_PERSONAL_TOKENS, of_owner(user_id))


def end_oldest_sessions(user_id: str, kept: int) -> None:
    """All but `kept` that were used last. The user has to be locked."""
    for (session_id,) in execute(END_OLDEST_SESSIONS, of_owner(user_id, kept=kept)):
        execute(DELETE_REFRESH_TOKENS, of_owner(user_id, session_id=session_id))


def _end_sessions(end: Statement, delete_tokens: Statement, values: Values) -> list[Row]:
    """A session always comes before its refresh tokens, so that nobody deadlocks, and none is added in between."""
    ended = execute(end, values)
    execute(delete_tokens, values)
    return ended


def add_refresh_token(token_hash: str, user_id: str, session_id: str, expires_at: str) -> None:
    execute(
        ADD_REFRESH_TOKEN,
        {"token_hash": token_hash, "user_id": user_id, "session_id": session_id, "expires_at": expires_at},
    )


def find_refresh_token(token_hash: str, now: str) -> tuple[str, UserRow] | None:
    """The session that the token renews, if it has not ended, and whose it is."""
    row = find_one(REFRESH_TOKEN, {"token_hash": token_hash, "now": now})
    user_id, session_id = row or (None, NO_ID)
    user = find_user(user_id)
    return (session_id, user) if user else None


def delete_oldest_used_tokens(user_id: str, session_id: str, kept: int) -> None:
    """All but `kept` of the session that were used last. Its row has to be locked."""
    execute(DELETE_OLDEST_USED_TOKENS, of_owner(user_id, session_id=session_id, kept=kept))


def rotate_refresh_token(token_hash: str, now: str) -> str | None:
    """When the token was first used, which is now if it was not before. Its session has to be locked.

    None when it expired, and was pruned, since it was looked for.
    """
    row = find_one(ROTATE_REFRESH_TOKEN, {"token_hash": token_hash, "now": now})
    return row[0] if row else None


def prune_batches(now: str) -> list[tuple[Prune, Values]]:
    return [(prune, {"now": now}) for prune in PRUNE]


BLACKLIST = Statement(
    insert(blacklisted_tokens)
    .values(given(blacklisted_tokens, "user_id", "id", "expires_at"))
    .on_conflict_do_nothing(index_elements=["user_id", "id"])
)


def blacklist(user_id: str, token_id: str, expires_at: str) -> None:
    execute(BLACKLIST, {"user_id": user_id, "id": token_id, "expires_at": expires_at})
