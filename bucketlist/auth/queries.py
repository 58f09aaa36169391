"""The SQL of accounts, sessions and tokens."""

from typing import NamedTuple

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT is SQLite's as well

from bucketlist.auth import access
from bucketlist.auth.access import IS_LIVE, LIVE, USER
from bucketlist.auth.actor import Actor
from bucketlist.kit.db import Row, Statement, execute, find_one
from bucketlist.models import blacklisted_tokens, emails, refresh_tokens, sessions, users

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


class RefreshRow(NamedTuple):
    user_id: str
    session_id: str
    rotated_at: str | None


USER_COLUMNS = [users.c[name] for name in UserRow._fields]

USER_BY_EMAIL = Statement(
    select(*USER_COLUMNS)
    .join_from(emails, users, users.c.id == emails.c.user_id)
    .where(emails.c.email_folded == bindparam("email_folded"))
)
USER_OF_ACTOR = Statement(select(*USER_COLUMNS).join_from(LIVE, users, users.c.id == LIVE.c.user_id))
USER_OF_SESSION = Statement(
    select(*USER_COLUMNS)
    .join_from(sessions, users, users.c.id == sessions.c.user_id)
    .where(sessions.c.user_id == USER, sessions.c.id == bindparam("session_id"))
)

CLAIM_EMAIL = Statement(
    insert(emails)
    .values(email_folded=bindparam("email_folded"), user_id=bindparam("user_id"))
    .on_conflict_do_nothing(index_elements=["email_folded"])
    .returning(emails.c.user_id)
)
RELEASE_EMAIL = Statement(
    delete(emails).where(emails.c.email_folded == bindparam("email_folded"), emails.c.user_id == USER)
)

ADD_USER = Statement(
    insert(users).values(
        {name: bindparam(name) for name in ("id", "email", "name", "password_hash", "created_at", "modified_at")}
        | {"version": 1}
    )
)
CHANGE_USER = Statement(
    update(users)
    .where(users.c.id == USER, users.c.version == bindparam("seen_version"))
    .values(
        email=bindparam("email"),
        name=bindparam("name"),
        modified_at=bindparam("now"),
        version=users.c.version + 1,
    )
    .returning(*USER_COLUMNS)
)
CHANGE_PASSWORD = Statement(
    update(users).where(users.c.id == USER).values(password_hash=bindparam("password_hash")).returning(users.c.id)
)
DELETE_USER = Statement(delete(users).where(users.c.id == USER))
DELETE_EMAILS_OF_USER = Statement(delete(emails).where(emails.c.user_id == USER))
DELETE_REFRESH_TOKENS_OF_USER = Statement(delete(refresh_tokens).where(refresh_tokens.c.user_id == USER))

ADD_SESSION = Statement(
    insert(sessions).values(
        {name: bindparam(name) for name in ("user_id", "id", "created_at", "last_used_at", "expires_at")}
    )
)
TOUCH_SESSION = Statement(
    update(sessions)
    .where(sessions.c.user_id == USER, sessions.c.id == bindparam("session_id"))
    .values(last_used_at=bindparam("now"), expires_at=bindparam("expires_at"))
)
END_LIVE_SESSION = Statement(delete(sessions).where(IS_LIVE).returning(sessions.c.id))
END_SESSION = Statement(delete(sessions).where(sessions.c.user_id == USER, sessions.c.id == bindparam("session_id")))
END_OTHER_SESSIONS = Statement(
    delete(sessions).where(sessions.c.user_id == USER, sessions.c.id != bindparam("session_id"))
)

