"""SQL queries of the purge: rows of what was deleted, a batch at a time, and the tombstones that say what is to go."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Integer, Table, bindparam, delete, null, select, true, update
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT is SQLite's as well

from bucketlist.auth.access import OWNER, of_owner, owned
from bucketlist.auth.statements import given
from bucketlist.kit.clock import now_text
from bucketlist.kit.db import pruning
from bucketlist.kit.db.database import Statement, execute
from bucketlist.kit.db.driver import Row
from bucketlist.kit.db.pruning import batch_of
from bucketlist.kit.ids import new_id
from bucketlist.limits.storage import MOST_BYTES, bytes_in
from bucketlist.limits.storage_queries import add_bytes
from bucketlist.models import (
    buckets,
    email_addresses,
    entries,
    items,
    mail_links,
    metadata,
    outbox,
    refresh_tokens,
    sessions,
    tombstones,
    users,
)
from bucketlist.purging.tombstones import Tombstone

AT_ONCE = 1000  # tombstones that are looked for


_IS_IT = owned(tombstones) & (tombstones.c.kind == bindparam("kind")) & (tombstones.c.id == bindparam("id"))
ADD = Statement(
    insert(tombstones)
    .values(given(tombstones, *Tombstone._fields))
    .on_conflict_do_nothing(index_elements=["user_id", "kind", "id"])
)
HOLD = Statement(select(tombstones.c.id).where(_IS_IT).with_for_update(skip_locked=True))
REMOVE = Statement(delete(tombstones).where(_IS_IT))
FIND = Statement(select(tombstones.c.user_id, tombstones.c.kind, tombstones.c.id).limit(AT_ONCE))


def _by_owner(table: Table) -> list[ColumnElement[Any]]:
    """The order of the index that begins with whose a row is."""
    if table is refresh_tokens:
        return [table.c.user_id, table.c.session_id]
    return list(table.primary_key.columns)


LOCK_USER = Statement(select(users.c.id).where(users.c.id == OWNER).with_for_update())
WAYS_IN = (sessions, email_addresses, mail_links, outbox)  # a few hundred rows at most; sessions first, as everywhere
CLOSE_WAYS_IN = [Statement(delete(table).where(owned(table))) for table in WAYS_IN]
EMPTY_USER = Statement(update(users).where(users.c.id == OWNER).values(email="", name=null(), password_hash=""))
OF_ACCOUNT = [  # all else that says whose it is, the rows that refer to others first
    batch_of(table, true(), whose=owned(table), in_order=_by_owner(table))
    for table in reversed(metadata.sorted_tables)
    if "user_id" in table.columns and table not in (*WAYS_IN, tombstones)
]
DELETE_USER = Statement(delete(users).where(users.c.id == OWNER))


def _batch_of_entries(is_over: ColumnElement[bool]) -> Statement:
    return batch_of(entries, is_over, bytes_in(entries), whose=owned(entries), skips_locked=False)


_ITEM_ID = bindparam("item_id", type_=items.c.id.type)
OF_ITEM = _batch_of_entries(entries.c.item_id == _ITEM_ID)
_BUCKET_ID = bindparam("bucket_id", type_=buckets.c.id.type)
_IS_BUCKET = owned(buckets) & (buckets.c.id == _BUCKET_ID)
LOCK_BUCKET = Statement(select(buckets.c.id).where(_IS_BUCKET).with_for_update())
_IS_IN_BUCKET, _IN_ORDER = items.c.bucket_id == _BUCKET_ID, (items.c.position, items.c.id)
_NEXT_ITEMS = (
    select(items.c.id).where(owned(items), _IS_IN_BUCKET).order_by(*_IN_ORDER).limit(bindparam("most", type_=Integer))
)
LOCK_ITEMS = Statement(_NEXT_ITEMS.with_for_update())
OF_ITEMS = _batch_of_entries(entries.c.item_id.in_(_NEXT_ITEMS))
OF_BUCKET = batch_of(
    items,
    _IS_IN_BUCKET,
    bytes_in(items),
    whose=owned(items),
    in_order=[items.c.user_id, items.c.bucket_id, *_IN_ORDER],
    skips_locked=False,
)
_NOW = bindparam("now", type_=buckets.c.created_at.type)
_EMPTY = {"name": "", "name_folded": "", "position": 1, "version": 1, "created_at": _NOW, "modified_at": _NOW}
ADD_BUCKET = Statement(insert(buckets).values(user_id=OWNER, id=_BUCKET_ID, archived=0, **_EMPTY))
MOVE_ITEM = Statement(update(items).where(owned(items), items.c.id == _ITEM_ID).values(bucket_id=_BUCKET_ID))
DELETE_BUCKET = Statement(delete(buckets).where(_IS_BUCKET).returning(bytes_in(buckets)))

SESSIONS_OF_TOKENS = Statement(select(refresh_tokens.c.session_id).where(owned(refresh_tokens)).distinct())
SESSIONS = Statement(select(sessions.c.id).where(owned(sessions)))
OF_SESSION = batch_of(
    refresh_tokens, refresh_tokens.c.session_id == bindparam("session_id"), whose=owned(refresh_tokens)
)


def find() -> list[Tombstone]:
    """Some of everybody's."""
    return [Tombstone(*row) for row in execute(FIND, {})]


