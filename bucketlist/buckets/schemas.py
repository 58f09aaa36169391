"""Request and response schemas of buckets."""

from typing import Annotated, Literal

from pydantic import MISSING, Field

from bucketlist.kit.paging import PageQuery
from bucketlist.kit.schemas import Answer, ApiModel, Instant, NewId, OwnId, Params, ResourceId, Words, page_of
from bucketlist.kit.text import Line, LongText

BucketName = Annotated[str, Line(200)]
Description = Annotated[str | None, LongText(20_000)]
BucketSort = Annotated[
    Literal["position", "-position", "name", "-name", "createdAt", "-createdAt", "modifiedAt", "-modifiedAt"],
    Field(title="BucketSort"),
]


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


class BucketOut(Answer):
    id: OwnId
    name: str = Field(examples=["Far away"])
    description: str | None = Field(examples=["Where the maps end."])
    position: int = Field(examples=[1])
    item_count: int = Field(examples=[12])
    done_count: int = Field(description="How many of its items are done.", examples=[3])
    created_at: Instant
    modified_at: Instant


BucketPage = page_of("buckets", BucketOut)
