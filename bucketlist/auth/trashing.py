"""Soft delete: SQL statement builders that move a row to the trash, and put it back.

The row that was named is marked with the id of its row in `trash`. What lies in it is hidden by it (`access.visible`)
and not written, however much that is, so that putting it back gives just what went. Both are in the change log.
"""

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Table,
    bindparam,
    delete,
    insert,
    literal_column,
    null,
    select,
    update,
)

from bucketlist.auth import access
from bucketlist.auth.access import ACTIVE_SESSION_EXISTS
from bucketlist.auth.actor import Actor
from bucketlist.auth.recording import NUMBER, recorded
from bucketlist.kit.db.database import Statement, Together, execute
from bucketlist.kit.ids import new_id
from bucketlist.models import trash

TRASH_ID: BindParameter[str] = bindparam("trash_id", type_=trash.c.id.type)
_COLUMNS = ["user_id", "id", "kind", "thing_id", "deleted_at", "emptied"]
FORGET = Statement(delete(trash).where(access.owned(trash), trash.c.id == TRASH_ID))


def trashed(table: Table, key: ColumnElement[str]) -> Statement | Together:
    """Moves a row that is still at the parameter `seen_version` to the trash, and gives where it lies there."""
    is_it = [access.visible(table), table.c.id == key, table.c.version == bindparam("seen_version")]
    kind = literal_column(f"'{table.info['kind']}'", trash.c.kind.type)
    now = bindparam("now", type_=trash.c.deleted_at.type)
    row = select(table.c.user_id, TRASH_ID, kind, table.c.id, now, literal_column("0"))
    noted = insert(trash).from_select(_COLUMNS, row.where(*is_it, ACTIVE_SESSION_EXISTS))
    marked = update(table).where(*is_it, ACTIVE_SESSION_EXISTS).values(trash_id=TRASH_ID, version=NUMBER)
    return recorded(table, marked.returning(table.c.trash_id), table.c.id == key, "deleted", Statement(noted))


def put_back(table: Table) -> Statement | Together:
    """Takes the row that lies at the parameter `trash_id` out of the trash, and gives its id."""
    is_it = [access.owned(table), table.c.trash_id == TRASH_ID]
    write = update(table).where(*is_it, ACTIVE_SESSION_EXISTS).values(trash_id=null(), version=NUMBER)
    is_thing = table.c.id == bindparam("thing_id", type_=table.c.id.type)
    return recorded(table, write.returning(table.c.id), is_thing, "restored")


def move_to_trash(
    statement: Statement | Together, actor: Actor, row_id: str, version: int, parameter: str
) -> str | None:
    """What a statement of `trashed` does: where the row lies in the trash now; None when it is at another version."""
    values = {**access.values(actor, seen_version=version, trash_id=new_id()), parameter: row_id}
    rows = execute(statement, values)
    return str(rows[0][0]) if rows else None


def take_out(statement: Statement | Together, actor: Actor, trash_id: str, thing_id: str) -> bool:
    """What a statement of `put_back` does, in a transaction; its row in `trash` is gone with it.

    False when there is no such row, or the actor's token is worthless.
    """
    values = access.values(actor, trash_id=trash_id, thing_id=thing_id)
    is_back = bool(execute(statement, values))
    if is_back:
        execute(FORGET, values)
    return is_back
