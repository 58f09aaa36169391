"""Registration (sign-up), with or without an invitation."""

from pydantic import MISSING

from bucketlist.accounts import invitations, service
from bucketlist.accounts.schemas import RegisterIn
from bucketlist.auth.passwords import hash_password
from bucketlist.auth.tokens import AccessTokens
from bucketlist.kit.db.database import in_transaction
from bucketlist.kit.emails import fold_email
from bucketlist.limits import bounds, networks, rate_limits
from bucketlist.limits.networks import Place
from bucketlist.mail import notifications
from bucketlist.sessions.lifecycle import SignedIn, open_session


def register(wanted: RegisterIn, place: Place, tokens: AccessTokens, *, is_invitation_needed: bool = False) -> SignedIn:
    """Register: make an account and sign in; with `is_invitation_needed`, also where anybody may.

    Raises: `RegistrationClosed`, `InvitationNeeded`, `TooManyRequests`, `EmailTaken`.
    """
    email_folded = fold_email(wanted.email)
    token = None if wanted.invitation is MISSING else wanted.invitation
    invitations.admit(token, email_folded, place, is_needed=is_invitation_needed)

    @in_transaction
    def add_user() -> SignedIn:
        invitations.use(token, email_folded, is_needed=is_invitation_needed)
        user = service.add_hashed(wanted, password_hash)
        notifications.ask_to_confirm(user)
        networks.remember(user.id, place)
        return open_session(user, tokens)

    with rate_limits.rate_limited(bounds.of_sign_up(email_folded, place)):
        password_hash = hash_password(wanted.password, bounds.flow_of(email_folded, place, is_known=False))
        return add_user()
