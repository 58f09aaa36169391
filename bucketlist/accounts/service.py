"""Service layer of user accounts: make one, change it, leave.

What opens a session is in `login.py` and `registration.py`.
"""

from typing import NamedTuple

from pydantic import MISSING

from bucketlist import config
from bucketlist.accounts import queries, recovery
from bucketlist.accounts.schemas import PasswordIn, RegisterIn, UserOut, UserPatch
from bucketlist.auth import users
from bucketlist.auth.actor import Actor
from bucketlist.auth.errors import EmailTaken
from bucketlist.auth.passwords import hash_password
from bucketlist.auth.users import UserRow
from bucketlist.kit import clock
from bucketlist.kit.db.database import in_transaction
from bucketlist.kit.db.driver import Row
from bucketlist.kit.db.pruning import NO_LIMIT
from bucketlist.kit.emails import fold_email, is_same_mailbox
from bucketlist.kit.errors import NotFound
from bucketlist.kit.etags import Preconditions, make_etag
from bucketlist.kit.ids import new_id
from bucketlist.kit.optimistic_locking import update_if_unchanged
from bucketlist.limits import bounds
from bucketlist.limits.storage import count_file_bytes
from bucketlist.mail import link_queries, notifications
from bucketlist.purging import service as purging
from bucketlist.purging.tombstones import Tombstone
from bucketlist.sessions import lifecycle_queries
from bucketlist.sessions.reauthentication import get_user_with_password


class Account(NamedTuple):
    """A user, and how many bytes their files have."""

    user: UserRow
    storage_bytes: int

    def row(self) -> Row:
        """The fields of `AccountOut`."""
        fields = self.user[: len(UserOut.model_fields)]
        return (*fields, self.storage_bytes, config.current().storage_quota_bytes)


def etag_of(account: Account) -> str:
    return make_etag(account.user.version, account.user.modified_at, account.storage_bytes)


def add_user(wanted: RegisterIn) -> UserRow:
    """Make an account. Raises: `EmailTaken`."""
    return add_hashed(wanted, hash_password(wanted.password))


@in_transaction
def add_hashed(wanted: RegisterIn, password_hash: str) -> UserRow:
    """Make an account, whose password is hashed already. Raises: `EmailTaken`."""
    now = clock.now_text()
    user = UserRow(new_id(), wanted.email, wanted.name, now, now, 1, password_hash, None, None)
    if not queries.claim_email(fold_email(user.email), user.id):
        raise EmailTaken
    queries.add_user(user)
    return user


def change_password(actor: Actor, wanted: PasswordIn) -> None:
    """Every other session ends. Raises: `Unauthorized`, `TooManyRequests`, `WrongPassword`, `Invalid`."""
    user = get_user_with_password(actor, wanted.current_password)
    recovery.set_password(user, wanted.new_password, staying_session=actor.session_id)


def get_account(actor: Actor) -> Account:
    """Raises: `Unauthorized`."""
    return Account(*queries.get_account(actor))


def change_user(actor: Actor, wanted: UserPatch, conditions: Preconditions) -> Account:
    """The account as it is now.

    Raises: `Unauthorized`, `TooManyRequests`, `WrongPassword`, `PreconditionFailed`, `EmailTaken`, `Conflict`.
    """

    def read() -> UserRow:
        if wanted.current_password is MISSING:
            user = users.get_user(actor)
        else:
            user = get_user_with_password(actor, wanted.current_password)
        _refuse_mismatch(actor, user, conditions)
        return user

    changes = wanted.model_dump(include={"name", "email"})
    storage_bytes = count_file_bytes(actor)
    user = update_if_unchanged(
        read,
        lambda user: user._replace(**changes),
        lambda user, other: _change_user(user, other, actor.session_id),
    )
    return Account(user, storage_bytes)


def _refuse_mismatch(actor: Actor, user: UserRow, conditions: Preconditions) -> None:
    """Raises: `PreconditionFailed`."""
    if conditions.are_there:
        conditions.refuse(etag_of(Account(user, count_file_bytes(actor))))


@in_transaction
def _change_user(user: UserRow, wanted: UserRow, staying_session: str) -> UserRow | None:
    """The user as it is now, or None when somebody else was faster. Raises: `EmailTaken`.

    With another address, what was made under the one before ends: other sessions, and personal tokens.
    """
    changed = queries.change_user(user, wanted.email, wanted.name, clock.text_after(user.modified_at))
    if changed is not None and not is_same_mailbox(wanted.email, user.email):
        if not queries.claim_email(fold_email(wanted.email), user.id):
            raise EmailTaken
        queries.release_other_emails(fold_email(wanted.email), user.id)
        lifecycle_queries.end_other_sessions(user.id, staying_session)
        lifecycle_queries.end_personal_tokens(user.id)
        notifications.email_changed(user, changed)
    return changed


def delete_user(actor: Actor, password: str, conditions: Preconditions) -> None:
    """Remove the account and everything in it. Raises: `Unauthorized`, `WrongPassword`, `PreconditionFailed`."""
    user = get_user_with_password(actor, password)
    _refuse_mismatch(actor, user, conditions)
    if stone := _remove_user(user):
        purging.purge(stone)


def remove_user(user: UserRow) -> None:
    """Remove the account and everything in it, however long it takes."""
    if stone := _remove_user(user):
        purging.purge(stone, NO_LIMIT)


@in_transaction
def _remove_user(user: UserRow) -> Tombstone | None:
    """It is not there any more for anybody; what is left of its rows has to be purged."""
    bounds.forget_account(fold_email(user.email), None)
    return purging.delete_account(user.id)


@in_transaction
def disable_user(user: UserRow) -> bool:
    """Keep somebody out, and all that they have; sessions, personal tokens and links end. Is that news?

    The user's row comes first: whoever logs in at the same moment holds it, and their session ends with the others.
    """
    is_news = queries.disable_user(user.id, clock.now_text())
    lifecycle_queries.end_other_sessions(user.id, None)
    lifecycle_queries.end_personal_tokens(user.id)
    link_queries.forget_links(user.id)
    return is_news


@in_transaction
def enable_user(user: UserRow) -> bool:
    """Let somebody log in again; nothing that has ended comes back. Is that news?"""
    return queries.enable_user(user.id)


def get_user_by_email(email: str) -> UserRow:
    """Raises: `NotFound`."""
    user = queries.find_user_by_email(email)
    if user is None:
        raise NotFound("There is no account with this email.")
    return user
