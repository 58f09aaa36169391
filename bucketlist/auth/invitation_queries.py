"""The SQL of invitations."""

from sqlalchemy import bindparam, delete, or_, select
from sqlalchemy.dialects.postgresql import insert

from bucketlist.auth.queries import given
from bucketlist.kit.db import Statement, Values, execute
from bucketlist.kit.pruning import batch_of
from bucketlist.models import invitations

_IS_GOOD = (
    (invitations.c.token_hash == bindparam("token_hash"))
    & (invitations.c.expires_at > bindparam("now"))
    & or_(invitations.c.email_folded.is_(None), invitations.c.email_folded == bindparam("email_folded"))
)
ADD = Statement(insert(invitations).values(given("token_hash", "email_folded", "created_at", "expires_at")))
FIND = Statement(select(invitations.c.token_hash).where(_IS_GOOD))
USE = Statement(delete(invitations).where(_IS_GOOD).returning(invitations.c.token_hash))
WITHDRAW = Statement(delete(invitations).where(invitations.c.email_folded == bindparam("email_folded")))
PRUNE = batch_of(invitations, invitations.c.expires_at <= bindparam("now"))


def add_invitation(token_hash: str, email_folded: str | None, now: str, expires_at: str) -> None:
    values = {"token_hash": token_hash, "email_folded": email_folded, "created_at": now, "expires_at": expires_at}
    execute(ADD, values)


def withdraw_invitations(email_folded: str) -> None:
    """Those that are for this address only."""
    execute(WITHDRAW, {"email_folded": email_folded})


def is_good(token_hash: str, email_folded: str, now: str) -> bool:
    return bool(execute(FIND, {"token_hash": token_hash, "email_folded": email_folded, "now": now}))


def use_invitation(token_hash: str, email_folded: str, now: str) -> bool:
    """Was it good until now? It is used up, unless the unit of work fails; who comes at the same moment waits."""
    return bool(execute(USE, {"token_hash": token_hash, "email_folded": email_folded, "now": now}))


def prune_batches(now: str) -> list[tuple[Statement, Values]]:
    return [(PRUNE, {"now": now})]
