"""HTTP routes of photos."""

from collections.abc import Callable
from functools import partial, wraps
from typing import Any

from flask import Response

from bucketlist.auth.guard import actor, requires_scope
from bucketlist.kit.errors import ContentTooLarge
from bucketlist.kit.etags import make_etag
from bucketlist.kit.http.conditional import preconditions, untagged
from bucketlist.kit.http.file_response import ServedFile, file_response
from bucketlist.kit.http.links import path_to
from bucketlist.kit.http.openapi import CHANGED, CREATED, DELETED, LISTED, READ, ApiBlueprint, documented
from bucketlist.kit.http.requests import JSON, MERGE_PATCH
from bucketlist.kit.http.responses import no_content, page_response, resource_response
from bucketlist.kit.http.route_policy import accepts, body_limit
from bucketlist.kit.images.reader import MEDIA_TYPES
from bucketlist.limits.idempotency import idempotent
from bucketlist.photos import service
from bucketlist.photos.parents import Parent
from bucketlist.photos.queries import PhotoRow
from bucketlist.photos.schemas import (
    EntryPhotosPath,
    ItemPhotosPath,
    PhotoForm,
    PhotoOut,
    PhotoPage,
    PhotoPatch,
    PhotoPath,
    PhotoQuery,
)
from bucketlist.photos.service import Form, Stored

MOST_PHOTO_BYTES = 25 * 1024 * 1024
MOST_FORM_BYTES = MOST_PHOTO_BYTES + 128 * 1024  # with its other parts
COPY = "image/jpeg"
ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/avif": "avif", "image/heic": "heic"}
SERVED = documented(
    416, request_headers=("If-None-Match", "Range", "If-Range"), headers=("ETag", "Accept-Ranges", "Content-Range")
)

blueprint = ApiBlueprint("photos", __name__, about="Pictures of what people did.")


def answer(photo: PhotoRow, status: int = 200, location: str | None = None) -> Response:
    return resource_response(PhotoOut, photo, service.etag_of(photo), status=status, location=location)


def bytes_of(*media_types: str) -> dict[Any, Any]:
    """The responses of a route that serves files, as the document has them."""
    content = {name: {"schema": {"type": "string", "format": "binary"}} for name in media_types}
    return {200: {"content": content}, 206: {"content": content}, 304: None}


def parent_in(path: ItemPhotosPath | EntryPhotosPath) -> Parent:
    return Parent("item", path.item_id) if isinstance(path, ItemPhotosPath) else Parent("entry", path.entry_id)


def with_stored(view: Callable[..., Response]) -> Callable[..., Response]:
    """Calls a view with the photo whose files have been `stored`, before any transaction is open."""

    @wraps(view)
    def call(path: ItemPhotosPath | EntryPhotosPath, form: PhotoForm) -> Response:
        if form.file.size > MOST_PHOTO_BYTES:
            raise ContentTooLarge
        with service.stored(actor(), parent_in(path), form.file, form.caption) as new:
            return view(path=path, form=form, new=new)

    return call


@blueprint.get(
    "/items/<itemId>/photos",
    summary="List the photos of an item",
    responses={200: PhotoPage},
    openapi_extensions=LISTED,
)
@requires_scope("read")
def list_item_photos(path: ItemPhotosPath, query: PhotoQuery) -> Response:
    """Those of the item itself, in their order; each of its entries has its own."""
    return list_of(path, query)


@blueprint.get(
    "/entries/<entryId>/photos",
    summary="List the photos of an entry",
    responses={200: PhotoPage},
    openapi_extensions=LISTED,
)
@requires_scope("read")
def list_entry_photos(path: EntryPhotosPath, query: PhotoQuery) -> Response:
    """In their order."""
    return list_of(path, query)


def list_of(path: ItemPhotosPath | EntryPhotosPath, query: PhotoQuery) -> Response:
    return page_response("photos", PhotoOut, service.list_photos(actor(), parent_in(path), query), query)


@blueprint.post(
    "/items/<itemId>/photos", summary="Add a photo to an item", responses={201: PhotoOut}, openapi_extensions=CREATED
)
@requires_scope("write")
@body_limit(MOST_FORM_BYTES)
@with_stored
@untagged
@idempotent
def create_item_photo(path: ItemPhotosPath, form: PhotoForm, new: Stored) -> Response:  # noqa: ARG001  # for the validation
    """A form with the picture; it comes last. Its very bytes are kept, and copies without metadata are made of it."""
    return answer_new(new)


