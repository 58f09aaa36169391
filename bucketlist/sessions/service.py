"""Service layer of sessions and personal access tokens: list them, make tokens, end them."""

from bucketlist import config
from bucketlist.auth import access
from bucketlist.auth.actor import Actor
from bucketlist.auth.personal_tokens import PersonalTokens
from bucketlist.kit import clock
from bucketlist.kit.db.database import transaction
from bucketlist.kit.db.driver import Row
from bucketlist.kit.errors import NotFound
from bucketlist.kit.ids import new_id
from bucketlist.kit.paging import Page, Pager
from bucketlist.limits.errors import LimitReached
from bucketlist.mail import notifications
from bucketlist.sessions import lifecycle, queries, reauthentication
from bucketlist.sessions.queries import NEVER, TokenRow
from bucketlist.sessions.quotas import MOST_TOKENS
from bucketlist.sessions.schemas import SessionQuery, TokenIn


def list_sessions(actor: Actor, query: SessionQuery) -> Page:
    """Where the actor's user is signed in. Raises: `Unauthorized`, `Invalid` for a cursor of another list."""
    return _list(actor, query, is_of_tokens=False)


def list_tokens(actor: Actor, query: SessionQuery) -> Page:
    """The personal tokens that live. Raises: `Unauthorized`, `Invalid` for a cursor of another list."""
    return _list(actor, query, is_of_tokens=True)


def _list(actor: Actor, query: SessionQuery, *, is_of_tokens: bool) -> Page:
    name = "tokens" if is_of_tokens else "sessions"
    pager = Pager(config.current().key("cursor"), (name, actor.user_id))
    direction, place = pager.read(query.cursor)
    rows = queries.list_sessions(actor, direction, place, query.limit, is_of_tokens=is_of_tokens)
    return pager.page(rows, query.limit, direction)


def end_session(actor: Actor, session_id: str) -> None:
    """Raises: `Unauthorized`, `NotFound`."""
    if not queries.is_session(actor, session_id):
        raise NotFound
    lifecycle.end_session(actor.user_id, session_id)


def end_other_sessions(actor: Actor) -> None:
    """All but the one that asks. Raises: `Unauthorized`."""
    lifecycle.end_other_sessions(actor)


def add_token(actor: Actor, wanted: TokenIn, tokens: PersonalTokens) -> tuple[TokenRow, str]:
    """A new personal token and its text, which nobody can read again; a letter tells its owner.

    Raises: `Unauthorized`, `TooManyRequests`, `WrongPassword`, `LimitReached`.
    """
    user = reauthentication.get_user_with_password(actor, wanted.current_password)
    token_id = new_id()
    text, token_hash = tokens.issue(actor.user_id, token_id, wanted.scope)
    token = TokenRow(token_id, wanted.name, wanted.scope, wanted.expires_at, None, clock.now_text())
    with transaction():
        access.lock_account(actor)
        queries.end_expired_tokens(actor)  # or who makes one that lives for a second again and again leaves thousands
        if not queries.add_token(actor, token, token_hash, MOST_TOKENS - 1):
            raise LimitReached
        notifications.notify(user, "token_made")
    return token, text


def end_token(actor: Actor, token_id: str) -> None:
    """Raises: `Unauthorized`, `NotFound`."""
    if not queries.end_token(actor, token_id):
        raise NotFound


def as_shown(row: Row) -> TokenRow:
    """A row of a list of tokens; what lives for ever has no expiry."""
    token = TokenRow._make(row[: len(TokenRow._fields)])
    return token._replace(expires_at=None) if token.expires_at == NEVER else token