ADD_REFRESH_TOKEN = Statement(
    insert(refresh_tokens)
    .values({name: bindparam(name) for name in ("token_hash", "user_id", "session_id", "expires_at")})
    .on_conflict_do_nothing(index_elements=["token_hash"])
)
ROTATE_REFRESH_TOKEN = Statement(
    update(refresh_tokens)
    .where(
        refresh_tokens.c.token_hash == bindparam("token_hash"),
        refresh_tokens.c.rotated_at.is_(None),
        refresh_tokens.c.expires_at > bindparam("now"),
    )
    .values(rotated_at=bindparam("now"))
    .returning(refresh_tokens.c.user_id, refresh_tokens.c.session_id, refresh_tokens.c.rotated_at)
)
REFRESH_TOKEN = Statement(
    select(refresh_tokens.c.user_id, refresh_tokens.c.session_id, refresh_tokens.c.rotated_at).where(
        refresh_tokens.c.token_hash == bindparam("token_hash"), refresh_tokens.c.expires_at > bindparam("now")
    )
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

BLACKLIST = Statement(
    insert(blacklisted_tokens)
    .values({name: bindparam(name) for name in ("user_id", "id", "expires_at")})
    .on_conflict_do_nothing(index_elements=["user_id", "id"])
)


def find_user_by_email(email_folded: str) -> UserRow | None:
    return _user(find_one(USER_BY_EMAIL, {"email_folded": email_folded}))


def find_user_of_session(user_id: str, session_id: str) -> UserRow | None:
    return _user(find_one(USER_OF_SESSION, {"user_id": user_id, "session_id": session_id}))


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


def change_user(user: UserRow, seen_version: int, now: str) -> UserRow | None:
    """The user as it is now, or None when it was not at `seen_version` any more."""
    values = {"user_id": user.id, "email": user.email, "name": user.name, "seen_version": seen_version, "now": now}
    return _user(find_one(CHANGE_USER, values))


def change_password(user_id: str, password_hash: str) -> bool:
    """Was there such a user?"""
    return bool(execute(CHANGE_PASSWORD, {"user_id": user_id, "password_hash": password_hash}))


def delete_user(user_id: str) -> None:
    """With everything that refers to the user; the directory tables do not, so they are named."""
    for statement in (DELETE_EMAILS_OF_USER, DELETE_REFRESH_TOKENS_OF_USER, DELETE_USER):
        execute(statement, {"user_id": user_id})


def add_session(user_id: str, session_id: str, now: str, expires_at: str) -> None:
    execute(
        ADD_SESSION,
        {"user_id": user_id, "id": session_id, "created_at": now, "last_used_at": now, "expires_at": expires_at},
    )


def touch_session(user_id: str, session_id: str, now: str, expires_at: str) -> None:
    execute(TOUCH_SESSION, {"user_id": user_id, "session_id": session_id, "now": now, "expires_at": expires_at})


def end_live_session(actor: Actor) -> None:
    """Raises: `Unauthorized` when it has ended already."""
    access.refuse_dead(execute(END_LIVE_SESSION, access.values(actor)))


def end_session(user_id: str, session_id: str) -> None:
    values = {"user_id": user_id, "session_id": session_id}
    execute(END_SESSION, values)
    execute(DELETE_REFRESH_TOKENS, values)


def end_other_sessions(user_id: str, session_id: str | None) -> None:
    """All but `session_id`; all when it is None."""
    values = {"user_id": user_id, "session_id": session_id or NO_ID}
    execute(END_OTHER_SESSIONS, values)
    execute(DELETE_OTHER_REFRESH_TOKENS, values)


def add_refresh_token(token_hash: str, user_id: str, session_id: str, expires_at: str) -> None:
    execute(
        ADD_REFRESH_TOKEN,
        {"token_hash": token_hash, "user_id": user_id, "session_id": session_id, "expires_at": expires_at},
    )


def rotate_refresh_token(token_hash: str, now: str) -> RefreshRow | None:
    """The token that nobody has used yet and that is used up from now on, or None."""
    row = find_one(ROTATE_REFRESH_TOKEN, {"token_hash": token_hash, "now": now})
    return RefreshRow._make(row) if row else None


def find_refresh_token(token_hash: str, now: str) -> RefreshRow | None:
    row = find_one(REFRESH_TOKEN, {"token_hash": token_hash, "now": now})
    return RefreshRow._make(row) if row else None


def blacklist(user_id: str, token_id: str, expires_at: str) -> None:
    execute(BLACKLIST, {"user_id": user_id, "id": token_id, "expires_at": expires_at})


def _user(row: Row | None) -> UserRow | None:
    return UserRow._make(row) if row else None
