"""SQL queries of the purge: rows of what was deleted, a batch at a time, and the tombstones that say what is to go."""

from collections.abc import Iterable
from itertools import chain
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Table,
    bindparam,
    delete,
    literal_column,
    null,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT is SQLite's as well

from bucketlist.auth.access import OWNER, of_owner, owned
from bucketlist.auth.statements import given
from bucketlist.kit.db import pruning
from bucketlist.kit.db.database import Statement, execute
from bucketlist.kit.db.pruning import batch_of
from bucketlist.limits.storage import MOST_BYTES, bytes_in
from bucketlist.limits.storage_queries import add_bytes
from bucketlist.models import (
    buckets,
    email_addresses,
    entries,
    files,
    items,
    mail_links,
    metadata,
    outbox,
    refresh_tokens,
    sessions,
    tombstones,
    trash,
    users,
)
from bucketlist.purging.tombstones import Tombstone

AT_ONCE = 1000  # tombstones that are looked for
FILES_AT_ONCE = 100  # are removed from the storage between two looks at the clock
COUNTED = (buckets, items, entries)  # in the storage of texts


class Purged(NamedTuple):
    """What a batch did: is nothing left, and the ids of files of which no row tells any more."""

    is_done: bool
    file_ids: list[str]


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


EMPTIED_KINDS = Statement(select(trash.c.kind).where(owned(trash), trash.c.emptied == literal_column("1")).distinct())
_AMONG = bindparam("among", type_=Integer)  # the first so many, in an order that stays: of these some go


def _emptied(kind: str) -> Select[Any]:
    """Where things of a kind lie in the trash that is emptied."""
    is_of_kind = trash.c.kind == literal_column(f"'{kind}'", trash.c.kind.type)
    found = select(trash.c.id).where(owned(trash), is_of_kind, trash.c.emptied == literal_column("1"))
    return found.order_by(trash.c.id).limit(_AMONG)


def _next_items(is_over: ColumnElement[bool]) -> Select[Any]:
    return select(items.c.id).where(owned(items), is_over).order_by(*_BY_BUCKET).limit(_AMONG)


def _batch(table: Table, is_over: ColumnElement[bool], *in_order: ColumnElement[Any]) -> tuple[Table, Statement]:
    """Rows that go, each with its id and what it counts for."""
    size = bytes_in(table) if table in COUNTED else literal_column("0")
    return table, batch_of(table, is_over, table.c.id, size, whose=owned(table), in_order=in_order, skips_locked=False)


def _batches_of_items(is_over: ColumnElement[bool]) -> list[tuple[Table, Statement]]:
    """Items and what they have. The account is locked, so that nobody adds to those that go."""
    wanted = _next_items(is_over)
    story = [_batch(table, table.c.item_id.in_(wanted)) for table in (files, entries)]
    return [*story, _batch(items, is_over, items.c.user_id, *_BY_BUCKET)]


def _lie_there(table: Table) -> tuple[Table, Statement]:
    return _batch(table, table.c.trash_id.in_(_emptied(str(table.info["kind"]))))


_BY_BUCKET = (items.c.bucket_id, items.c.position, items.c.id)
_DAYS = select(entries.c.id).where(owned(entries), entries.c.trash_id.in_(_emptied("entry")))
_GOING = select(buckets.c.id).where(owned(buckets), buckets.c.trash_id.in_(_emptied("bucket")))
OF_TRASH = {  # of each kind, what goes with it, the innermost first; then the row of the trash
    kind: [*things, _batch(trash, trash.c.id.in_(_emptied(kind)), trash.c.id)]
    for kind, things in (
        ("photo", [_lie_there(files)]),
        ("entry", [_batch(files, files.c.entry_id.in_(_DAYS)), _lie_there(entries)]),
        ("item", _batches_of_items(items.c.trash_id.in_(_emptied("item")))),
        ("bucket", [*_batches_of_items(items.c.bucket_id.in_(_GOING)), _lie_there(buckets)]),
    )
}

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


def delete_some_of_trash(user_id: str) -> Purged:
    """Up to a batch of rows of what is emptied, and what they counted for. The account has to be locked."""
    left, held, gone, is_done = pruning.BATCH, 0, list[str](), True
    kinds = {kind for (kind,) in execute(EMPTIED_KINDS, of_owner(user_id))}
    for table, statement in chain.from_iterable(OF_TRASH[kind] for kind in OF_TRASH if kind in kinds):
        most = min(left, FILES_AT_ONCE) if table is files else left
        rows = execute(statement, of_owner(user_id, among=pruning.BATCH, most=most))
        held += sum(size for _, size in rows)
        gone += [row_id for row_id, _ in rows if table is files]
        left -= len(rows)
        is_done = len(rows) < most
        if not is_done:
            break
    if held:
        add_bytes(user_id, -held, MOST_BYTES)
    return Purged(is_done, gone)


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
