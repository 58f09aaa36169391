"""Authorization in SQL: the only place that knows who asks (`:actor_id`) from whose row it is (`:owner_id`).

They are the same today. The session and the blacklist are the actor's; a row is the owner's.

Every statement starts from the active session: its row must exist and the token must not be on the blacklist. The
clause is positive, so that a deleted account is out at once. A statement that gives no row at all says that the token
is worthless; that is how one round trip answers both "may you?" and "what is it?".
"""

from sqlalchemy import (
    ColumnElement,
    Exists,
    FromClause,
    Table,
    and_,
    bindparam,
    exists,
    literal_column,
    not_,
    or_,
    select,
)

from bucketlist.auth.actor import Actor
from bucketlist.kit.clock import now_text
from bucketlist.kit.db.database import Statement, execute
from bucketlist.kit.db.driver import Row, Value
from bucketlist.kit.errors import Unauthorized
from bucketlist.models import blacklisted_tokens, buckets, entries, files, items, sessions, tombstones, users

ACTOR = bindparam("actor_id", type_=sessions.c.user_id.type)
OWNER = bindparam("owner_id", type_=sessions.c.user_id.type)

IS_ACTIVE = and_(
    sessions.c.user_id == ACTOR,
    sessions.c.id == bindparam("session_id"),
    sessions.c.token_hash.is_not_distinct_from(bindparam("token_hash", type_=sessions.c.token_hash.type)),
    sessions.c.expires_at > bindparam("now"),
    not_(
        exists().where(
            blacklisted_tokens.c.user_id == ACTOR,
            blacklisted_tokens.c.id == bindparam("token_id"),
        )
    ),
)

ACTIVE_SESSION: FromClause = select(sessions.c.user_id).where(IS_ACTIVE).subquery("live")

ACTIVE_SESSION_EXISTS: Exists = select(sessions.c.user_id).where(IS_ACTIVE).exists()

IS_STILL_ACTIVE = Statement(select(ACTIVE_SESSION.c.user_id))
LOCK_ACCOUNT = Statement(
    select(users.c.id)
    .join_from(ACTIVE_SESSION, users, users.c.id == ACTIVE_SESSION.c.user_id)
    .with_for_update(of=users, key_share=True)
)


def owned(table: Table | FromClause) -> ColumnElement[bool]:
    """Ownership: the rows of `table` that the owner has."""
    return table.c.user_id == OWNER


_GONE_BUCKETS = select(tombstones.c.id).where(
    tombstones.c.user_id == OWNER, tombstones.c.kind == literal_column("'bucket'")
)

IS_ACCOUNT_THERE = users.c.id.not_in(
    select(tombstones.c.user_id).where(tombstones.c.kind == literal_column("'account'"))
)


def is_there(bucket_id: ColumnElement[str]) -> ColumnElement[bool]:
    """Soft delete filter: is it a bucket that was not deleted? Rows of one that was may be there until they are purged.

    There are hardly ever such rows; the first clause is looked at once for a statement, the second then never.
    """
    return or_(not_(_GONE_BUCKETS.exists()), bucket_id.not_in(_GONE_BUCKETS))


def is_story_there(item_id: ColumnElement[str]) -> ColumnElement[bool]:
    """Soft delete filter of what an item has: is the item in no bucket that was deleted?"""
    gone = select(items.c.id).where(owned(items), items.c.bucket_id.in_(_GONE_BUCKETS))
    return or_(not_(_GONE_BUCKETS.exists()), item_id.not_in(gone))


def visible(table: Table) -> ColumnElement[bool]:
    """The rows of `table` that the owner has, but for those of a bucket that was deleted (deferred deletion)."""
    if table in (entries, files):
        return owned(table) & is_story_there(table.c.item_id)
    bucket_id = table.c.id if table is buckets else table.c.get("bucket_id")
    return owned(table) if bucket_id is None else owned(table) & is_there(bucket_id)


def values(actor: Actor, **more: Value) -> dict[str, Value]:
    """The values of every statement made with this page, of rows that are the actor's own, and `more`."""
    return {
        "actor_id": actor.user_id,
        "owner_id": actor.user_id,
        "session_id": actor.session_id,
        "token_id": actor.token_id,
        "token_hash": actor.token_hash,
        "by_token": int(actor.token_hash is not None),
        "fields": None,
        "now": now_text(),
        **more,
    }


def of_owner(user_id: str, **more: Value) -> dict[str, Value]:
    """The values of a statement that says whose rows it is about, whoever asks, and `more`."""
    return {"owner_id": user_id, **more}


def require_active(rows: list[Row]) -> list[Row]:
    """Give `rows` back. Raises: `Unauthorized` when there are none, for then the token or its session is worthless."""
    if not rows:
        raise Unauthorized(token_was_sent=True)
    return rows


def require_still_active(actor: Actor) -> None:
    """At the end of a transaction that no longer asked. Raises: `Unauthorized` when the token is worthless."""
    require_active(execute(IS_STILL_ACTIVE, values(actor)))


def lock_account(actor: Actor) -> None:
    """Row lock (SELECT FOR UPDATE): until the transaction ends, nobody else of the same account gets past here.

    Raises: `Unauthorized` when the actor's token is worthless.
    """
    require_active(execute(LOCK_ACCOUNT, values(actor)))
