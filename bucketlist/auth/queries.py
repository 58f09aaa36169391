"""The SQL of accounts, sessions and tokens."""

from typing import NamedTuple

from sqlalchemy import BindParameter, Integer, bindparam, case, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT is SQLite's as well

from bucketlist.auth import access
from bucketlist.auth.access import IS_LIVE, LIVE, USER
from bucketlist.auth.actor import Actor
from bucketlist.kit.db import Row, Statement, Value, Values, execute, find_one
from bucketlist.kit.text import fold
from bucketlist.models import emails, refresh_tokens, sessions, users

NO_ID = "00000000-0000-0000-0000-000000000000"


class UserRow(NamedTuple):
    """A user: the fields of `UserOut` in their order, then what stays inside."""

    id: str
    email: str
    name: str | None
    created_at: str
    modified_at: str
    version: int
    password_hash: str
    email_confirmed_at: str | None


USER_COLUMNS = [users.c[name] for name in UserRow._fields]
KEPT = case((bindparam("keeps_address", type_=Integer) == 1, users.c.email_confirmed_at), else_=None)
HAS_PASSWORD = users.c.password_hash == bindparam("seen_hash")  # still the one that was proved to be known

USER_BY_EMAIL = Statement(
    select(*USER_COLUMNS)
    .join_from(emails, users, users.c.id == emails.c.user_id)
    .where(emails.c.email_folded == bindparam("email_folded"))
)
USER_OF_ACTOR = Statement(select(*USER_COLUMNS).join_from(LIVE, users, users.c.id == LIVE.c.user_id))


def _given(*names: str) -> dict[str, BindParameter[str]]:
    """Columns that take the values of the same names."""
    return {name: bindparam(name) for name in names}


CLAIM_EMAIL = Statement(
    insert(emails)
    .values(_given("email_folded", "user_id"))
    .on_conflict_do_nothing(index_elements=["email_folded"])
    .returning(emails.c.user_id)
)
RELEASE_EMAIL = Statement(
    delete(emails).where(emails.c.email_folded == bindparam("email_folded"), emails.c.user_id == USER)
)

ADD_USER = Statement(
    insert(users).values(version=1, **_given("id", "email", "name", "password_hash", "created_at", "modified_at"))
)
CHANGE_USER = Statement(
    update(users)
    .where(users.c.id == USER, users.c.version == bindparam("seen_version"), HAS_PASSWORD)
    .values(
        version=users.c.version + 1, modified_at=bindparam("now"), email_confirmed_at=KEPT, **_given("email", "name")
    )
    .returning(*USER_COLUMNS)
)
LOCK_PASSWORD = Statement(select(users.c.id).where(users.c.id == USER, HAS_PASSWORD).with_for_update(key_share=True))
CHANGE_PASSWORD = Statement(
    update(users).where(users.c.id == USER, HAS_PASSWORD).values(_given("password_hash")).returning(users.c.id)
)
DELETE_USER = Statement(delete(users).where(users.c.id == USER))
DELETE_EMAILS_OF_USER = Statement(delete(emails).where(emails.c.user_id == USER))
DELETE_REFRESH_TOKENS_OF_USER = Statement(delete(refresh_tokens).where(refresh_tokens.c.user_id == USER))

ADD_SESSION = Statement(insert(sessions).values(_given("user_id", "id", "created_at", "last_used_at", "expires_at")))
TOUCH_SESSION = Statement(
    update(sessions)
    .where(sessions.c.user_id == USER, sessions.c.id == bindparam("session_id"))
    .values(last_used_at=bindparam("now"), expires_at=bindparam("expires_at"))
    .returning(sessions.c.id)
)
END_LIVE_SESSION = Statement(delete(sessions).where(IS_LIVE).returning(sessions.c.id))
END_SESSION = Statement(delete(sessions).where(sessions.c.user_id == USER, sessions.c.id == bindparam("session_id")))
END_OTHER_SESSIONS = Statement(
    delete(sessions).where(
        sessions.c.user_id == USER, sessions.c.id != bindparam("session_id"), sessions.c.token_hash.is_(None)
    )
)
_held = sessions.alias("held")
END_OLDEST_SESSIONS = Statement(  # but for so many that were used last
    delete(sessions)
    .where(
        sessions.c.user_id == USER,
        sessions.c.id.in_(
            select(_held.c.id)
            .where(_held.c.user_id == USER, _held.c.token_hash.is_(None))
            .order_by(_held.c.last_used_at.desc(), _held.c.id.desc())
            .offset(bindparam("kept", type_=Integer))
        ),
    )
    .returning(sessions.c.id)
)

