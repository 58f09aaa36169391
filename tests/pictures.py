"""Pictures as people send them, small ones; and one that is read already, for tests that need no more than a photo."""

import base64
import hashlib
import io
from functools import cache
from typing import Any

from PIL import ExifTags, Image
from sqlalchemy import select

from bucketlist.auth.actor import Actor
from bucketlist.config import Settings
from bucketlist.config.storage import file_storage_of
from bucketlist.kit.images.reader import Picture
from bucketlist.kit.uploads import UploadedFile
from bucketlist.models import entries, files
from bucketlist.photos import service
from bucketlist.photos.parents import Parent, ParentKind
from bucketlist.photos.queries import PhotoRow
from tests.bulk import insert_rows, photo_rows
from tests.raw_database import open_database

SIZE = (48, 32)
HEIC = base64.b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAb5tZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAA"
    "ADRpbG9jAAAAAERAAAIAAQAAAAAB4gABAAAAAAAAACMAAgAAAAACBQABAAAAAAAAAEoAAAA4aWluZgAAAAAAAgAAABVpbmZlAgAA"
    "AAABAABodmMxAAAAABVpbmZlAgAAAQACAABFeGlmAAAAAA5waXRtAAAAAAABAAAA/WlwcnAAAADdaXBjbwAAAHZodmNDAQNwAAAA"
    "kAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQAqQgEBA3AAAAMAkAAAAwAAAwAeoCCBBZbq"
    "5Ka5uAhoMCAAAAMDIAAAAwAhYgABAAZEAcFzwIkAAAATY29scm5jbHgAAQANAAaAAAAAFGlzcGUAAAAAAAAAQAAAAEAAAAAoY2xh"
    "cAAAAEAAAAABAAAAMAAAAAEAAAAAAAAAAv////AAAAACAAAAEHBpeGkAAAAAAwgICAAAABhpcG1hAAAAAAAAAAEAAQWBAgMFhAAA"
    "ABppcmVmAAAAAAAAAA5jZHNjAAIAAQABAAAAdW1kYXQAAAAfKAGvGYDuKqb61mnrGwbh66fWZ7Q+Lpq66dftU4cYYAAAAAZFeGlm"
    "AABNTQAqAAAACAABh2kABAAAAAEAAAAaAAAAAAABkAMAAgAAABQAAAAsAAAAADIwMjY6MDc6MTQgMTg6MDM6MTEA"
)


def noise(size: tuple[int, int] = SIZE, mode: str = "RGB") -> Image.Image:
    return Image.effect_noise(size, 40).convert(mode)


def encoded(image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


@cache
def small_jpeg() -> bytes:
    return encoded(Image.new("RGB", (8, 6), "teal"))


def with_exif(taken_at: str | None = "2026:07:14 18:03:11", orientation: int = 1) -> Image.Exif:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.Base.Make] = "A camera of Ada's"
    if taken_at is not None:
        exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = taken_at
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitudeRef] = "N"
    return exif


def read_image(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


@cache
def small_picture() -> Picture:
    return Picture("image/jpeg", 8, 6, None, small_jpeg(), small_jpeg())


def add_photo(actor: Actor, parent_id: str, kind: ParentKind = "item") -> PhotoRow:
    """A photo of an item, or of an entry, that no child process had to read."""
    file = UploadedFile(io.BytesIO())
    file.write(small_jpeg())
    with service.stored(actor, Parent(kind, parent_id), file, None, read=lambda _: small_picture()) as new:
        return service.add_photo(actor, new)


def insert_photo(settings: Settings) -> None:
    """A photo of the first entry that there is, past the service; its files as well. An application is at work."""
    with open_database(settings) as connection:
        wanted = select(entries.c.user_id, entries.c.item_id, entries.c.id).limit(1)
        user_id, item_id, entry_id = map(str, connection.execute(wanted).one())
    size = len(small_jpeg())
    told = {"sha256": hashlib.sha256(small_jpeg()).hexdigest(), "taken_at": "2026-07-14T18:00:00"}
    sizes = {"bytes": size, "preview_bytes": size, "thumbnail_bytes": size, "kept_bytes": 3 * size}
    (row,) = photo_rows(user_id, item_id, 1)
    for key in service.keys_of(user_id, row["id"]):
        file_storage_of(settings).put(key, small_jpeg())
    insert_rows(settings, files, [row | told | sizes | {"entry_id": entry_id, "caption": "At two in the morning"}])
