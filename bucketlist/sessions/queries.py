"""SQL queries of sessions and personal access tokens, which are sessions with a hash."""

from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, delete, select, true
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT is SQLite's as well

from bucketlist.auth import access
from bucketlist.auth.access import ACTIVE_SESSION, ACTIVE_SESSION_EXISTS, IS_ACTIVE
from bucketlist.auth.actor import Actor
from bucketlist.kit import paging
from bucketlist.kit.clock import now_text
from bucketlist.kit.db.database import Statement, execute
from bucketlist.kit.db.driver import Row
from bucketlist.kit.paging import Direction, Order, Place
from bucketlist.limits.quotas import has_room
from bucketlist.models import sessions

NEWEST_FIRST = Order("createdAt", is_descending=True)
NEVER = "9999-12-31T23:59:59.999Z"


class SessionRow(NamedTuple):
    id: str
    created_at: str
    last_used_at: str
    expires_at: str


class TokenRow(NamedTuple):
    """A personal token: the fields of `TokenOut` in their order."""

    id: str
    name: str
    scope: str
    expires_at: str | None
    last_used_at: str | None
    created_at: str


IS_SESSION = sessions.c.token_hash.is_(None)
IS_TOKEN = sessions.c.token_hash.is_not(None)
ID = bindparam("id", type_=sessions.c.id.type)


@cache
def session_list(direction: Direction, *, is_of_tokens: bool) -> Statement:
    """A page, newest first, each row with the count of all and when it was made; one row when there are none."""
    fields = TokenRow._fields if is_of_tokens else SessionRow._fields
    made = sessions.c.created_at
    wanted: Select[Any] = select(*(sessions.c[name] for name in fields), made.label("sort_value")).where(
        access.owned(sessions), IS_TOKEN if is_of_tokens else IS_SESSION, sessions.c.expires_at > bindparam("now")
    )
    page = paging.paged(wanted, made, sessions.c.id, NEWEST_FIRST, direction).subquery("page")
    return Statement(
        select(*(page.c[name] for name in fields), paging.counted(wanted), page.c.sort_value)
        .select_from(ACTIVE_SESSION.outerjoin(page, true()))
        .order_by(*paging.in_order(True, page.c.sort_value, page.c.id))
    )


_held = sessions.alias("held")
ADD_TOKEN = Statement(
    insert(sessions)
    .from_select(
        ["user_id", "id", "token_hash", "name", "scope", "created_at", "expires_at"],
        select(
            sessions.c.user_id,
            ID,
            bindparam("new_hash", type_=sessions.c.token_hash.type),
            bindparam("name", type_=sessions.c.name.type),
            bindparam("scope", type_=sessions.c.scope.type),
            bindparam("now", type_=sessions.c.created_at.type),
            bindparam("expires_at", type_=sessions.c.expires_at.type),
        ).where(IS_ACTIVE, has_room(_held, _held.c.token_hash.is_not(None), _held.c.expires_at > bindparam("now"))),
    )
    .returning(sessions.c.id)
)
END_EXPIRED_TOKENS = Statement(
    delete(sessions).where(access.owned(sessions), IS_TOKEN, sessions.c.expires_at <= bindparam("now"))
)
END_TOKEN = Statement(
    delete(sessions)
    .where(access.owned(sessions), sessions.c.id == ID, IS_TOKEN, ACTIVE_SESSION_EXISTS)
    .returning(sessions.c.id)
)
FIND = Statement(
    select(sessions.c.id, sessions.c.token_hash).select_from(
        ACTIVE_SESSION.outerjoin(sessions, access.owned(sessions) & (sessions.c.id == ID))
    )
)


def list_sessions(
    actor: Actor, direction: Direction, place: Place | None, limit: int, *, is_of_tokens: bool
) -> list[Row]:
    """Up to `limit + 1` rows of `session_list`. Raises: `Unauthorized` when the actor's token is worthless."""
    values = access.values(actor, **paging.page_values(limit, place))
    return access.require_active(execute(session_list(direction, is_of_tokens=is_of_tokens), values))


def end_expired_tokens(actor: Actor) -> None:
    execute(END_EXPIRED_TOKENS, {"user_id": actor.user_id, "now": now_text()})


def add_token(actor: Actor, token: TokenRow, token_hash: str, held_at_most: int) -> bool:
    """False when there are more than `held_at_most` that live, or when the actor's token is worthless."""
    values = access.values(
        actor,
        now=token.created_at,
        id=token.id,
        new_hash=token_hash,
        name=token.name,
        scope=token.scope,
        expires_at=token.expires_at or NEVER,
        held_at_most=held_at_most,
    )
    return bool(execute(ADD_TOKEN, values))


def is_session(actor: Actor, session_id: str) -> bool:
    """Is somebody signed in there? Raises: `Unauthorized` when the actor's token is worthless."""
    found, token_hash = access.require_active(execute(FIND, access.values(actor, id=session_id)))[0]
    return found is not None and token_hash is None


def end_token(actor: Actor, token_id: str) -> bool:
    """False when there was none. Raises: `Unauthorized` when the actor's token is worthless."""
    values = access.values(actor, id=token_id)
    if execute(END_TOKEN, values):
        return True
    access.require_active(execute(FIND, values))
    return False
