"""Service layer of photos: what may be done with them, and what not.

The order of writes, told in `kit/file_storage.py`: all three forms of a photo are in the storage before its row is
committed, and are removed after the row is gone, which is when the trash is emptied.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import IO, Any, Literal, get_args

import structlog

from bucketlist import config
from bucketlist.auth import access
from bucketlist.auth.actor import Actor
from bucketlist.auth.recording import words_of
from bucketlist.entries.service import get_entry
from bucketlist.items.service import get_item
from bucketlist.kit import clock
from bucketlist.kit.db.database import database, in_transaction
from bucketlist.kit.errors import Invalid, NotFound, Refusal, Unavailable
from bucketlist.kit.etags import Preconditions, make_etag
from bucketlist.kit.file_storage import FileKey, files
from bucketlist.kit.ids import is_id, new_id
from bucketlist.kit.images.reader import Picture, PictureRefused, read_picture
from bucketlist.kit.optimistic_locking import delete_if_unchanged, update_if_unchanged
from bucketlist.kit.paging import Order, Page, Pager
from bucketlist.kit.uploads import UploadedFile
from bucketlist.limits import storage
from bucketlist.limits.errors import LimitReached, StorageFull
from bucketlist.photos import queries
from bucketlist.photos.parents import Parent
from bucketlist.photos.queries import PhotoRow
from bucketlist.photos.quotas import MOST_PHOTOS
from bucketlist.photos.schemas import PhotoOut, PhotoQuery

Form = Literal["original", "preview", "thumbnail"]
FORMS: tuple[Form, ...] = get_args(Form)
BY_POSITION, NEWEST = Order("position", is_descending=False), Order("shownAt", is_descending=True)
SWEPT_AFTER_HOURS = 24  # a file without a row may be of a request that is under way
SWEPT_AT_ONCE = 1000
REASONS = {
    "photo_format": "This is no picture in JPEG, PNG, WebP, HEIC or AVIF.",
    "photo_damaged": "This picture is damaged or cut off, or takes far more work than pictures do.",
    "photo_too_large": "This picture has more than 64 megapixels.",
}
FULL = "The photos of this account take as much room as one account has. Nothing was added."

log = structlog.get_logger()


@dataclass
class Stored:
    """A photo whose files are in the storage, and whose row is not there yet, until it `is_kept`."""

    photo: PhotoRow
    is_kept: bool = False


def etag_of(photo: PhotoRow) -> str:
    return make_etag(photo.version, photo.modified_at)


def get_photo(actor: Actor, photo_id: str) -> PhotoRow:
    """Raises: `Unauthorized`, `NotFound`."""
    photo = queries.find_photo(actor, photo_id)
    if photo is None:
        raise NotFound
    return photo


def list_photos(actor: Actor, parent: Parent | None, query: PhotoQuery) -> Page:
    """Those of an item itself or of an entry in their order, or all, newest first.

    Raises: `Unauthorized`, `NotFound`, `Invalid` for a cursor of another list.
    """
    pager = Pager(config.current().key("cursor"), ("photos", actor.user_id, *(parent or ())))
    direction, place = pager.read(query.cursor)
    order = BY_POSITION if parent else NEWEST
    rows = queries.list_photos(actor, parent, order, direction, place, query.limit)
    if rows is None:
        raise NotFound
    return pager.page(rows, query.limit, direction)


def photos_of_entries(actor: Actor, entry_ids: Sequence[str]) -> dict[str, list[PhotoRow]]:
    """By entry, in their order; no more than a page shows at once. For an actor whose session was just seen."""
    rows = queries.list_of_entries(actor, entry_ids) if entry_ids else []
    return {key: list(found) for key, found in groupby(rows, key=lambda photo: photo.entry_id or "")}


@contextmanager
def stored(
    actor: Actor,
    parent: Parent,
    file: UploadedFile,
    caption: str | None,
    *,
    read: Callable[[IO[bytes]], Picture] = read_picture,
) -> Iterator[Stored]:
    """Keep the files of a photo that is to be added within the block; no transaction waits for that.

    Raises: `Unauthorized`, `NotFound`, `Invalid` for what is no picture, `Unavailable`.
    """
    item_id = _find_item(actor, parent)
    picture = _read(file, read)
    photo = _row_of(parent, item_id, file, picture, caption)
    original, preview, thumbnail = keys_of(actor.user_id, photo.id)
    file.content.seek(0)
    for key, content in ((original, file.content), (preview, picture.preview), (thumbnail, picture.thumbnail)):
        files().put(key, content)
    this = Stored(photo)
    try:
        yield this
    except Refusal as refusal:
        if not isinstance(refusal, Unavailable):  # after which it may be committed all the same
            _remove_files(actor.user_id, photo.id)
        raise
    if not this.is_kept:
        _remove_files(actor.user_id, photo.id)


def _find_item(actor: Actor, parent: Parent) -> str:
    """The item that a photo is of, or its entry. Raises: `Unauthorized`, `NotFound`."""
    return get_item(actor, parent.id).id if parent.kind == "item" else get_entry(actor, parent.id).item_id


def _read(file: UploadedFile, read: Callable[[IO[bytes]], Picture]) -> Picture:
    try:
        return read(file.content)
    except PictureRefused as refused:
        raise Invalid(
            errors=[{"pointer": "/file", "code": refused.reason, "detail": REASONS[refused.reason]}]
        ) from None


def _row_of(parent: Parent, item_id: str, file: UploadedFile, picture: Picture, caption: str | None) -> PhotoRow:
    now = clock.now_text()
    return PhotoRow(
        id=new_id(),
        item_id=item_id,
        entry_id=parent.id if parent.kind == "entry" else None,
        caption=caption,
        media_type=picture.media_type,
        bytes=file.size,
        width=picture.width,
        height=picture.height,
        sha256=file.sha256,
        taken_at=picture.taken_at,
        position=0,
        created_at=now,
        modified_at=now,
        version=1,
        preview_bytes=len(picture.preview),
        thumbnail_bytes=len(picture.thumbnail),
    )


@in_transaction
def add_photo(actor: Actor, new: Stored) -> PhotoRow:
    """It comes last. Raises: `Unauthorized`, `NotFound`, `LimitReached`, `StorageFull`."""
    access.lock_account(actor)
    most = config.current().storage_quota_bytes
    photo = queries.add_photo(actor, new.photo, MOST_PHOTOS, most)
    if photo is None:
        _find_item(actor, new.photo.parent)
        if storage.count_file_bytes(actor) + new.photo.kept_bytes > most:
            raise StorageFull(FULL)
        raise LimitReached

    def keep() -> None:
        new.is_kept = True

    database().after_commit(keep)
    return photo


def change_photo(actor: Actor, photo_id: str, changes: Mapping[str, Any], conditions: Preconditions) -> PhotoRow:
    """Its caption, and its place among those of its item or entry; when they are so already, nothing moves.

    Raises: `Unauthorized`, `NotFound`, `PreconditionFailed`, `StorageFull`, `Conflict`.
    """
    return update_if_unchanged(
        lambda: _get_as_known(actor, photo_id, conditions),
        lambda photo: photo._replace(**changes),
        lambda photo, wanted: _write_change(actor, photo, wanted),
    )


def _write_change(actor: Actor, photo: PhotoRow, wanted: PhotoRow) -> PhotoRow | None:
    return (_write if wanted.position == photo.position else _move)(actor, photo, wanted)


@in_transaction
def _move(actor: Actor, photo: PhotoRow, wanted: PhotoRow) -> PhotoRow | None:
    """To another place, with another caption if there is one; None when somebody else was faster."""
    access.lock_account(actor)
    ids = [one for one in queries.ids_of(actor, photo.parent) if one != photo.id]
    place = min(wanted.position, len(ids) + 1)
    ids.insert(place - 1, photo.id)
    moved = wanted._replace(position=place)
    written = photo if moved == photo else _write(actor, photo, moved)
    if written:
        queries.order_photos(actor, photo.parent, ids)
    return written


def _write(actor: Actor, photo: PhotoRow, wanted: PhotoRow) -> PhotoRow | None:
    fields = words_of(PhotoOut, photo, wanted)
    write_it = partial(queries.change_photo, actor, wanted, clock.text_after(photo.modified_at), fields)
    return storage.write_counted(actor, 0, write_it, words=storage.size_of_words(fields))


def delete_photo(actor: Actor, photo_id: str, conditions: Preconditions) -> str:
    """Move it to the trash; gives where it lies there. Its files stay, and take room as before.

    Raises: `Unauthorized`, `NotFound`, `PreconditionFailed`, `Conflict`.
    """
    return delete_if_unchanged(
        lambda: _get_as_known(actor, photo_id, conditions), lambda photo: queries.trash_photo(actor, photo)
    )


def restore_photo(actor: Actor, trash_id: str, photo_id: str) -> PhotoRow:
    """Part of a transaction: it is back in its place. Raises: `Unauthorized`, `NotFound`."""
    queries.restore_photo(actor, trash_id, photo_id)
    return get_photo(actor, photo_id)


def _get_as_known(actor: Actor, photo_id: str, conditions: Preconditions) -> PhotoRow:
    """Raises: `Unauthorized`, `NotFound`, `PreconditionFailed`."""
    photo = get_photo(actor, photo_id)
    conditions.refuse(etag_of(photo))
    return photo


def keys_of(owner_id: str, photo_id: str) -> list[FileKey]:
    """Where the three forms of a photo are kept."""
    return [FileKey(owner_id, photo_id, form) for form in FORMS]


def open_file(actor: Actor, photo: PhotoRow, form: Form, start: int, stop: int) -> Iterator[bytes]:
    """The bytes of a photo, from one place until before another. Raises: `Unavailable`, also when they are lost."""
    try:
        return files().open(FileKey(actor.user_id, photo.id, form), start, stop)
    except FileNotFoundError:
        log.error("file_is_lost", user=actor.user_id, file=photo.id, form=form)  # noqa: TRY400  # nothing of ours broke
        raise Unavailable("The file of this photo cannot be found right now.") from None


def redirect_to(actor: Actor, photo: PhotoRow, form: Form) -> str:
    """Where a proxy in front finds a file, when it is to send it; else nothing."""
    place = config.current().x_accel_redirect
    return place and place + FileKey(actor.user_id, photo.id, form).path


def _remove_files(owner_id: str, photo_id: str) -> None:
    """What cannot be removed now is an orphan, which is swept later."""
    with suppress(Unavailable):
        files().remove(keys_of(owner_id, photo_id))


def sweep_orphans() -> None:
    """Set aside the files of which no row tells, and forget those that were set aside long ago.

    Raises: `Unavailable`.
    """
    until = clock.from_text(clock.text_from_now(hours=-SWEPT_AFTER_HOURS))
    for owner_id, keys in groupby(files().find_keys(until), key=lambda key: key.owner_id):
        if not is_id(owner_id):
            continue
        while some := [key for _, key in zip(range(SWEPT_AT_ONCE), keys, strict=False)]:
            known = queries.find_kept(owner_id, sorted({key.file_id for key in some if is_id(key.file_id)}))
            for key in some:
                if key.file_id not in known:
                    files().set_aside(key)
    files().forget_orphans(until)
