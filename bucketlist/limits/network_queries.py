"""SQL queries of known networks, from which an account was got into."""

from sqlalchemy import Integer, bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT is SQLite's as well

from bucketlist.auth.access import of_owner, owned
from bucketlist.auth.statements import given
from bucketlist.kit.db.database import Statement, execute
from bucketlist.kit.db.driver import Values
from bucketlist.kit.db.pruning import Prune, expired_of
from bucketlist.models import known_networks

_HASH = bindparam("network_hash", type_=known_networks.c.network_hash.type)

IS_KNOWN = Statement(
    select(known_networks.c.network_hash).where(
        owned(known_networks),
        known_networks.c.network_hash == _HASH,
        known_networks.c.expires_at > bindparam("now"),
    )
)
_noted = insert(known_networks).values(given(known_networks, "user_id", "network_hash", "expires_at"))
REMEMBER = Statement(
    _noted.on_conflict_do_update(
        index_elements=["user_id", "network_hash"],
        set_={"expires_at": _noted.excluded.expires_at},
        where=known_networks.c.expires_at < bindparam("noted_before"),
    ).returning(known_networks.c.network_hash)
)
_held = known_networks.alias("held")
FORGET_OLDEST = Statement(
    delete(known_networks).where(
        owned(known_networks),
        known_networks.c.network_hash.in_(
            select(_held.c.network_hash)
            .where(owned(_held))
            .order_by(_held.c.expires_at.desc(), _held.c.network_hash)
            .offset(bindparam("kept", type_=Integer))
        ),
    )
)
FORGET_ALL = Statement(delete(known_networks).where(owned(known_networks)))
PRUNE = expired_of(known_networks, "expires_at")


def is_known(user_id: str, network_hash: str, now: str) -> bool:
    return bool(execute(IS_KNOWN, of_owner(user_id, network_hash=network_hash, now=now)))


def remember(user_id: str, network_hash: str, expires_at: str, noted_before: str) -> bool:
    """Was it news, or noted so long ago that it expired before `noted_before`?"""
    values = {"user_id": user_id, "network_hash": network_hash, "expires_at": expires_at}
    return bool(execute(REMEMBER, {**values, "noted_before": noted_before}))


def forget_oldest(user_id: str, kept: int) -> None:
    """Delete known networks, all but `kept` that were used last."""
    execute(FORGET_OLDEST, of_owner(user_id, kept=kept))


def forget_all(user_id: str) -> None:
    execute(FORGET_ALL, of_owner(user_id))


def prune_batches(now: str) -> list[tuple[Prune, Values]]:
    return [(PRUNE, {"now": now})]
