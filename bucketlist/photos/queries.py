"""SQL queries of photos, rows of the table `files`."""

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, FromClause, bindparam, cast, literal, select

from bucketlist.auth import access, ordering, statements
from bucketlist.auth.access import ACTIVE_SESSION
from bucketlist.auth.actor import Actor
from bucketlist.auth.trashing import move_to_trash, put_back, take_out, trashed
from bucketlist.kit import paging
from bucketlist.kit.db.database import Statement, execute
from bucketlist.kit.db.driver import Row
from bucketlist.kit.db.json_lists import listed, rows_of
from bucketlist.kit.paging import Direction, Order, Place
from bucketlist.limits.quotas import has_room
from bucketlist.limits.storage_queries import HAS_ROOM_FOR_FILE
from bucketlist.models import files, sessions
from bucketlist.photos.parents import OF, Parent, ParentKind

KIND = "photo"


class PhotoRow(NamedTuple):
    """A photo: the fields of `PhotoOut` in their order, then what stays inside."""

    id: str
    item_id: str
    entry_id: str | None
    caption: str | None
    media_type: str
    bytes: int
    width: int
    height: int
    sha256: str
    taken_at: str | None
    position: int
    created_at: str
    modified_at: str
    version: int
    preview_bytes: int
    thumbnail_bytes: int

    @property
    def parent(self) -> Parent:
        return Parent("entry", self.entry_id) if self.entry_id else Parent("item", self.item_id)

    @property
    def kept_bytes(self) -> int:
        return self.bytes + self.preview_bytes + self.thumbnail_bytes


_MADE = ("item_id", "entry_id", "position", "created_at", "modified_at", "version")


def columns(source: FromClause) -> list[ColumnElement[Any]]:
    """Those of `PhotoRow`, from the table or from a page of it."""
    return [source.c[name] for name in PhotoRow._fields]


COLUMNS = columns(files)
ID = bindparam("photo_id", type_=files.c.id.type)
GIVEN = statements.given(files, *(name for name in PhotoRow._fields if name not in _MADE), "shown_at", "kept_bytes")

PHOTO = statements.one(files, COLUMNS, ID)
ADD_PHOTO = {
    kind: statements.add(
        files,
        {
            **GIVEN,
            "kind": literal(KIND),
            **of.made,
            "position": statements.next_position(files, of.is_of_parent),
        },
        has_room(files),
        HAS_ROOM_FOR_FILE,
        within=sessions.join(of.table, of.is_parent),
    )
    for kind, of in OF.items()
}
CHANGE_PHOTO = statements.change(files, ID, statements.given(files, "caption", "position"))
TRASH_PHOTO = trashed(files, ID)
RESTORE_PHOTO = put_back(files)
IDS = {
    kind: Statement(
        select(files.c.id).where(access.visible(files), of.is_of_parent).order_by(files.c.position, files.c.id),
        is_slow=True,
    )
    for kind, of in OF.items()
}
ORDER_PHOTOS = {kind: ordering.reordered(files, of.is_of_parent) for kind, of in OF.items()}
_ASKED = select(cast(rows_of("ids").c.value, files.c.id.type))
MOST_AT_ONCE = 1000
OF_ENTRIES = Statement(
    select(*COLUMNS)
    .where(access.visible(files), files.c.entry_id.in_(_ASKED))
    .order_by(files.c.entry_id, files.c.position, files.c.id)
    .limit(MOST_AT_ONCE)
)
KEPT = Statement(select(files.c.id).where(access.owned(files), files.c.id.in_(_ASKED)))


@cache
def photo_list(order: Order, direction: Direction, kind: ParentKind | None) -> Statement:
    """A page of photos, each with the parent, the count of all and what it is sorted by; without photos, one row."""
    of = OF[kind] if kind else None
    parent = of.table.c.id if of else ACTIVE_SESSION.c.user_id
    return Statement(
        statements.listed(
            files,
            select(*COLUMNS),
            lambda row: [*columns(row), parent],
            order,
            direction,
            *([of.is_of_parent] if of else []),
            within=ACTIVE_SESSION.outerjoin(of.table, of.is_parent) if of else ACTIVE_SESSION,
        )
    )