ADD_REFRESH_TOKEN = Statement(
    insert(refresh_tokens)
    .values(_given("token_hash", "user_id", "session_id", "expires_at"))
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
    select(refresh_tokens.c.session_id, *USER_COLUMNS)
    .join_from(refresh_tokens, users, users.c.id == refresh_tokens.c.user_id)
    .where(refresh_tokens.c.token_hash == bindparam("token_hash"), refresh_tokens.c.expires_at > bindparam("now"))
)
DELETE_REFRESH_TOKENS = Statement(
    delete(refresh_tokens).where(
        refresh_tokens.c.user_id == USER, refresh_tokens.c.session_id == bindparam("session_id")
    )
)
DELETE_OTHER_REFRESH_TOKENS = Statement(
    delete(refresh_tokens).where(
        refresh_tokens.c.user_id == USER, refresh_tokens.c.session_id != bindparam("session_id")
    )
)


def find_user_by_email(email_folded: str) -> UserRow | None:
    return _user(find_one(USER_BY_EMAIL, {"email_folded": email_folded}))


def get_user(actor: Actor) -> UserRow:
    """Raises: `Unauthorized` when the actor's token is worthless."""
    return UserRow._make(access.refuse_dead(execute(USER_OF_ACTOR, access.values(actor)))[0])


def claim_email(email_folded: str, user_id: str) -> bool:
    """Was it free? It is the user's from now on."""
    return bool(execute(CLAIM_EMAIL, {"email_folded": email_folded, "user_id": user_id}))


def release_email(email_folded: str, user_id: str) -> None:
    execute(RELEASE_EMAIL, {"email_folded": email_folded, "user_id": user_id})


def add_user(user: UserRow) -> None:
    execute(ADD_USER, user._asdict())


def change_user(seen: UserRow, email: str, name: str | None, now: str) -> UserRow | None:
    """The user as it is now, or None when it was not as `seen` any more."""
    values: dict[str, Value] = {"user_id": seen.id, "email": email, "name": name, "now": now}
    values["keeps_address"] = int(fold(email) == fold(seen.email))  # if not, nobody has confirmed it yet
    return _user(find_one(CHANGE_USER, values | {"seen_version": seen.version, "seen_hash": seen.password_hash}))


def lock_password(seen: UserRow) -> bool:
    """Is it still the user's password? Until the unit of work ends it stays so, and others who log in wait."""
    return bool(execute(LOCK_PASSWORD, {"user_id": seen.id, "seen_hash": seen.password_hash}))


def change_password(seen: UserRow, password_hash: str) -> bool:
    """Was it still the user's password that is changed?"""
    values = {"user_id": seen.id, "seen_hash": seen.password_hash, "password_hash": password_hash}
    return bool(execute(CHANGE_PASSWORD, values))


def delete_user(user_id: str) -> None:
    """With everything that refers to the user; the directory tables do not, so they are named.

    They come last, for whoever adds to them has locked the user or the session before.
    """
    for statement in (DELETE_USER, DELETE_EMAILS_OF_USER, DELETE_REFRESH_TOKENS_OF_USER):
        execute(statement, {"user_id": user_id})


def add_session(user_id: str, session_id: str, now: str, expires_at: str) -> None:
    execute(
        ADD_SESSION,
        {"user_id": user_id, "id": session_id, "created_at": now, "last_used_at": now, "expires_at": expires_at},
    )


def touch_session(user_id: str, session_id: str, now: str, expires_at: str) -> bool:
    """Is there such a session? Then it was used now, and until the unit of work ends nobody else changes it."""
    values = {"user_id": user_id, "session_id": session_id, "now": now, "expires_at": expires_at}
    return bool(execute(TOUCH_SESSION, values))


def end_live_session(actor: Actor) -> None:
    """Raises: `Unauthorized` when it has ended already."""
    access.refuse_dead(_end_sessions(END_LIVE_SESSION, DELETE_REFRESH_TOKENS, access.values(actor)))


def end_session(user_id: str, session_id: str) -> None:
    _end_sessions(END_SESSION, DELETE_REFRESH_TOKENS, {"user_id": user_id, "session_id": session_id})


def end_other_sessions(user_id: str, session_id: str | None) -> None:
    """All but `session_id`; all when it is None."""
    values = {"user_id": user_id, "session_id": session_id or NO_ID}
    _end_sessions(END_OTHER_SESSIONS, DELETE_OTHER_REFRESH_TOKENS, values)


def end_oldest_sessions(user_id: str, kept: int) -> None:
    """All but `kept` that were used last. The user has to be locked."""
    for (session_id,) in execute(END_OLDEST_SESSIONS, {"user_id": user_id, "kept": kept}):
        execute(DELETE_REFRESH_TOKENS, {"user_id": user_id, "session_id": session_id})


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
    """The session that the token renews, and whose it is."""
    row = find_one(REFRESH_TOKEN, {"token_hash": token_hash, "now": now})
    return (row[0], UserRow._make(row[1:])) if row else None


def rotate_refresh_token(token_hash: str, now: str) -> str:
    """When the token was first used, which is now if it was not before. Its session has to be locked."""
    first_used_at: str = execute(ROTATE_REFRESH_TOKEN, {"token_hash": token_hash, "now": now})[0][0]
    return first_used_at


def _user(row: Row | None) -> UserRow | None:
    return UserRow._make(row) if row else None
