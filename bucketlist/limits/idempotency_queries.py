"""SQL queries of idempotency keys: answers that are kept for a retry."""

from functools import cache
from typing import Literal, NamedTuple

from sqlalchemy import bindparam, update

from bucketlist.auth import access, statements
from bucketlist.auth.actor import Actor
from bucketlist.kit.db.database import Statement, execute
from bucketlist.kit.db.driver import Values
from bucketlist.kit.db.errors import RowLockTimeout
from bucketlist.kit.db.pruning import Prune, expired_of
from bucketlist.limits.errors import RequestInProgress
from bucketlist.limits.quotas import has_room
from bucketlist.models import idempotency_keys, sessions


class KeptAnswer(NamedTuple):
    request_hash: str
    status: int
    headers: str
    body: str


_keys = idempotency_keys
_IS_FORGOTTEN = _keys.c.created_at < bindparam("forgotten_before", type_=_keys.c.created_at.type)
_NOW = bindparam("now", type_=_keys.c.created_at.type)


@cache
def claim_statement(*, is_counted: bool) -> Statement:
    """Claims a key; `is_counted`, only if no more are remembered than there may be before."""
    given = statements.given(_keys, "key", "request_hash")
    values = {"user_id": sessions.c.user_id, **given, "created_at": _NOW}
    room = [has_room(_keys, ~_IS_FORGOTTEN)] if is_counted else []
    claim = statements.inserted(_keys, values, *room)
    return Statement(
        claim.on_conflict_do_update(  # a key that is older than a day is as good as new
            index_elements=["user_id", "key"],
            set_={"request_hash": claim.excluded.request_hash, "created_at": claim.excluded.created_at},
            where=_IS_FORGOTTEN,
        ).returning(_keys.c.key)
    )


KEPT_ANSWER = statements.one(
    _keys, [_keys.c.request_hash, _keys.c.status, _keys.c.headers, _keys.c.body], bindparam("key")
)
KEEP_ANSWER = Statement(
    update(_keys)
    .where(access.owned(_keys), _keys.c.key == bindparam("wanted_key"))
    .values(status=bindparam("status"), headers=bindparam("headers"), body=bindparam("body"))
)


PRUNE = expired_of(_keys, "created_at")


def claim_key(
    actor: Actor, key: str, request_hash: str, forgotten_before: str, held_at_most: int | None
) -> Literal[True] | None:
    """True for the first request with `key`; else None, as when there are more than `held_at_most` before.

    On PostgreSQL it waits for a twin that is at work. Raises: `RequestInProgress` when that takes too long,
    `LockWaitTimeout` when another lock does.
    """
    values = access.values(actor, key=key, request_hash=request_hash, forgotten_before=forgotten_before)
    statement = claim_statement(is_counted=held_at_most is not None)
    try:
        return True if execute(statement, values | {"held_at_most": held_at_most}) else None
    except RowLockTimeout as waited:
        if _keys.name in waited.place:
            raise RequestInProgress from None
        raise


def find_kept_answer(actor: Actor, key: str) -> KeptAnswer | None:
    """Raises: `Unauthorized` when the actor's token is worthless."""
    row = statements.find(KEPT_ANSWER, actor, key=key)
    return KeptAnswer._make(row) if row else None


def keep_answer(actor: Actor, key: str, status: int, headers: str, body: str) -> None:
    values = access.of_owner(actor.user_id, wanted_key=key, status=status, headers=headers, body=body)
    execute(KEEP_ANSWER, values)


def prune_batches(forgotten_before: str) -> list[tuple[Prune, Values]]:
    """What removes kept answers that have expired."""
    return [(PRUNE, {"now": forgotten_before})]
