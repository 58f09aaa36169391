"""Request and response schemas of photos."""

from typing import Annotated

from pydantic import MISSING, BeforeValidator, Field, WithJsonSchema

from bucketlist.kit.images.reader import MediaType
from bucketlist.kit.paging import PageQuery
from bucketlist.kit.schemas import Answer, ApiModel, Instant, OwnId, Params, ResourceId, page_of, whole
from bucketlist.kit.text import OptionalLine
from bucketlist.kit.uploads import Upload

Caption = Annotated[str | None, OptionalLine(500)]
Position = Annotated[int, Field(ge=1, le=1_000_000), BeforeValidator(whole)]
LocalTime = Annotated[
    str,
    WithJsonSchema({"type": "string", "examples": ["2031-02-14T23:07:41"]}),
]


class ItemPhotosPath(Params):
    item_id: ResourceId


class EntryPhotosPath(Params):
    entry_id: ResourceId


class PhotoPath(Params):
    photo_id: ResourceId


class PhotoQuery(PageQuery):
    """Which page; a list of photos has one order."""


class PhotoForm(ApiModel):
    """A form with the picture as a file, JPEG, PNG, WebP, HEIC or AVIF, told by its bytes, and a caption."""

    file: Upload = Field(description="At most 25 MiB and 64 megapixels.")
    caption: Caption = Field(None, examples=["At two in the morning"])


class PhotoPatch(ApiModel):
    caption: Caption | MISSING = Field(MISSING, examples=["At two in the morning"])
    position: Position | MISSING = Field(
        MISSING, description="Its place among those of its item or entry; beyond the last means last.", examples=[1]
    )


class PhotoOut(Answer):
    id: OwnId
    item_id: OwnId = Field(description="Of a photo of an entry, the item of that entry.")
    entry_id: OwnId | None = Field(description="Null when it is of the item itself.", examples=[None])
    caption: str | None = Field(examples=["At two in the morning"])
    media_type: MediaType = Field(title="PhotoMediaType", examples=["image/jpeg"])
    bytes: int = Field(description="Of the original.", examples=[3141592])
    width: int = Field(description="In pixels, of the picture as it is seen.", examples=[4032])
    height: int = Field(examples=[3024])
    sha256: str = Field(
        description="Of the original, in hexadecimal digits.",
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
    )
    taken_at: LocalTime | None = Field(
        description="By the clock of the camera, wherever it was; null when the picture does not say."
    )
    position: int = Field(examples=[1])
    created_at: Instant
    modified_at: Instant


PhotoPage = page_of("photos", PhotoOut)
