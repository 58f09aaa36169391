"""SQL clauses of what photos are of: an item itself, or an entry of one."""

from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, Table, bindparam, cast, null

from bucketlist.auth import access
from bucketlist.models import entries, files, items

ParentKind = Literal["item", "entry"]


class Parent(NamedTuple):
    """What a photo is of: an item itself, or an entry."""

    kind: ParentKind
    id: str


class ParentTable(NamedTuple):
    """Photos of one kind of parent: which table that is in, and which photos are of the one that is asked for."""

    table: Table
    is_parent: ColumnElement[bool]
    is_of_parent: ColumnElement[bool]
    made: dict[str, ColumnElement[Any]]  # columns of a photo that its parent gives


PARENT_ID = bindparam("parent_id", type_=files.c.item_id.type)
OF_ITEM = ParentTable(
    items,
    access.visible(items) & (items.c.id == PARENT_ID),
    (files.c.item_id == PARENT_ID) & files.c.entry_id.is_(None),
    {"item_id": items.c.id, "entry_id": cast(null(), files.c.entry_id.type)},
)
OF_ENTRY = ParentTable(
    entries,
    access.visible(entries) & (entries.c.id == PARENT_ID),
    files.c.entry_id == PARENT_ID,
    {"item_id": entries.c.item_id, "entry_id": entries.c.id},
)
OF = {"item": OF_ITEM, "entry": OF_ENTRY}
