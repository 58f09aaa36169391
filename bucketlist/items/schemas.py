"""What goes in and out of items."""

from typing import Annotated, Literal

from pydantic import MISSING, Field

from bucketlist.kit.paging import PageQuery
from bucketlist.kit.schemas import ApiModel, Instant, NewId, Params, ResourceId, Words
from bucketlist.kit.text import Line, LongText

ItemName = Annotated[str, Line(500)]
Description = Annotated[str | None, LongText(20_000)]
State = Literal["open", "done"]
ItemSort = Literal["position", "-position", "name", "-name", "createdAt", "-createdAt", "modifiedAt", "-modifiedAt"]


class BucketItemsPath(Params):
    bucket_id: ResourceId


class ItemPath(Params):
    item_id: ResourceId


class ItemQuery(PageQuery):
    q: Words | None = Field(None, description="Only what has these words in its name or description.")
    sort: ItemSort = Field("position", description="What to sort by; `-` in front for descending.")


class ItemIn(ApiModel):
    id: NewId | None = Field(None, description="Made by you, or by the server when it is absent.")
    name: ItemName = Field(examples=["See the northern lights"])
    description: Description = Field(None, examples=["In *February*, with Nora."])
    state: State = Field("open", examples=["open"])


class ItemPut(ApiModel):
    name: ItemName = Field(examples=["See the northern lights"])
    description: Description = Field(None, examples=["In *February*, with Nora."])
    state: State = Field("open", examples=["done"])
    bucket_id: ResourceId | MISSING = Field(MISSING, description="Another one of your buckets moves it there.")


class ItemPatch(ApiModel):
    name: ItemName | MISSING = Field(MISSING, examples=["See the northern lights"])
    description: Description | MISSING = Field(MISSING, examples=["In *February*, with Nora."])
    state: State | MISSING = Field(MISSING, examples=["done"])
    bucket_id: ResourceId | MISSING = Field(MISSING, description="Another one of your buckets moves it there.")


class ItemOut(ApiModel):
    id: ResourceId
    bucket_id: ResourceId
    name: str
    description: str | None
    state: State
    position: int
    created_at: Instant
    modified_at: Instant


class ItemPage(ApiModel):
    items: list[ItemOut]
    count: int = Field(description="How many there are in all; it stops at 10,000.")
    next: str | None = Field(json_schema_extra={"format": "uri-reference"})
    previous: str | None = Field(json_schema_extra={"format": "uri-reference"})
