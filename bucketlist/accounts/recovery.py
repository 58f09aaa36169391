"""Account recovery: password reset and email verification, each by a link that is sent by mail.

An address that nobody has confirmed grants nothing. Whoever follows a link that was sent there has shown that it is
theirs, and whoever was in the account before and has not shown it is out: sessions, personal tokens and password end,
unless the person with the link has the password or a session as well.
"""

from pydantic import MISSING

from bucketlist import config
from bucketlist.accounts import queries
from bucketlist.accounts.schemas import ConfirmIn, ForgotIn, ResetIn
from bucketlist.auth import users
from bucketlist.auth.actor import Actor
from bucketlist.auth.errors import LinkNotGood, WrongPassword
from bucketlist.auth.passwords import HASH_OF_NOBODY, hash_password, is_like_email, verify_password
from bucketlist.auth.tokens import hash_token
from bucketlist.auth.users import UserRow
from bucketlist.kit import clock
from bucketlist.kit.db.database import in_transaction
from bucketlist.kit.emails import fold_email
from bucketlist.kit.errors import Forbidden, Invalid, TooManyRequests
from bucketlist.kit.queues import Flow
from bucketlist.limits import bounds, networks, rate_limits
from bucketlist.limits.networks import Place
from bucketlist.mail import link_queries, notifications
from bucketlist.mail.errors import MailOff
from bucketlist.sessions import lifecycle_queries


def forgot_password(wanted: ForgotIn, place: Place) -> None:
    """Have a link sent to the owner of the account, if there is one; nobody is told whether (user enumeration).

    When enough were sent today, another one goes once an hour, and between these the last one is good for another hour.
    So whatever strangers ask for, and whatever ended the links before, the owner has one within the hour. Where an
    owner got in before, their neighbours cannot use up the network's share: all are refused alike, and the owner's link
    is sent all the same.

    Raises: `MailOff`, `TooManyRequests`.
    """
    _refuse_without_mail()
    email_folded = fold_email(wanted.email)
    user = queries.find_user_by_email(wanted.email)
    is_known = networks.is_known(user.id if user else None, place)
    if user is not None and user.disabled_at is not None:  # no link leads back in; asked like all others
        user = None
    is_owners = is_known and user is not None and user.email_confirmed_at is not None  # or strangers sign up there
    try:
        rate_limits.check_rate_limit("forgot", bounds.of_asking(place))
    except TooManyRequests:
        if is_owners:
            _send_reset(user, email_folded, place, is_known=True)
        raise
    _send_reset(user, email_folded, place, is_known=is_owners, is_flood=bounds.is_flood_of_asking())


@in_transaction
def _send_reset(
    user: UserRow | None, email_folded: str, place: Place, *, is_known: bool, is_flood: bool = False
) -> None:
    if bounds.may_send_reset(email_folded, place, is_known=is_known, is_flood=is_flood):
        notifications.send_link(user, "reset")
    else:
        notifications.renew_link(user, "reset")


def reset_password(wanted: ResetIn, place: Place) -> None:
    """Set a new password by a link; every session ends, and every personal token: who got in before is out.

    The owner gets in at once, whatever strangers have spent.

    Raises: `MailOff`, `TooManyRequests`, `LinkNotGood`, `Invalid`.
    """
    token_hash, user = _find_user(wanted.token, "reset", place)
    flow = bounds.flow_of(user.id, place, is_known=True)
    _reset_password(token_hash, user, hash_new_password(user, wanted.new_password, flow), place)


@in_transaction
def _reset_password(token_hash: str, user: UserRow, password_hash: str, place: Place) -> None:
    if not queries.change_password(user, password_hash):
        raise LinkNotGood
    if not link_queries.use_link(token_hash, user.id, "reset", clock.now_text()):
        raise LinkNotGood
    if queries.confirm_email(user.id, clock.now_text()):
        networks.forget_all(user.id)
    _end_what_was_made(user)
    networks.remember(user.id, place)
    bounds.forget_account(fold_email(user.email), place)
    bounds.forget_resets(fold_email(user.email), place)
    notifications.notify(user, "password_reset")