@blueprint.post(
    "/entries/<entryId>/photos",
    summary="Add a photo to an entry",
    responses={201: PhotoOut},
    openapi_extensions=CREATED,
)
@requires_scope("write")
@body_limit(MOST_FORM_BYTES)
@with_stored
@untagged
@idempotent
def create_entry_photo(path: EntryPhotosPath, form: PhotoForm, new: Stored) -> Response:  # noqa: ARG001  # for the validation
    """A form with the picture, as for an item. It belongs to the story, and goes with it."""
    return answer_new(new)


def answer_new(new: Stored) -> Response:
    photo = service.add_photo(actor(), new)
    return answer(photo, 201, path_to(f"/v1/photos/{photo.id}"))


@blueprint.get("/photos", summary="List all your photos", responses={200: PhotoPage}, openapi_extensions=LISTED)
@requires_scope("read")
def list_photos(query: PhotoQuery) -> Response:
    """Those of items and of entries, the newest first, by when they were taken, or else added."""
    return page_response("photos", PhotoOut, service.list_photos(actor(), None, query), query)


@blueprint.get(
    "/photos/<photoId>", summary="Read a photo", responses={200: PhotoOut, 304: None}, openapi_extensions=READ
)
@requires_scope("read")
def read_photo(path: PhotoPath) -> Response:
    """What is told of it; its pictures have addresses of their own, below this one."""
    return answer(service.get_photo(actor(), path.photo_id))


@blueprint.patch("/photos/<photoId>", summary="Change a photo", responses={200: PhotoOut}, openapi_extensions=CHANGED)
@requires_scope("write")
@accepts(JSON, MERGE_PATCH)
def change_photo(path: PhotoPath, body: PhotoPatch) -> Response:
    """Its caption, and its place among those of its item or entry. What is absent stays as it is (RFC 7396)."""
    return answer(service.change_photo(actor(), path.photo_id, body.model_dump(), preconditions()))


@blueprint.delete("/photos/<photoId>", summary="Delete a photo", responses={204: None}, openapi_extensions=DELETED)
@requires_scope("write")
def delete_photo(path: PhotoPath) -> Response:
    """It goes to the trash for 30 days, with its files."""
    service.delete_photo(actor(), path.photo_id, preconditions())
    return no_content()


@blueprint.get(
    "/photos/<photoId>/original",
    summary="Download a photo as it was sent",
    responses=bytes_of(*MEDIA_TYPES),
    openapi_extensions=SERVED,
)
@requires_scope("read")
def read_original(path: PhotoPath) -> Response:
    """The very bytes, metadata and all."""
    return serve(path.photo_id, "original")


@blueprint.get(
    "/photos/<photoId>/preview", summary="Look at a photo", responses=bytes_of(COPY), openapi_extensions=SERVED
)
@requires_scope("read")
def read_preview(path: PhotoPath) -> Response:
    """A copy of at most 1600 pixels a side, upright, without metadata."""
    return serve(path.photo_id, "preview")


@blueprint.get(
    "/photos/<photoId>/thumbnail",
    summary="Look at a photo from afar",
    responses=bytes_of(COPY),
    openapi_extensions=SERVED,
)
@requires_scope("read")
def read_thumbnail(path: PhotoPath) -> Response:
    """A copy of at most 320 pixels a side, upright, without metadata."""
    return serve(path.photo_id, "thumbnail")


def serve(photo_id: str, form: Form) -> Response:
    photo = service.get_photo(actor(), photo_id)
    is_original = form == "original"
    size = {"original": photo.bytes, "preview": photo.preview_bytes, "thumbnail": photo.thumbnail_bytes}[form]
    return file_response(
        ServedFile(
            size=size,
            media_type=photo.media_type if is_original else COPY,
            etag=make_etag(photo.sha256[:32], form, size),
            open=partial(service.open_file, actor(), photo, form),
            redirect=service.redirect_to(actor(), photo, form),
            name=f"{photo.id}.{ENDINGS[photo.media_type]}" if is_original else "",
        )
    )
