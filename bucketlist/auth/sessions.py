"""The rules of sessions: sign up, log in, stay signed in by refresh token rotation, log out."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, TypeVar

from pydantic import MISSING

from bucketlist import config
from bucketlist.auth import (
    bounds,
    invitations,
    limits,
    networks,
    notices,
    queries,
    retry_queries,
    service,
    session_queries,
)
from bucketlist.auth.actor import Actor
from bucketlist.auth.networks import Place
from bucketlist.auth.passwords import hash_password, is_right, renew_hash
from bucketlist.auth.queries import UserRow
from bucketlist.auth.quotas import MOST_SESSIONS, MOST_USED_TOKENS
from bucketlist.auth.schemas import LoginIn, RegisterIn
from bucketlist.auth.tokens import (
    ACCESS_SECONDS,
    GRACE_SECONDS,
    REFRESH_DAYS,
    AccessTokens,
    hash_token,
    new_refresh_token,
    next_refresh_token,
)
from bucketlist.kit import clock
from bucketlist.kit.db.database import as_unit_of_work
from bucketlist.kit.emails import fold_email
from bucketlist.kit.errors import AccountDisabled, Unauthorized, WrongCredentials
from bucketlist.kit.ids import new_id
from bucketlist.kit.queues import Flow
from bucketlist.kit.tries import tries

T = TypeVar("T")

NOT_GOOD = "The refresh token is not good any more: sign in again."


class SignedIn(NamedTuple):
    """A new pair of tokens; neither is kept in clear."""

    access_token: str
    refresh_token: str
    user: UserRow


def register(wanted: RegisterIn, place: Place, tokens: AccessTokens) -> SignedIn:
    """Make an account and sign in.

    Raises: `RegistrationClosed`, `InvitationNeeded`, `TooManyRequests`, `EmailTaken`.
    """
    return _register(wanted, place, lambda user: _open_session(user, tokens), is_invitation_needed=False)


def accept_invitation(wanted: RegisterIn, place: Place) -> UserRow:
    """Make an account by an invitation, also where none is needed, and open no session. Raises: as `register`."""
    return _register(wanted, place, lambda user: user, is_invitation_needed=True)


def _register(wanted: RegisterIn, place: Place, finish: Callable[[UserRow], T], *, is_invitation_needed: bool) -> T:
    email_folded = fold_email(wanted.email)
    token = None if wanted.invitation is MISSING else wanted.invitation
    invitations.admit(token, email_folded, place, is_needed=is_invitation_needed)

    @as_unit_of_work
    def add_user() -> T:
        invitations.use(token, email_folded, is_needed=is_invitation_needed)
        user = service.add_hashed(wanted, password_hash)
        notices.ask_to_confirm(user)
        networks.remember(user.id, place)
        return finish(user)

    with limits.counted(bounds.of_sign_up(email_folded, place)):
        password_hash = hash_password(wanted.password, bounds.flow_of(email_folded, place, is_known=False))
        return add_user()


def log_in(given: LoginIn, place: Place, tokens: AccessTokens) -> SignedIn:
    """Open a session.

    Raises: `TooManyRequests`, `WrongCredentials` (alike for an unknown email and a wrong password), `AccountDisabled`.
    """
    for _ in tries():
        user, flow = _get_who_knows_password(given, place)
        new_hash = renew_hash(given.password, user.password_hash, flow)
        signed_in = _open_session_by_password(user, new_hash, place, tokens)
        if signed_in is not None:
            return signed_in
    raise WrongCredentials


def _get_who_knows_password(given: LoginIn, place: Place) -> tuple[UserRow, Flow]:
    """With whose turn it is to hash. Raises: as `log_in`."""
    email_folded = fold_email(given.email)
    user = queries.find_user_by_email(given.email)
    is_known = networks.is_known(user.id if user else None, place)
    flow = bounds.flow_of(email_folded, place, is_known=is_known)
    with limits.counted(bounds.of_log_in(email_folded, place, is_known=is_known)):
        if not is_right(given.password, user.password_hash if user else None, flow) or user is None:
            raise WrongCredentials
    if user.disabled_at is not None:  # told to nobody who has not the password
        raise AccountDisabled
    return user, flow


@as_unit_of_work
def _open_session_by_password(
    user: UserRow, new_hash: str | None, place: Place, tokens: AccessTokens
) -> SignedIn | None:
    """None when the hash has changed meanwhile, with the password or anew, or when the account was disabled."""
    if not queries.lock_password(user):
        return None
    if new_hash:
        queries.change_password(user, new_hash)
    networks.remember(user.id, place)
    session_queries.end_oldest_sessions(user.id, MOST_SESSIONS - 1)  # never a refusal: it would shut the owner out
    return _open_session(user, tokens)


def open_session_of(email: str) -> Actor:
    """An actor for work that is done for somebody, without tokens. Raises: `NotFound`."""
    user = service.get_user_by_email(email)
    session_id = new_id()
    session_queries.add_session(user.id, session_id, clock.now_text(), clock.text_from_now(days=REFRESH_DAYS))
    return _actor(user, session_id)


def refresh(refresh_token: str, tokens: AccessTokens) -> SignedIn:
    """Follow a refresh token to its successor; within `GRACE_SECONDS` of its first use, to the very same one.

    Raises: `Unauthorized`. A token that was used up before that was stolen, and ends its whole session.
    """
    followed = _follow(refresh_token, tokens)
    if followed is None:
        raise Unauthorized(NOT_GOOD, token_was_sent=True)
    return followed


@as_unit_of_work
def _follow(refresh_token: str, tokens: AccessTokens) -> SignedIn | None:
    """The successor, or None when the token is worthless, which it is for good when this has ended its session.

    A first use that lies in the future was before the clock was set back: nobody knows how long ago.
    """
    now, token_hash = clock.now_text(), hash_token(refresh_token)
    found = session_queries.find_refresh_token(token_hash, now)
    if found is None:
        return None
    session_id, user = found
    if not session_queries.touch_session(user.id, session_id, now, clock.text_from_now(days=REFRESH_DAYS)):
        return None
    first_used_at = session_queries.rotate_refresh_token(token_hash, now)
    if abs(clock.from_text(first_used_at) - clock.now()) <= timedelta(seconds=GRACE_SECONDS):
        session_queries.delete_oldest_used_tokens(user.id, session_id, MOST_USED_TOKENS)
        successor = next_refresh_token(refresh_token, config.current().key("refresh-token"))
        return _issue(user, session_id, successor, tokens)
    session_queries.end_session(user.id, session_id)
    return None


@as_unit_of_work
def log_out(actor: Actor) -> None:
    """End the session and blacklist the token. Raises: `Unauthorized` when that has happened already."""
    session_queries.end_live_session(actor)
    expires_at = clock.to_text(datetime.fromtimestamp(actor.expires_at, UTC))
    retry_queries.blacklist(actor.user_id, actor.token_id, expires_at)


@as_unit_of_work
def end_session(user_id: str, session_id: str) -> None:
    """Its tokens are worthless from the next request on."""
    session_queries.end_session(user_id, session_id)


@as_unit_of_work
def end_other_sessions(actor: Actor) -> None:
    """All but the one that asks; personal tokens stay. Raises: `Unauthorized`."""
    queries.get_user(actor)
    session_queries.end_other_sessions(actor.user_id, actor.session_id)


def _open_session(user: UserRow, tokens: AccessTokens) -> SignedIn:
    session_id, now = new_id(), clock.now_text()
    session_queries.add_session(user.id, session_id, now, clock.text_from_now(days=REFRESH_DAYS))
    return _issue(user, session_id, new_refresh_token(), tokens)


def _issue(user: UserRow, session_id: str, refresh_token: str, tokens: AccessTokens) -> SignedIn:
    expires_at = clock.text_from_now(days=REFRESH_DAYS)
    session_queries.add_refresh_token(hash_token(refresh_token), user.id, session_id, expires_at)
    return SignedIn(tokens.issue(_actor(user, session_id)), refresh_token, user)


def _actor(user: UserRow, session_id: str) -> Actor:
    return Actor(user.id, session_id, new_id(), int(clock.now().timestamp()) + ACCESS_SECONDS)
