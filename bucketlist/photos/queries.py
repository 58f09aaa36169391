"""SQL queries of photos, rows of the table `files`."""

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, FromClause, bindparam, cast, literal, select

from bucketlist.auth import access, ordering, statements
from bucketlist.auth.access import ACTIVE_SESSION
from bucketlist.auth.actor import Actor
from bucketlist.kit import paging
from bucketlist.kit.db.database import Statement, execute
from bucketlist.kit.db.driver import Row
from bucketlist.kit.db.json_lists import listed, rows_of
from bucketlist.kit.paging import Direction, Order, Place
from bucketlist.limits.quotas import has_room
from bucketlist.limits.storage_queries import HAS_ROOM_FOR_FILE
from bucketlist.models import files, items, sessions

KIND = "photo"


class PhotoRow(NamedTuple):
    """A photo: the fields of `PhotoOut` in their order, then what stays inside."""

    id: str
    item_id: str
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
    def kept_bytes(self) -> int:
        return self.bytes + self.preview_bytes + self.thumbnail_bytes


_MADE = ("item_id", "position", "created_at", "modified_at", "version")


def columns(source: FromClause) -> list[ColumnElement[Any]]:
    """Those of `PhotoRow`, from the table or from a page of it."""
    return [source.c[name] for name in PhotoRow._fields]


COLUMNS = columns(files)
ID = bindparam("photo_id", type_=files.c.id.type)
ITEM_ID = bindparam("item_id", type_=files.c.item_id.type)
IS_ITEM = access.visible(items) & (items.c.id == ITEM_ID)
IS_OF_ITEM = files.c.item_id == ITEM_ID
GIVEN = statements.given(files, *(name for name in PhotoRow._fields if name not in _MADE), "shown_at", "kept_bytes")

PHOTO = statements.one(files, COLUMNS, ID)
ADD_PHOTO = statements.add(
    files,
    {
        **GIVEN,
        "kind": literal(KIND),
        "item_id": items.c.id,
        "position": statements.next_position(files, IS_OF_ITEM),
    },
    has_room(files),
    HAS_ROOM_FOR_FILE,
    within=sessions.join(items, IS_ITEM),
)
CHANGE_PHOTO = statements.change(files, ID, statements.given(files, "caption"))
DELETE_PHOTO = statements.remove(files, ID)
IDS_OF_ITEM = Statement(
    select(files.c.id).where(access.visible(files), IS_OF_ITEM).order_by(files.c.position, files.c.id), is_slow=True
)
ORDER_PHOTOS = ordering.reordered(files, IS_OF_ITEM)
_ASKED = select(cast(rows_of("ids").c.value, files.c.id.type))
KEPT = Statement(select(files.c.id).where(access.owned(files), files.c.id.in_(_ASKED)))


@cache
def photo_list(order: Order, direction: Direction, *, is_of_item: bool) -> Statement:
    """A page of photos, each with the item, the count of all and what it is sorted by; without photos, one row."""
    parent = items.c.id if is_of_item else ACTIVE_SESSION.c.user_id
    return Statement(
        statements.listed(
            files,
            select(*COLUMNS),
            lambda row: [*columns(row), parent],
            order,
            direction,
            *([IS_OF_ITEM] if is_of_item else []),
            within=ACTIVE_SESSION.outerjoin(items, IS_ITEM) if is_of_item else ACTIVE_SESSION,
        )
    )


def list_photos(
    actor: Actor, item_id: str | None, order: Order, direction: Direction, place: Place | None, limit: int
) -> list[Row] | None:
    """Up to `limit + 1` rows of `photo_list`, of which the first may have no photo; None without that item.

    Raises: `Unauthorized` when the actor's token is worthless.
    """
    values = access.values(actor, item_id=item_id, **paging.page_values(limit, place))
    rows = access.require_active(execute(photo_list(order, direction, is_of_item=item_id is not None), values))
    return rows if rows[0][-3] is not None else None


def find_photo(actor: Actor, photo_id: str) -> PhotoRow | None:
    """Raises: `Unauthorized` when the actor's token is worthless."""
    row = statements.find(PHOTO, actor, photo_id=photo_id)
    return PhotoRow._make(row) if row else None


def add_photo(actor: Actor, photo: PhotoRow, most_photos: int, most_bytes: int) -> PhotoRow | None:
    """The new photo, last of its item; None when there is no room for it, or no such item. The account is locked."""
    shown_at = photo.taken_at or photo.created_at.removesuffix("Z")
    values = {**photo._asdict(), "now": photo.created_at, "shown_at": shown_at, "kept_bytes": photo.kept_bytes}
    bounds = {"held_at_most": most_photos - 1, "added": photo.kept_bytes, "most": most_bytes}
    rows = execute(ADD_PHOTO, access.values(actor, **values, **bounds))
    return photo._replace(position=rows[0][0], version=rows[0][1]) if rows else None


def change_photo(actor: Actor, photo: PhotoRow, now: str) -> PhotoRow | None:
    """Write its caption; None when it is not at the version of `photo` any more."""
    values = {"photo_id": photo.id, "caption": photo.caption, "seen_version": photo.version}
    rows = execute(CHANGE_PHOTO, access.values(actor, now=now, **values))
    return photo._replace(modified_at=now, version=rows[0][1]) if rows else None


def delete_photo(actor: Actor, photo: PhotoRow) -> bool:
    """False when it is not at the version of `photo` any more."""
    return bool(execute(DELETE_PHOTO, access.values(actor, photo_id=photo.id, seen_version=photo.version)))


def ids_of_item(actor: Actor, item_id: str) -> list[str]:
    """All photos of an item, in their order."""
    return [found for (found,) in execute(IDS_OF_ITEM, access.values(actor, item_id=item_id))]


def order_photos(actor: Actor, item_id: str, ids: Sequence[str]) -> None:
    """Give them the positions of `ids`, which are all of the item's. The account is locked."""
    execute(ORDER_PHOTOS, access.values(actor, item_id=item_id, ids=listed(ids)))


def find_kept(owner_id: str, ids: Sequence[str]) -> set[str]:
    """Those of `ids` of which there is a row."""
    return {found for (found,) in execute(KEPT, access.of_owner(owner_id, ids=listed(ids)))}
