"""Session life cycle: opened, renewed by refresh token rotation, ended by logout."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from bucketlist import config
from bucketlist.auth import users
from bucketlist.auth.actor import Actor
from bucketlist.auth.tokens import (
    ACCESS_SECONDS,
    GRACE_SECONDS,
    REFRESH_DAYS,
    AccessTokens,
    hash_token,
    new_refresh_token,
    next_refresh_token,
)
from bucketlist.auth.users import UserRow
from bucketlist.kit import clock
from bucketlist.kit.db.database import in_transaction
from bucketlist.kit.db.driver import Values
from bucketlist.kit.db.pruning import Prune
from bucketlist.kit.errors import Unauthorized
from bucketlist.kit.ids import new_id
from bucketlist.sessions import lifecycle_queries
from bucketlist.sessions.quotas import MOST_USED_TOKENS

NOT_GOOD = "The refresh token is not good any more: sign in again."


class SignedIn(NamedTuple):
    """A new pair of tokens; neither is kept in clear."""

    access_token: str
    refresh_token: str
    user: UserRow


def refresh(refresh_token: str, tokens: AccessTokens) -> SignedIn:
    """Follow a refresh token to its successor; within `GRACE_SECONDS` of its first use, to the very same one.

    Raises: `Unauthorized`. A token that was used up before that was stolen, and ends its whole session.
    """
    followed = _follow(refresh_token, tokens)
    if followed is None:
        raise Unauthorized(NOT_GOOD, token_was_sent=True)
    return followed


@in_transaction
def _follow(refresh_token: str, tokens: AccessTokens) -> SignedIn | None:
    """The successor, or None when the token is worthless, which it is for good when this has ended its session.

    A first use that lies in the future was before the clock was set back: nobody knows how long ago.
    """
    now, token_hash = clock.now_text(), hash_token(refresh_token)
    found = lifecycle_queries.find_refresh_token(token_hash, now)
    if found is None:
        return None
    session_id, user = found
    if not lifecycle_queries.touch_session(user.id, session_id, now, clock.text_from_now(days=REFRESH_DAYS)):
        return None
    first_used_at = lifecycle_queries.rotate_refresh_token(token_hash, now)
    if first_used_at is None:
        return None
    if abs(clock.from_text(first_used_at) - clock.now()) <= timedelta(seconds=GRACE_SECONDS):
        lifecycle_queries.delete_oldest_used_tokens(user.id, session_id, MOST_USED_TOKENS)
        successor = next_refresh_token(refresh_token, config.current().key("refresh-token"))
        return _issue(user, session_id, successor, tokens)
    lifecycle_queries.end_session(user.id, session_id)
    return None


@in_transaction
def log_out(actor: Actor) -> None:
    """End the session and blacklist the token. Raises: `Unauthorized` when that has happened already."""
    lifecycle_queries.end_live_session(actor)
    expires_at = clock.to_text(datetime.fromtimestamp(actor.expires_at, UTC))
    lifecycle_queries.blacklist(actor.user_id, actor.token_id, expires_at)


@in_transaction
def end_session(user_id: str, session_id: str) -> None:
    """Its tokens are worthless from the next request on."""
    lifecycle_queries.end_session(user_id, session_id)


@in_transaction
def end_other_sessions(actor: Actor) -> None:
    """All but the one that asks; personal tokens stay. Raises: `Unauthorized`."""
    users.get_user(actor)
    lifecycle_queries.end_other_sessions(actor.user_id, actor.session_id)


def open_session(user: UserRow, tokens: AccessTokens) -> SignedIn:
    session_id, now = new_id(), clock.now_text()
    lifecycle_queries.add_session(user.id, session_id, now, clock.text_from_now(days=REFRESH_DAYS))
    return _issue(user, session_id, new_refresh_token(), tokens)


def _issue(user: UserRow, session_id: str, refresh_token: str, tokens: AccessTokens) -> SignedIn:
    expires_at = clock.text_from_now(days=REFRESH_DAYS)
    lifecycle_queries.add_refresh_token(hash_token(refresh_token), user.id, session_id, expires_at)
    return SignedIn(tokens.issue(actor_of(user, session_id)), refresh_token, user)


def actor_of(user: UserRow, session_id: str) -> Actor:
    return Actor(user.id, session_id, new_id(), int(clock.now().timestamp()) + ACCESS_SECONDS)


def prune_batches() -> list[tuple[Prune, Values]]:
    """What removes blacklisted tokens, refresh tokens and sessions that have expired."""
    return lifecycle_queries.prune_batches(clock.now_text())
