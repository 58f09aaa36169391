"""What goes in and out of buckets."""

from typing import Annotated, Literal

from pydantic import MISSING, Field

from bucketlist.kit.paging import PageQuery
from bucketlist.kit.schemas import ApiModel, Instant, NewId, Params, ResourceId, Words
from bucketlist.kit.text import Line, LongText

BucketName = Annotated[str, Line(200)]
Description = Annotated[str | None, LongText(20_000)]
BucketSort = Literal["position", "-position", "name", "-name", "createdAt", "-createdAt", "modifiedAt", "-modifiedAt"]


class BucketPath(Params):
    bucket_id: ResourceId


class BucketQuery(PageQuery):
    q: Words | None = Field(None, description="Only what has these words in its name or description.")
    sort: BucketSort = Field("position", description="What to sort by; `-` in front for descending.")


class BucketPut(ApiModel):
    name: BucketName = Field(examples=["Far away"])
    description: Description = Field(None, examples=["Where the maps end."])


class BucketIn(BucketPut):
    id: NewId | None = Field(None, description="Made by you, or by the server when it is absent.")


class BucketPatch(ApiModel):
    name: BucketName | MISSING = Field(MISSING, examples=["Further away"])
    description: Description | MISSING = Field(MISSING, examples=["Beyond the maps."])


class BucketOut(ApiModel):
    id: ResourceId
    name: str
    description: str | None
    position: int
    item_count: int
    done_count: int
    created_at: Instant
    modified_at: Instant


class BucketPage(ApiModel):
    buckets: list[BucketOut]
    count: int = Field(description="How many there are in all; it stops at 10,000.")
    next: str | None = Field(json_schema_extra={"format": "uri-reference"})
    previous: str | None = Field(json_schema_extra={"format": "uri-reference"})
