"""Authentication errors: refusals about credentials, passwords, registration.

Those of accounts are here too, as wrong guesses are counted below accounts.
"""

from bucketlist.kit.errors import Conflict, Forbidden, Unauthorized


class WrongCredentials(Unauthorized):
    """Of a log-in; it is no reason for a client to refresh its tokens, as a worthless token is."""

    code, title = "wrong_credentials", "Wrong email or password"
    default_detail = "The email or the password is not right."


class LinkNotGood(Unauthorized):
    """Of a link that was mailed; it is no reason for a client to refresh its tokens either."""

    code, title = "link_not_good", "This link is not good any more"
    default_detail = (
        "This link is not good any more: it was used, has expired, or a newer one was sent. Ask for a new one."
    )


class InsufficientScope(Forbidden):
    code, title = "insufficient_scope", "This token may not do that"
    default_detail = "The scope of this token is too small."


class WrongPassword(Forbidden):
    code, title = "wrong_password", "Wrong password"
    default_detail = "The current password is not right."


class RegistrationClosed(Forbidden):
    code, title = "registration_closed", "Registration is closed"
    default_detail = "This service takes no new accounts."


class InvitationNeeded(Forbidden):
    code, title = "invitation_needed", "By invitation only"
    default_detail = "This service takes new accounts by invitation only; send the token of yours as “invitation”."


class AccountDisabled(Forbidden):
    code, title = "account_disabled", "Account disabled"
    default_detail = "This account has been disabled by whoever runs the service. What is in it is kept."


class EmailTaken(Conflict):
    code, title = "email_taken", "Email already registered"
    default_detail = "There is an account with this email already."
