"""The rules of accounts and sessions: sign up, log in, stay signed in, log out, change, leave."""

from datetime import UTC, datetime
from typing import NamedTuple

from pydantic import MISSING

from bucketlist import config
from bucketlist.auth import limits, notice_queries, notices, queries, recovery, retry_queries
from bucketlist.auth.actor import Actor
from bucketlist.auth.passwords import hash_password, is_right
from bucketlist.auth.queries import UserRow
from bucketlist.auth.quotas import MOST_SESSIONS
from bucketlist.auth.schemas import LoginIn, PasswordIn, RegisterIn, UserPatch
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
from bucketlist.kit.db import as_unit_of_work, tries
from bucketlist.kit.errors import (
    Conflict,
    EmailTaken,
    NotFound,
    RegistrationClosed,
    Unauthorized,
    WrongPassword,
)
from bucketlist.kit.etags import make_etag, refuse_mismatch
from bucketlist.kit.ids import new_id
from bucketlist.kit.text import fold

NOT_RIGHT = "The email or the password is not right."


class SignedIn(NamedTuple):
    """A new pair of tokens; neither is kept in clear."""

    access_token: str
    refresh_token: str
    user: UserRow


def etag_of(user: UserRow) -> str:
    return make_etag(user.version, user.modified_at)


def register(wanted: RegisterIn, address: str, tokens: AccessTokens) -> SignedIn:
    """Make an account and sign in. Raises: `RegistrationClosed`, `TooManyRequests`, `EmailTaken`."""
    if not config.current().registration_open:
        raise RegistrationClosed
    limits.count_attempt("register", address, account=fold(wanted.email))
    return _add_user_and_sign_in(wanted, hash_password(wanted.password), tokens)


@as_unit_of_work
def _add_user_and_sign_in(wanted: RegisterIn, password_hash: str, tokens: AccessTokens) -> SignedIn:
    user = _add_user(wanted, password_hash)
    notices.ask_to_confirm(user)
    return _open_session(user, tokens)


def add_user(wanted: RegisterIn) -> UserRow:
    """Make an account. Raises: `EmailTaken`."""
    return _add_user(wanted, hash_password(wanted.password))


@as_unit_of_work
def _add_user(wanted: RegisterIn, password_hash: str) -> UserRow:
    now = clock.now_text()
    user = UserRow(new_id(), wanted.email, wanted.name, now, now, 1, password_hash, None)
    if not queries.claim_email(fold(user.email), user.id):
        raise EmailTaken
    queries.add_user(user)
    return user


def log_in(given: LoginIn, address: str, tokens: AccessTokens) -> SignedIn:
    """Open a session. Raises: `TooManyRequests`, `Unauthorized` (alike for an unknown email and a wrong password)."""
    email_folded = fold(given.email)
    limits.count_attempt("login", address, account=email_folded)
    user = queries.find_user_by_email(email_folded)
    is_known = is_right(given.password, user.password_hash if user else None)
    if user is None or not is_known:
        raise Unauthorized(NOT_RIGHT)
    limits.forgive_attempt("login", address, account=email_folded)
    return _open_session_by_password(user, tokens)


@as_unit_of_work
def _open_session_by_password(user: UserRow, tokens: AccessTokens) -> SignedIn:
    if not queries.lock_password(user):  # changed meanwhile, which has ended every session but this one
        raise Unauthorized(NOT_RIGHT)
    queries.end_oldest_sessions(user.id, MOST_SESSIONS - 1)  # never a refusal: it would shut the owner out
    return _open_session(user, tokens)


def open_session_of(email: str) -> Actor:
    """An actor for work that is done for somebody, without tokens. Raises: `NotFound`."""
    user = get_user_by_email(email)
    session_id = new_id()
    queries.add_session(user.id, session_id, clock.now_text(), clock.text_from_now(days=REFRESH_DAYS))
    return _actor(user, session_id)


def refresh(refresh_token: str, tokens: AccessTokens) -> SignedIn:
    """Follow a refresh token to its successor; within `GRACE_SECONDS` of its first use, to the very same one.

    Raises: `Unauthorized`. A token that was used up before that was stolen, and ends its whole session.
    """
    followed = _follow(refresh_token, tokens)
    if followed is None:
        raise Unauthorized(token_was_sent=True)
    return followed


@as_unit_of_work
def _follow(refresh_token: str, tokens: AccessTokens) -> SignedIn | None:
    """The successor, or None when the token is worthless, which it is for good when this has ended its session."""
    now, token_hash = clock.now_text(), hash_token(refresh_token)
    found = queries.find_refresh_token(token_hash, now)
    if found is None:
        return None
    session_id, user = found
    if not queries.touch_session(user.id, session_id, now, clock.text_from_now(days=REFRESH_DAYS)):
        return None
    if queries.rotate_refresh_token(token_hash, now) >= clock.text_from_now(seconds=-GRACE_SECONDS):
        successor = next_refresh_token(refresh_token, config.current().key("refresh-token"))
        return _issue(user, session_id, successor, tokens)
    queries.end_session(user.id, session_id)
    return None


