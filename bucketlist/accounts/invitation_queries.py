"""SQL queries of invitations."""

from typing import NamedTuple

from sqlalchemy import bindparam, delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from bucketlist.auth.statements import given
from bucketlist.kit.db.database import Statement, execute
from bucketlist.kit.db.driver import Values
from bucketlist.kit.db.pruning import Prune, batch_of
from bucketlist.models import invitations

_IS_GOOD = (
    (invitations.c.token_hash == bindparam("token_hash"))
    & (invitations.c.expires_at > bindparam("now"))
    & or_(invitations.c.email_folded.is_(None), invitations.c.email_folded == bindparam("email_folded"))
)
ADD = Statement(
    insert(invitations).values(given(invitations, "token_hash", "email_folded", "created_at", "expires_at"))
)
FIND = Statement(select(invitations.c.token_hash).where(_IS_GOOD))
USE = Statement(delete(invitations).where(_IS_GOOD).returning(invitations.c.token_hash))
WITHDRAW = Statement(delete(invitations).where(invitations.c.email_folded == bindparam("email_folded")))
ID_LENGTH = 12  # hexadecimal digits of the hash, which tell one from all others
_id = func.substr(invitations.c.token_hash, 1, ID_LENGTH)
_IS_OPEN = invitations.c.expires_at > bindparam("now")
OPEN = Statement(
    select(_id, invitations.c.email_folded, invitations.c.created_at, invitations.c.expires_at)
    .where(_IS_OPEN)
    .order_by(invitations.c.created_at, invitations.c.token_hash)
)
WITHDRAW_OPEN = Statement(
    delete(invitations)
    .where(_IS_OPEN, or_(invitations.c.email_folded == bindparam("email_folded"), _id == bindparam("id")))
    .returning(invitations.c.token_hash)
)
PRUNE = batch_of(invitations, invitations.c.expires_at <= bindparam("now"))


class Invitation(NamedTuple):
    """One that is open; without an address it is for anybody."""

    id: str
    email: str | None
    created_at: str
    expires_at: str


def add_invitation(token_hash: str, email_folded: str | None, now: str, expires_at: str) -> None:
    values = {"token_hash": token_hash, "email_folded": email_folded, "created_at": now, "expires_at": expires_at}
    execute(ADD, values)


def withdraw_invitations(email_folded: str) -> None:
    """Those that are for this address only."""
    execute(WITHDRAW, {"email_folded": email_folded})


def find_open(now: str) -> list[Invitation]:
    """Open invitations, the oldest first."""
    return [Invitation._make(row) for row in execute(OPEN, {"now": now})]


def withdraw_open(email_folded: str, invitation_id: str, now: str) -> bool:
    """Was there one for this address, or with this id?"""
    return bool(execute(WITHDRAW_OPEN, {"email_folded": email_folded, "id": invitation_id, "now": now}))


def is_good(token_hash: str, email_folded: str, now: str) -> bool:
    return bool(execute(FIND, {"token_hash": token_hash, "email_folded": email_folded, "now": now}))


def use_invitation(token_hash: str, email_folded: str, now: str) -> bool:
    """Was it good until now? It is used up, unless the transaction fails; who comes at the same moment waits."""
    return bool(execute(USE, {"token_hash": token_hash, "email_folded": email_folded, "now": now}))


def prune_batches(now: str) -> list[tuple[Prune, Values]]:
    return [(PRUNE, {"now": now})]
