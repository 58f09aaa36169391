"""Invitations: invite-only registration, by a link with which one person makes one account.

Its token is 256 random bits, of which the database keeps a hash: a plain one is enough. It is good once, until it
expires, and for one address if it was made for one. It is looked up before anything is hashed slowly, and only a miss
counts; it is used up in the transaction that makes the account, so that of two who come with it one gets in.

Source: OWASP ASVS 5.0 section 6.4 (links that are sent out); RFC 4086 (randomness).
"""

import secrets

from bucketlist import config
from bucketlist.accounts import invitation_queries, queries
from bucketlist.accounts.invitation_queries import Invitation
from bucketlist.auth.errors import EmailTaken, InvitationNeeded, RegistrationClosed
from bucketlist.auth.tokens import hash_token
from bucketlist.kit import clock
from bucketlist.kit.db.database import in_transaction
from bucketlist.kit.db.driver import Values
from bucketlist.kit.db.pruning import Prune
from bucketlist.kit.emails import fold_email
from bucketlist.kit.errors import NotFound
from bucketlist.limits import bounds, rate_limits
from bucketlist.limits.networks import Place

TOKEN_BYTES = 32
NOT_GOOD = "This invitation is not good: it was used, has expired, or is for another address."


@in_transaction
def invite(email: str | None, days: float) -> str:
    """The token of a new invitation, for `email` alone if there is one; an older one for that address ends.

    Raises: `RegistrationClosed`, `EmailTaken`.
    """
    if config.current().registration == "closed":
        raise RegistrationClosed("REGISTRATION is closed, so that nobody could use it; set REGISTRATION=invite.")
    token, email_folded = secrets.token_urlsafe(TOKEN_BYTES), fold_email(email) if email else None
    if email and email_folded:
        if queries.find_user_by_email(email):
            raise EmailTaken
        invitation_queries.withdraw_invitations(email_folded)
    expires_at = clock.text_from_now(days=days)
    invitation_queries.add_invitation(hash_token(token), email_folded, clock.now_text(), expires_at)
    return token


def list_open() -> list[Invitation]:
    """Open invitations, which somebody could still follow, the oldest first."""
    return invitation_queries.find_open(clock.now_text())


def withdraw(which: str) -> None:
    """End the open invitation for an address, or of an id. Raises: `NotFound`."""
    wanted = which.strip()
    if not invitation_queries.withdraw_open(fold_email(wanted), wanted.lower(), clock.now_text()):
        raise NotFound("There is no open invitation for this address or with this id; see “user invitations”.")


def admit(token: str | None, email_folded: str, place: Place, *, is_needed: bool) -> None:
    """See that somebody may sign up now.

    Raises: `RegistrationClosed`, `InvitationNeeded`, `TooManyRequests` after too many that are not good.
    """
    registration = config.current().registration
    if registration == "closed":
        raise RegistrationClosed
    if registration == "open" and not is_needed:
        return
    if token is None:
        raise InvitationNeeded
    with rate_limits.rate_limited(bounds.of_link(place)):
        if not invitation_queries.is_good(hash_token(token), email_folded, clock.now_text()):
            raise InvitationNeeded(NOT_GOOD)


def use(token: str | None, email_folded: str, *, is_needed: bool) -> None:
    """Use it up; part of the transaction that makes the account, and first in it. Raises: `InvitationNeeded`."""
    if token is None:
        return
    is_used = invitation_queries.use_invitation(hash_token(token), email_folded, clock.now_text())
    if not is_used and (is_needed or config.current().registration != "open"):
        raise InvitationNeeded(NOT_GOOD)


def prune_batches() -> list[tuple[Prune, Values]]:
    """What removes invitations that have expired."""
    return invitation_queries.prune_batches(clock.now_text())