@as_unit_of_work
def log_out(actor: Actor) -> None:
    """End the session and blacklist the token. Raises: `Unauthorized` when that has happened already."""
    queries.end_live_session(actor)
    expires_at = clock.to_text(datetime.fromtimestamp(actor.expires_at, UTC))
    retry_queries.blacklist(actor.user_id, actor.token_id, expires_at)


@as_unit_of_work
def end_session(user_id: str, session_id: str) -> None:
    """Its tokens are worthless from the next request on."""
    queries.end_session(user_id, session_id)


@as_unit_of_work
def end_other_sessions(actor: Actor) -> None:
    """All but the one that asks; personal tokens stay. Raises: `Unauthorized`."""
    queries.get_user(actor)
    queries.end_other_sessions(actor.user_id, actor.session_id)


def change_password(actor: Actor, wanted: PasswordIn, address: str) -> None:
    """Every other session ends. Raises: `Unauthorized`, `TooManyRequests`, `WrongPassword`, `Invalid`."""
    user = _get_user_with_password(actor, wanted.current_password, address)
    recovery.set_password(user, wanted.new_password, staying_session=actor.session_id)


def get_user(actor: Actor) -> UserRow:
    return queries.get_user(actor)


def change_user(actor: Actor, wanted: UserPatch, address: str, if_match: str | None) -> UserRow:
    """The user as it is now.

    Raises: `Unauthorized`, `TooManyRequests`, `WrongPassword`, `PreconditionFailed`, `EmailTaken`, `Conflict`.
    """
    for _ in tries():
        if wanted.current_password is MISSING:
            user = queries.get_user(actor)
        else:
            user = _get_user_with_password(actor, wanted.current_password, address)
        refuse_mismatch(etag_of(user), if_match)
        email = user.email if wanted.email is MISSING else wanted.email
        name = user.name if wanted.name is MISSING else wanted.name
        if (email, name) == (user.email, user.name):
            return user
        changed = _change_user(user, email, name)
        if changed is not None:
            return changed
    raise Conflict


@as_unit_of_work
def _change_user(user: UserRow, email: str, name: str | None) -> UserRow | None:
    """The user as it is now, or None when somebody else was faster. Raises: `EmailTaken`."""
    changed = queries.change_user(user, email, name, clock.text_after(user.modified_at))
    if changed is not None and fold(email) != fold(user.email):
        if not queries.claim_email(fold(email), user.id):
            raise EmailTaken
        queries.release_email(fold(user.email), user.id)
        notices.email_changed(user, changed)
    return changed


def delete_user(actor: Actor, password: str, address: str, if_match: str | None) -> None:
    """Remove the account and everything in it. Raises: `Unauthorized`, `WrongPassword`, `PreconditionFailed`."""
    user = _get_user_with_password(actor, password, address)
    refuse_mismatch(etag_of(user), if_match)
    remove_user(user)


@as_unit_of_work
def remove_user(user: UserRow) -> None:
    """Remove the account and everything in it."""
    queries.delete_user(user.id)
    notice_queries.forget_links(user.id)
    limits.forget_account(fold(user.email), user.id)


def get_user_by_email(email: str) -> UserRow:
    """Raises: `NotFound`."""
    user = queries.find_user_by_email(fold(email))
    if user is None:
        raise NotFound("There is no account with this email.")
    return user


def _get_user_with_password(actor: Actor, password: str, address: str) -> UserRow:
    """The actor's user, who has just proved to know the password."""
    user = queries.get_user(actor)
    limits.count_attempt("password", address, account=user.id)
    if not is_right(password, user.password_hash):
        raise WrongPassword
    limits.forgive_attempt("password", address, account=user.id)
    return user


def _open_session(user: UserRow, tokens: AccessTokens) -> SignedIn:
    session_id, now = new_id(), clock.now_text()
    queries.add_session(user.id, session_id, now, clock.text_from_now(days=REFRESH_DAYS))
    return _issue(user, session_id, new_refresh_token(), tokens)


def _issue(user: UserRow, session_id: str, refresh_token: str, tokens: AccessTokens) -> SignedIn:
    expires_at = clock.text_from_now(days=REFRESH_DAYS)
    queries.add_refresh_token(hash_token(refresh_token), user.id, session_id, expires_at)
    return SignedIn(tokens.issue(_actor(user, session_id)), refresh_token, user)


def _actor(user: UserRow, session_id: str) -> Actor:
    return Actor(user.id, session_id, new_id(), int(clock.now().timestamp()) + ACCESS_SECONDS)
