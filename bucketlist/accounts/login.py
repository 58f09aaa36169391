"""Password login: who knows the password of an account gets a session of it."""

from bucketlist.accounts import queries, service
from bucketlist.accounts.schemas import LoginIn
from bucketlist.auth.actor import Actor
from bucketlist.auth.errors import AccountDisabled, WrongCredentials
from bucketlist.auth.passwords import renew_hash, verify_password
from bucketlist.auth.tokens import REFRESH_DAYS, AccessTokens
from bucketlist.auth.users import UserRow
from bucketlist.kit import clock
from bucketlist.kit.db.database import in_transaction
from bucketlist.kit.emails import fold_email
from bucketlist.kit.ids import new_id
from bucketlist.kit.optimistic_locking import optimistic_attempts
from bucketlist.kit.queues import Flow
from bucketlist.limits import bounds, networks, rate_limits
from bucketlist.limits.networks import Place
from bucketlist.sessions import lifecycle_queries
from bucketlist.sessions.lifecycle import SignedIn, actor_of, open_session
from bucketlist.sessions.quotas import MOST_SESSIONS


def log_in(given: LoginIn, place: Place, tokens: AccessTokens) -> SignedIn:
    """Open a session.

    Raises: `TooManyRequests`, `WrongCredentials` (alike for an unknown email and a wrong password), `AccountDisabled`.
    """
    for _ in optimistic_attempts():
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
    with rate_limits.rate_limited(bounds.of_log_in(email_folded, place, is_known=is_known)):
        if not verify_password(given.password, user.password_hash if user else None, flow) or user is None:
            raise WrongCredentials
    if user.disabled_at is not None:  # told to nobody who has not the password
        raise AccountDisabled
    return user, flow


@in_transaction
def _open_session_by_password(
    user: UserRow, new_hash: str | None, place: Place, tokens: AccessTokens
) -> SignedIn | None:
    """None when the hash has changed meanwhile, with the password or anew, or when the account was disabled."""
    if not queries.lock_password(user):
        return None
    if new_hash:
        queries.change_password(user, new_hash)
    networks.remember(user.id, place)
    lifecycle_queries.end_oldest_sessions(user.id, MOST_SESSIONS - 1)  # never a refusal: it would shut the owner out
    return open_session(user, tokens)


def open_session_of(email: str) -> Actor:
    """An actor for work that is done for somebody, without tokens. Raises: `NotFound`."""
    user = service.get_user_by_email(email)
    session_id = new_id()
    lifecycle_queries.add_session(user.id, session_id, clock.now_text(), clock.text_from_now(days=REFRESH_DAYS))
    return actor_of(user, session_id)
