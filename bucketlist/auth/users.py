"""SQL queries of users: the row of whoever asks, and that of one whom a directory table told of.

A directory (of emails, links, refresh tokens) is asked first whose something is, and then the user's own row, by a
statement of its own, so that the two need not lie on one machine. What has changed in between is looked at here, or
again by the statement that uses it up.
"""

from typing import NamedTuple

from sqlalchemy import select

from bucketlist.auth import access
from bucketlist.auth.access import ACTIVE_SESSION
from bucketlist.auth.actor import Actor
from bucketlist.kit.db.database import Statement, execute, find_one
from bucketlist.kit.emails import fold_email, spelling
from bucketlist.kit.ids import NO_ID
from bucketlist.models import users


class UserRow(NamedTuple):
    """A user: the fields of `UserOut` in their order, then what stays inside."""

    id: str
    email: str
    name: str | None
    created_at: str
    modified_at: str
    version: int
    password_hash: str
    email_confirmed_at: str | None
    disabled_at: str | None


USER_COLUMNS = [users.c[name] for name in UserRow._fields]

USER = Statement(select(*USER_COLUMNS).where(users.c.id == access.OWNER))
USER_OF_ACTOR = Statement(
    select(*USER_COLUMNS).join_from(ACTIVE_SESSION, users, users.c.id == ACTIVE_SESSION.c.user_id)
)


def get_user(actor: Actor) -> UserRow:
    """Raises: `Unauthorized` when the actor's token is worthless."""
    return UserRow._make(access.require_active(execute(USER_OF_ACTOR, access.values(actor)))[0])


def find_user(user_id: str | None) -> UserRow | None:
    """The user, or None. For no id the same statement is executed, so that nobody can tell which it was."""
    row = find_one(USER, access.of_owner(user_id or NO_ID))
    return UserRow._make(row) if row else None


def find_user_at(user_id: str, email_folded: str) -> UserRow | None:
    """The user who had this address in the directory just now, and has it still."""
    user = find_user(user_id)
    return user if user and email_folded in (fold_email(user.email), spelling(user.email)) else None
