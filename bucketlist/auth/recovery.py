"""The rules of the way back in: a forgotten password, a link by mail, an address that is shown to be one's own.

An address that nobody has confirmed grants nothing. Whoever follows a link that was sent there has shown that it is
theirs; when they set a new password, everybody who was in the account before is out.
"""

from bucketlist.auth import limits, notice_queries, notices, queries, session_queries
from bucketlist.auth.passwords import hash_password
from bucketlist.auth.queries import UserRow
from bucketlist.auth.schemas import ConfirmIn, ForgotIn, ResetIn
from bucketlist.auth.tokens import hash_token
from bucketlist.kit import clock
from bucketlist.kit.db import as_unit_of_work
from bucketlist.kit.errors import Invalid, MailOff, Unauthorized, WrongPassword
from bucketlist.kit.text import fold

NOT_GOOD = "This link is not good any more: it was used, has expired, or a newer one was sent. Ask for a new one."


def forgot_password(wanted: ForgotIn, address: str) -> None:
    """Have a link sent to the owner of the account, if there is one; nobody is told whether.

    Raises: `MailOff`, `TooManyRequests`.
    """
    _refuse_without_mail()
    email_folded = fold(wanted.email)
    limits.count_attempt("forgot", address, account=email_folded)
    as_unit_of_work(notices.send_link)(queries.find_user_by_email(email_folded), "reset")


def reset_password(wanted: ResetIn, address: str) -> None:
    """Set a new password by a link; every session ends.

    Personal tokens stay, for scripts go on while somebody changes a password; but where nobody had confirmed the
    address until now they may be a stranger's, and end too.

    Raises: `MailOff`, `TooManyRequests`, `Unauthorized` for a link that is not good, `Invalid`.
    """
    token_hash, user = _find_user(wanted.token, "reset", address)
    _reset_password(token_hash, user, hash_new_password(user, wanted.new_password))


@as_unit_of_work
def _reset_password(token_hash: str, user: UserRow, password_hash: str) -> None:
    if not queries.change_password(user, password_hash):
        raise Unauthorized(NOT_GOOD)
    if not notice_queries.use_link(token_hash, user.id, "reset", clock.now_text()):
        raise Unauthorized(NOT_GOOD)
    session_queries.end_other_sessions(user.id, None)
    if user.email_confirmed_at is None:
        notice_queries.end_personal_tokens(user.id)
        notice_queries.confirm_email(user.id, clock.now_text())
    notices.tell(user, "password_changed")


def confirm_email(wanted: ConfirmIn, address: str) -> None:
    """The address is the user's own.

    Raises: `MailOff`, `TooManyRequests`, `Unauthorized` for a link that is not good.
    """
    _confirm_email(*_find_user(wanted.token, "confirm", address))


@as_unit_of_work
def _confirm_email(token_hash: str, user: UserRow) -> None:
    notice_queries.confirm_email(user.id, clock.now_text())
    if not notice_queries.use_link(token_hash, user.id, "confirm", clock.now_text()):
        raise Unauthorized(NOT_GOOD)


def set_password(user: UserRow, new_password: str, *, staying_session: str | None) -> None:
    """Raises: `Invalid` when the password is the email, `WrongPassword` when it was changed meanwhile."""
    _set_password(user, hash_new_password(user, new_password), staying_session)


@as_unit_of_work
def _set_password(user: UserRow, password_hash: str, staying_session: str | None) -> None:
    if not queries.change_password(user, password_hash):
        raise WrongPassword
    session_queries.end_other_sessions(user.id, staying_session)
    notice_queries.forget_link(user.id, "reset")
    notices.tell(user, "password_changed")


def hash_new_password(user: UserRow, new_password: str) -> str:
    """Raises: `Invalid` when the password is the email."""
    if fold(new_password) == fold(user.email):
        refused = "The password must not be the email."
        raise Invalid(errors=[{"pointer": "/newPassword", "code": "password_is_email", "detail": refused}])
    return hash_password(new_password)


def _find_user(token: str, kind: notices.LinkKind, address: str) -> tuple[str, UserRow]:
    """Whose link it is. Nothing is hashed slowly for one that is not good."""
    _refuse_without_mail()
    token_hash = hash_token(token)
    limits.count_attempt("link", address, account=token_hash)
    user = notice_queries.find_user_of_link(token_hash, kind, clock.now_text())
    if user is None:
        raise Unauthorized(NOT_GOOD)
    limits.forgive_attempt("link", address, account=token_hash)
    return token_hash, user


def _refuse_without_mail() -> None:
    if not notices.is_mail_on():
        raise MailOff
