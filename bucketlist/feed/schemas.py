"""Request and response schemas of the changes feed."""

from typing import Annotated, Any, Literal

from pydantic import Field, WithJsonSchema

from bucketlist.buckets.schemas import BucketOut
from bucketlist.entries.schemas import EntryOut
from bucketlist.items.schemas import ItemOut
from bucketlist.kit.db.driver import Row
from bucketlist.kit.paging import LimitQuery
from bucketlist.kit.schemas import Answer, Instant, OwnId
from bucketlist.photos.schemas import PhotoOut

SCHEMAS: dict[str, type[Answer]] = {"bucket": BucketOut, "entry": EntryOut, "item": ItemOut, "photo": PhotoOut}
Kind = Annotated[Literal["bucket", "entry", "item", "photo"], Field(title="Kind")]
ChangeAction = Annotated[Literal["created", "changed", "deleted", "restored"], Field(title="ChangeAction")]


Data = Annotated[
    dict[str, Any] | None,
    WithJsonSchema({"anyOf": [{"type": "object"}, {"type": "null"}], "examples": [{"name": "Far away"}]}),
]


class FeedQuery(LimitQuery):
    since: str | None = Field(None, description="Only what came behind this: take it from `cursor`.")


class ChangeOut(Answer):
    kind: Kind = Field(description="More kinds will come.", examples=["item"])
    id: OwnId
    action: ChangeAction = Field(examples=["changed"])
    at: Instant
    data: Data = Field(description="The thing as it is answered elsewhere, now; null when it was deleted.")


class FeedOut(Answer):
    changes: list[ChangeOut]
    cursor: str = Field(description="Where this ends: what to ask for next as `since`.", examples=["WzEyLCJpdGVtIl0"])
    more: bool = Field(description="Is there more already?", examples=[False])


def data_of(kind: str, row: Row) -> dict[str, Any]:
    """A thing as it is answered elsewhere."""
    return SCHEMAS[kind].to_json_object(row)
