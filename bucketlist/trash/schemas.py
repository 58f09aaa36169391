"""Request and response schemas of the trash."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import Field, WithJsonSchema

from bucketlist.buckets.schemas import BucketOut
from bucketlist.entries.schemas import EntryOut
from bucketlist.items.schemas import ItemOut
from bucketlist.kit import clock
from bucketlist.kit.paging import PageQuery
from bucketlist.kit.schemas import Answer, Instant, OwnId, Params, ResourceId, page_of
from bucketlist.photos.schemas import PhotoOut

KEPT_DAYS = 30

Kind = Literal["bucket", "item", "entry", "photo"]
TrashKind = Annotated[Kind, Field(title="TrashKind")]
Data = Annotated[dict[str, Any], WithJsonSchema({"type": "object", "examples": [{"name": "Far away"}]})]
SCHEMAS: dict[str, type[Answer]] = {"bucket": BucketOut, "item": ItemOut, "entry": EntryOut, "photo": PhotoOut}


class TrashPath(Params):
    trash_id: ResourceId


class TrashQuery(PageQuery):
    """Which page; the list of the trash has one order."""


class TrashOut(Answer):
    id: OwnId
    kind: TrashKind = Field(examples=["item"])
    thing_id: OwnId = Field(description="The id of the bucket, item, entry or photo itself.")
    name: str | None = Field(
        description="What it is called: of an entry its title, of a photo its caption.",
        examples=["See the northern lights"],
    )
    item_count: int = Field(description="How many items come back with it, an item itself counted.", examples=[1])
    deleted_at: Instant
    gone_at: Instant = Field(description="From then on it is gone for good.")

    @classmethod
    def to_json_object(cls, row: Sequence[Any]) -> dict[str, Any]:
        """A row of the trash as what is written as JSON."""
        found = super().to_json_object(row)
        return found | {"goneAt": clock.to_text(clock.from_text(found["deletedAt"]) + timedelta(days=KEPT_DAYS))}


class RestoredOut(Answer):
    """What came back, in its old place, with all that went with it."""

    kind: TrashKind = Field(examples=["item"])
    id: OwnId
    data: Data = Field(description="The thing as it is answered elsewhere.")


TrashPage = page_of("trash", TrashOut)
