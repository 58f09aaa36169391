"""Authorization in SQL: the only place that knows who asks (`:actor_id`) from whose row it is (`:owner_id`).

They are the same today. The session and the blacklist are the actor's; a row is the owner's.

Every statement starts from the active session: its row must exist and the token must not be on the blacklist. The
clause is positive, so that a deleted account is out at once. A statement that gives no row at all says that the token
is worthless; that is how one round trip answers both "may you?" and "what is it?".
"""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Exists,
    FromClause,
    Select,
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
from bucketlist.models import blacklisted_tokens, items, sessions, tombstones, trash, users

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


IS_ACCOUNT_THERE = users.c.id.not_in(
    select(tombstones.c.user_id).where(tombstones.c.kind == literal_column("'account'"))
)


def undeleted(table: Table) -> ColumnElement[bool]:
    """The rows of `table` that the owner has, but for those that were deleted themselves: see `visible`."""
    return owned(table) & table.c.trash_id.is_(None) if "trash_id" in table.c else owned(table)


def _in_trash(kind: str) -> Select[Any]:
    """The ids of what lies in the trash by itself."""
    return select(trash.c.thing_id).where(owned(trash), trash.c.kind == literal_column(f"'{kind}'", trash.c.kind.type))


def _is_in_none(row_id: ColumnElement[str], deleted: Select[Any], kind: str) -> ColumnElement[bool]:
    """Nobody has much in the trash; the first clause is looked at once for a statement, the second then never."""
    return or_(not_(_in_trash(kind).exists()), row_id.not_in(deleted))


def is_there(bucket_id: ColumnElement[str]) -> ColumnElement[bool]:
    """Soft delete filter of what lies in a bucket: does the bucket not lie in the trash?"""
    return _is_in_none(bucket_id, _in_trash("bucket"), "bucket")


def is_story_there(item_id: ColumnElement[str]) -> ColumnElement[bool]:
    """Soft delete filter of what an item has: does neither the item lie in the trash nor its bucket?"""
    in_bucket = select(items.c.id).where(undeleted(items), items.c.bucket_id.in_(_in_trash("bucket")))
    return _is_in_none(item_id, _in_trash("item"), "item") & _is_in_none(item_id, in_bucket, "bucket")


def is_day_there(entry_id: ColumnElement[str]) -> ColumnElement[bool]:
    """Soft delete filter of what an entry may have: if it is of one, does that not lie in the trash?"""
    return entry_id.is_(None) | _is_in_none(entry_id, _in_trash("entry"), "entry")


def visible(table: Table) -> ColumnElement[bool]:
    """The rows of `table` that the owner has, but for those that lie in the trash, or in something that does."""
    if "item_id" in table.c:
        found = undeleted(table) & is_story_there(table.c.item_id)
        return found & is_day_there(table.c.entry_id) if "entry_id" in table.c else found
    if "bucket_id" in table.c:
        return undeleted(table) & is_there(table.c.bucket_id)
    return undeleted(table)


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
