"""SQL queries of users: the row of one, and that of whoever asks."""

from typing import NamedTuple

from sqlalchemy import select

from bucketlist.auth import access
from bucketlist.auth.access import ACTIVE_SESSION
from bucketlist.auth.actor import Actor
from bucketlist.kit.db.database import Statement, execute
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

USER_OF_ACTOR = Statement(
    select(*USER_COLUMNS).join_from(ACTIVE_SESSION, users, users.c.id == ACTIVE_SESSION.c.user_id)
)


def get_user(actor: Actor) -> UserRow:
    """Raises: `Unauthorized` when the actor's token is worthless."""
    return UserRow._make(access.require_active(execute(USER_OF_ACTOR, access.values(actor)))[0])
