"""Request and response schemas of buckets."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import MISSING, Field

from bucketlist.kit.paging import PageQuery
from bucketlist.kit.schemas import Answer, ApiModel, Instant, NewId, OwnId, Params, ResourceId, Shown, Words, page_of
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
    archived: Shown = Field("false", description="Only those that are archived, only the others, or any.")
    sort: BucketSort = Field("position", description="What to sort by; `-` in front for descending.")


class BucketPut(ApiModel):
    name: BucketName = Field(examples=["Far away"])
    description: Description = Field(None, examples=["Where the maps end."])
    archived: bool = Field(False, description="Out of the way: lists hide it and its items.", examples=[False])


class BucketIn(BucketPut):
    id: NewId | None = Field(None, description="Made by you, or by the server when it is absent.")


class BucketPatch(ApiModel):
    name: BucketName | MISSING = Field(MISSING, examples=["Further away"])
    description: Description | MISSING = Field(MISSING, examples=["Beyond the maps."])
    archived: bool | MISSING = Field(MISSING, examples=[True])


class BucketOut(Answer):
    id: OwnId
    name: str = Field(examples=["Far away"])
    description: str | None = Field(examples=["Where the maps end."])
    archived: bool = Field(description="Out of the way: lists hide it and its items.", examples=[False])
    position: int = Field(examples=[1])
    item_count: int = Field(examples=[12])
    done_count: int = Field(description="How many of its items are done.", examples=[3])
    created_at: Instant
    modified_at: Instant

    @classmethod
    def to_json_object(cls, row: Sequence[Any]) -> dict[str, Any]:
        """A row of buckets, in which a number says whether it is archived, as what is written as JSON."""
        found = super().to_json_object(row)
        return found | {"archived": bool(found["archived"])}


BucketPage = page_of("buckets", BucketOut)