def confirm_email(wanted: ConfirmIn, actor: Actor | None, place: Place) -> bool:
    """The address is the user's own. Did that end what was made before, as nobody knows by whom?

    It does not for whoever has the password, or a session as `actor`.

    Raises: `MailOff`, `TooManyRequests`, `LinkNotGood`, `Unauthorized` for a session that is not good, `WrongPassword`,
    `Forbidden` for a session of somebody else.
    """
    token_hash, user = _find_user(wanted.token, "confirm", place)
    return _confirm_email(token_hash, user, is_at_home=_is_at_home(user, wanted, actor, place))


def _is_at_home(user: UserRow, wanted: ConfirmIn, actor: Actor | None, place: Place) -> bool:
    """Is whoever has the link the one who has the account?"""
    if wanted.current_password is not MISSING:
        with rate_limits.rate_limited(bounds.of_password(user.id)):
            flow = bounds.flow_of(user.id, place, is_known=True)
            if not verify_password(wanted.current_password, user.password_hash, flow):
                raise WrongPassword
        return True
    if actor and users.get_user(actor).id != user.id:
        raise Forbidden("You are signed in to another account than the one that this link is for.")
    return actor is not None


@in_transaction
def _confirm_email(token_hash: str, user: UserRow, *, is_at_home: bool) -> bool:
    is_news = queries.confirm_email(user.id, clock.now_text())
    if not link_queries.use_link(token_hash, user.id, "confirm", clock.now_text()):
        raise LinkNotGood
    if is_at_home or not is_news:
        return False
    if not queries.change_password(user, HASH_OF_NOBODY):
        raise LinkNotGood
    _end_what_was_made(user)
    networks.forget_all(user.id)
    notifications.send_link(user, "reset")
    return True


def set_password(user: UserRow, new_password: str, *, staying_session: str | None) -> None:
    """Set a new password, for whoever stays signed in by `staying_session`: every other session ends.

    Without one it is as after a reset: personal tokens end as well, and attempts are counted anew.

    Raises: `Invalid` when the password is the email, `WrongPassword` when it was changed meanwhile.
    """
    _set_password(user, hash_new_password(user, new_password, Flow(user.id, user.id, is_known=True)), staying_session)


@in_transaction
def _set_password(user: UserRow, password_hash: str, staying_session: str | None) -> None:
    if not queries.change_password(user, password_hash):
        raise WrongPassword
    link_queries.forget_link(user.id, "reset")
    if staying_session:
        lifecycle_queries.end_other_sessions(user.id, staying_session)
        notifications.notify(user, "password_changed")
    else:
        _end_what_was_made(user)
        bounds.forget_account(fold_email(user.email), None)
        notifications.notify(user, "password_reset")


def _end_what_was_made(user: UserRow) -> None:
    """Every session and every personal token."""
    lifecycle_queries.end_other_sessions(user.id, None)
    lifecycle_queries.end_personal_tokens(user.id)


def hash_new_password(user: UserRow, new_password: str, flow: Flow) -> str:
    """Raises: `Invalid` when the password is the email."""
    if is_like_email(new_password, user.email):
        refused = "The password must not be the email."
        raise Invalid(errors=[{"pointer": "/newPassword", "code": "password_is_email", "detail": refused}])
    return hash_password(new_password, flow)


def _find_user(token: str, kind: notifications.LinkKind, place: Place) -> tuple[str, UserRow]:
    """Whose link it is. Nothing is hashed slowly for one that is not good, and only such a one counts."""
    _refuse_without_mail()
    token_hash = hash_token(token)
    with rate_limits.rate_limited(bounds.of_link(place)):
        user = link_queries.find_user_of_link(token_hash, kind, clock.now_text())
        if user is None:
            raise LinkNotGood
    return token_hash, user


def _refuse_without_mail() -> None:
    if not config.can_mail():
        raise MailOff
