"""Registration (sign-up), with or without an invitation."""

from collections.abc import Callable
from typing import TypeVar

from pydantic import MISSING

from bucketlist.accounts import invitations, service
from bucketlist.accounts.schemas import RegisterIn
from bucketlist.auth.passwords import hash_password
from bucketlist.auth.tokens import AccessTokens
from bucketlist.auth.users import UserRow
from bucketlist.kit.db.database import in_transaction
from bucketlist.kit.emails import fold_email
from bucketlist.limits import bounds, networks, rate_limits
from bucketlist.limits.networks import Place
from bucketlist.mail import notifications
from bucketlist.sessions.lifecycle import SignedIn, open_session

T = TypeVar("T")


def register(wanted: RegisterIn, place: Place, tokens: AccessTokens) -> SignedIn:
    """Register: make an account and sign in.

    Raises: `RegistrationClosed`, `InvitationNeeded`, `TooManyRequests`, `EmailTaken`.
    """
    return _register(wanted, place, lambda user: open_session(user, tokens), is_invitation_needed=False)


def accept_invitation(wanted: RegisterIn, place: Place) -> UserRow:
    """Make an account by an invitation, also where none is needed, and open no session. Raises: as `register`."""
    return _register(wanted, place, lambda user: user, is_invitation_needed=True)


def _register(wanted: RegisterIn, place: Place, finish: Callable[[UserRow], T], *, is_invitation_needed: bool) -> T:
    email_folded = fold_email(wanted.email)
    token = None if wanted.invitation is MISSING else wanted.invitation
    invitations.admit(token, email_folded, place, is_needed=is_invitation_needed)

    @in_transaction
    def add_user() -> T:
        invitations.use(token, email_folded, is_needed=is_invitation_needed)
        user = service.add_hashed(wanted, password_hash)
        notifications.ask_to_confirm(user)
        networks.remember(user.id, place)
        return finish(user)

    with rate_limits.rate_limited(bounds.of_sign_up(email_folded, place)):
        password_hash = hash_password(wanted.password, bounds.flow_of(email_folded, place, is_known=False))
        return add_user()