def add(stone: Tombstone) -> None:
    execute(ADD, stone._asdict())


def hold(stone: Tombstone) -> bool:
    """Lock a tombstone: is it there, and nobody else at work on it? Until the transaction ends nobody else will be."""
    return bool(execute(HOLD, of_owner(stone.user_id, kind=stone.kind, id=stone.id)))


def remove(stone: Tombstone) -> None:
    execute(REMOVE, of_owner(stone.user_id, kind=stone.kind, id=stone.id))


def close_account(user_id: str) -> None:
    """No address, session, link or letter is left by which anybody could get in, and nobody else is getting in."""
    for statement in (LOCK_USER, *CLOSE_WAYS_IN):
        execute(statement, of_owner(user_id))


def empty_user(user_id: str) -> None:
    """The row stays for what refers to it, without a word of theirs, and no password fits it."""
    execute(EMPTY_USER, of_owner(user_id))


def delete_some_of_account(user_id: str) -> bool:
    """Up to a batch of rows; is nothing left of it?"""
    left = pruning.BATCH
    for statement in OF_ACCOUNT:
        left -= len(execute(statement, of_owner(user_id, most=left)))
        if not left:
            return False
    execute(DELETE_USER, of_owner(user_id))
    return True


def lock_user(user_id: str) -> None:
    """Row lock of an account: nobody writes to what is recorded until the transaction ends."""
    execute(LOCK_USER, of_owner(user_id))


def lock_bucket(user_id: str, bucket_id: str) -> None:
    """Row lock of a bucket: nobody adds an item to it until the transaction ends."""
    execute(LOCK_BUCKET, of_owner(user_id, bucket_id=bucket_id))


def delete_some_of_bucket(user_id: str, bucket_id: str) -> bool:
    """Up to a batch of its items and their entries, and what they counted for; is nothing left of it?

    It has to be locked; the items are, so that nobody adds an entry to one that goes.
    """
    values = of_owner(user_id, bucket_id=bucket_id)
    execute(LOCK_ITEMS, {**values, "most": pruning.BATCH})
    sizes = execute(OF_ITEMS, {**values, "most": pruning.BATCH})
    left = pruning.BATCH - len(sizes)
    gone = execute(OF_BUCKET, {**values, "most": left}) if left else []
    is_empty = len(gone) < left
    if is_empty:
        gone += execute(DELETE_BUCKET, values)
    _give_room(user_id, sizes + gone)
    return is_empty


def delete_some_of_item(user_id: str, item_id: str) -> bool:
    """Up to a batch of its entries, and what they counted for; is none left? It has to be locked."""
    sizes = execute(OF_ITEM, of_owner(user_id, item_id=item_id, most=pruning.BATCH))
    _give_room(user_id, sizes)
    return len(sizes) < pruning.BATCH


def hide_item(user_id: str, item_id: str) -> str:
    """Give an item a bucket of its own, which is still to be hidden. Gives its id."""
    values = of_owner(user_id, bucket_id=new_id(), item_id=item_id, now=now_text())
    execute(ADD_BUCKET, values)
    execute(MOVE_ITEM, values)
    return str(values["bucket_id"])


def _give_room(user_id: str, sizes: list[Row]) -> None:
    if held := sum(size for (size,) in sizes):
        add_bytes(user_id, -held, MOST_BYTES)


def delete_some_dead_tokens(user_id: str) -> bool:
    """Up to a batch of refresh tokens whose session has ended; is none left?

    The tokens are looked at before the sessions: a session that is opened in between has none among them.
    """
    ended = _find_ids(SESSIONS_OF_TOKENS, user_id) - _find_ids(SESSIONS, user_id)
    return _delete_some_tokens(user_id, sorted(ended))


def delete_tokens_of(user_id: str, ended: Iterable[str]) -> None:
    """Refresh tokens of sessions that have just ended, and which are worthless with them; of many, the rest later."""
    if not _delete_some_tokens(user_id, ended):
        add(Tombstone(user_id, "tokens", user_id))


def _delete_some_tokens(user_id: str, session_ids: Iterable[str]) -> bool:
    left = pruning.BATCH
    for session_id in session_ids:
        left -= len(execute(OF_SESSION, of_owner(user_id, session_id=session_id, most=left)))
        if not left:
            return False
    return True


def _find_ids(statement: Statement, user_id: str) -> set[str]:
    return {found for (found,) in execute(statement, of_owner(user_id))}
