"""Request and response schemas of items."""

from typing import Annotated, Literal

from pydantic import MISSING, Field

from bucketlist.kit.paging import PageQuery
from bucketlist.kit.schemas import Answer, ApiModel, Instant, NewId, OwnId, Params, ResourceId, Words, page_of
from bucketlist.kit.text import Line, LongText

ItemName = Annotated[str, Line(500)]
Description = Annotated[str | None, LongText(20_000)]
State = Annotated[Literal["open", "done"], Field(title="State")]
ItemState = Annotated[
    Literal["open", "doing", "done", "dropped"], Field(title="ItemState")
]  # the other two are to come
ItemSort = Annotated[
    Literal["position", "-position", "name", "-name", "createdAt", "-createdAt", "modifiedAt", "-modifiedAt"],
    Field(title="ItemSort"),
]


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


class ItemOut(Answer):
    id: OwnId
    bucket_id: OwnId
    name: str = Field(examples=["See the northern lights"])
    description: str | None = Field(examples=["In *February*, with Nora."])
    state: ItemState = Field(description="`doing` and `dropped` are to come.", examples=["open"])
    position: int = Field(examples=[1])
    created_at: Instant
    modified_at: Instant


ItemPage = page_of("items", ItemOut)