def list_photos(
    actor: Actor, parent: Parent | None, order: Order, direction: Direction, place: Place | None, limit: int
) -> list[Row] | None:
    """Up to `limit + 1` rows of `photo_list`, of which the first may have no photo; None without that parent.

    Raises: `Unauthorized` when the actor's token is worthless.
    """
    values = access.values(actor, parent_id=parent and parent.id, **paging.page_values(limit, place))
    statement = photo_list(order, direction, parent.kind if parent else None)
    rows = access.require_active(execute(statement, values))
    return rows if rows[0][-3] is not None else None


def list_of_entries(actor: Actor, entry_ids: Sequence[str]) -> list[PhotoRow]:
    """Of several entries together, each entry’s in their order, so many of them as are shown at once."""
    rows = execute(OF_ENTRIES, access.values(actor, ids=listed(entry_ids)))
    return [PhotoRow._make(row) for row in rows]


def find_photo(actor: Actor, photo_id: str) -> PhotoRow | None:
    """Raises: `Unauthorized` when the actor's token is worthless."""
    row = statements.find(PHOTO, actor, photo_id=photo_id)
    return PhotoRow._make(row) if row else None


def add_photo(actor: Actor, photo: PhotoRow, most_photos: int, most_bytes: int) -> PhotoRow | None:
    """The new photo, last of its parent; None when there is no room for it, or no parent. The account is locked."""
    shown_at = photo.taken_at or photo.created_at.removesuffix("Z")
    values = {**photo._asdict(), "now": photo.created_at, "shown_at": shown_at, "kept_bytes": photo.kept_bytes}
    bounds = {"held_at_most": most_photos - 1, "added": photo.kept_bytes, "most": most_bytes}
    kind, parent_id = photo.parent
    rows = execute(ADD_PHOTO[kind], access.values(actor, parent_id=parent_id, **values, **bounds))
    return photo._replace(position=rows[0][0], version=rows[0][1]) if rows else None


def change_photo(actor: Actor, photo: PhotoRow, now: str, fields: str | None) -> PhotoRow | None:
    """Write its caption and position; None when it is not at the version of `photo` any more.

    `fields` is what history tells of it.
    """
    values = {"photo_id": photo.id, "caption": photo.caption, "position": photo.position}
    told = access.values(actor, now=now, seen_version=photo.version, fields=fields, **values)
    rows = execute(CHANGE_PHOTO, told)
    return photo._replace(modified_at=now, version=rows[0][1]) if rows else None


def trash_photo(actor: Actor, photo: PhotoRow) -> str | None:
    """Where it lies in the trash now; None when it is not at the version of `photo` any more."""
    return move_to_trash(TRASH_PHOTO, actor, photo.id, photo.version, "photo_id")


def restore_photo(actor: Actor, trash_id: str, photo_id: str) -> bool:
    """Take it out of the trash. False when it does not lie there, or the actor's token is worthless."""
    return take_out(RESTORE_PHOTO, actor, trash_id, photo_id)


def ids_of(actor: Actor, parent: Parent) -> list[str]:
    """All photos of an item itself, or of an entry, in their order."""
    return [found for (found,) in execute(IDS[parent.kind], access.values(actor, parent_id=parent.id))]


def order_photos(actor: Actor, parent: Parent, ids: Sequence[str]) -> None:
    """Give them the positions of `ids`, which are all of the parent's. The account is locked."""
    execute(ORDER_PHOTOS[parent.kind], access.values(actor, parent_id=parent.id, ids=listed(ids)))


def find_kept(owner_id: str, ids: Sequence[str]) -> set[str]:
    """Those of `ids` of which there is a row."""
    return {found for (found,) in execute(KEPT, access.of_owner(owner_id, ids=listed(ids)))}
