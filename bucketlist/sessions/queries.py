"""SQL queries of sessions and personal access tokens, which are sessions with a hash."""

from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, bindparam, delete, select

from bucketlist.auth import access, statements
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
    fields, kind = (TokenRow._fields, IS_TOKEN) if is_of_tokens else (SessionRow._fields, IS_SESSION)
    return Statement(
        statements.listed(
            sessions,
            select(*(sessions.c[name] for name in fields)),
            lambda page: [page.c[name] for name in fields],
            NEWEST_FIRST,
            direction,
            kind,
            sessions.c.expires_at > bindparam("now"),
        )
    )


_held = sessions.alias("held")
_TOKEN: dict[str, ColumnElement[Any]] = {
    "id": ID,
    "token_hash": bindparam("new_hash", type_=sessions.c.token_hash.type),
    **statements.given(sessions, "name", "scope"),
    "created_at": bindparam("now", type_=sessions.c.created_at.type),
    **statements.given(sessions, "expires_at"),
}
ADD_TOKEN = Statement(
    statements.inserted(
        sessions, _TOKEN, has_room(_held, _held.c.token_hash.is_not(None), _held.c.expires_at > bindparam("now"))
    ).returning(sessions.c.id)
)
END_EXPIRED_TOKENS = Statement(
    delete(sessions).where(access.owned(sessions), IS_TOKEN, sessions.c.expires_at <= bindparam("now"))
)
END_TOKEN = statements.remove(sessions, ID, IS_TOKEN)
FIND = statements.one(sessions, [sessions.c.id, sessions.c.token_hash], ID)


def list_sessions(
    actor: Actor, direction: Direction, place: Place | None, limit: int, *, is_of_tokens: bool
) -> list[Row]:
    """Up to `limit + 1` rows of `session_list`. Raises: `Unauthorized` when the actor's token is worthless."""
    values = access.values(actor, **paging.page_values(limit, place))
    return access.require_active(execute(session_list(direction, is_of_tokens=is_of_tokens), values))


def end_expired_tokens(actor: Actor) -> None:
    execute(END_EXPIRED_TOKENS, access.of_owner(actor.user_id, now=now_text()))


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
    found = statements.find(FIND, actor, id=session_id)
    return found is not None and found[1] is None


def end_token(actor: Actor, token_id: str) -> bool:
    """False when there was none. Raises: `Unauthorized` when the actor's token is worthless."""
    if execute(END_TOKEN, access.values(actor, id=token_id)):
        return True
    statements.find(FIND, actor, id=token_id)
    return False
