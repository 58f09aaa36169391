"""Request and response schemas of items."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import MISSING, Field, model_validator
from pydantic_core import from_json

from bucketlist.entries.schemas import NewEntry
from bucketlist.items.fields import (
    Description,
    DroppedReason,
    ItemName,
    ItemState,
    LinkOut,
    Links,
    Place,
    State,
    StepOut,
    Steps,
    Times,
)
from bucketlist.kit.paging import PageQuery
from bucketlist.kit.schemas import (
    Answer,
    ApiModel,
    FuzzyDateText,
    Instant,
    NewId,
    OptionalFuzzyDate,
    OwnId,
    Params,
    ResourceId,
    Shown,
    Switch,
    Words,
    page_of,
)
from bucketlist.tags.encoding import names_of
from bucketlist.tags.schemas import Tag, Tags

ItemSort = Annotated[
    Literal[
        "position",
        "-position",
        "name",
        "-name",
        "createdAt",
        "-createdAt",
        "modifiedAt",
        "-modifiedAt",
        "target",
        "-target",
    ],
    Field(title="ItemSort"),
]
STEPS = [{"text": "Save up for the ferry", "done": True}]
LINKS = [{"url": "https://example.com/aurora", "title": "When to go"}]
TAGS = ["winter", "with Nora"]
LISTS = ("steps", "links")  # kept as JSON, and null when empty


class BucketItemsPath(Params):
    bucket_id: ResourceId


class ItemPath(Params):
    item_id: ResourceId


class ItemQuery(PageQuery):
    q: Words | None = Field(None, description="Only what has these words in its name or description.")
    state: list[State] | None = Field(None, description="Only what is in this state; several mean any of them.")
    tag: list[Tag] | None = Field(None, description="Only what has this tag; several mean all of them.")
    target_before: FuzzyDateText | None = Field(None, description="Only targets that are over before this begins.")
    target_after: FuzzyDateText | None = Field(None, description="Only targets that begin after this is over.")
    targeted: Switch | None = Field(None, description="Only what has a target, or only what has none.")
    archived: Shown | None = Field(
        None,
        description="Only items of archived buckets, only of others, or of any. Absent, it is `false` for the items of"
        " all buckets, and `any` for those of one.",
    )
    sort: ItemSort = Field(
        "position", description="What to sort by; `-` in front for descending. What has no target comes last both ways."
    )


class ItemPut(ApiModel):
    name: ItemName = Field(examples=["See the northern lights"])
    description: Description = Field(None, examples=["In *February*, with Nora."])
    state: State = Field("open", examples=["done"])
    dropped_reason: DroppedReason = Field(None, description="Emptied in any state but `dropped`.", examples=[None])
    target: OptionalFuzzyDate = Field(None, description="A fuzzy date, such as a summer.", examples=["2031-22"])
    times: Times = Field(1, description="How often it wants to be done.", examples=[1])
    place: Place = Field(None, description="Where.", examples=["Tromsø"])
    tags: Tags = Field([], description="Spelt as you first did, whatever their capitals.", examples=[TAGS])
    steps: Steps = Field([], examples=[STEPS])
    links: Links = Field([], examples=[LINKS])
    bucket_id: ResourceId | MISSING = Field(MISSING, description="Another one of your buckets moves it there.")


class ItemIn(ApiModel):
    id: NewId | None = Field(None, description="Made by you, or by the server when it is absent.")
    name: ItemName = Field(examples=["See the northern lights"])
    description: Description = Field(None, examples=["In *February*, with Nora."])
    state: State = Field("open", examples=["open"])
    dropped_reason: DroppedReason = Field(None, description="Emptied in any state but `dropped`.", examples=[None])
    target: OptionalFuzzyDate = Field(None, description="A fuzzy date, such as a summer.", examples=["2031-22"])
    times: Times = Field(1, description="How often it wants to be done.", examples=[1])
    place: Place = Field(None, description="Where.", examples=["Tromsø"])
    tags: Tags = Field([], description="Spelt as you first did, whatever their capitals.", examples=[TAGS])
    steps: Steps = Field([], examples=[STEPS])
    links: Links = Field([], examples=[LINKS])
    entry: NewEntry | MISSING = Field(
        MISSING,
        description="Done already: its story, made together with it. Then `state` is `done` unless it is given.",
        examples=[{"date": "1998~", "story": "Green, then *everywhere*."}],
    )

    @model_validator(mode="after")
    def _is_done_already(self) -> Self:
        if self.entry is not MISSING and "state" not in self.model_fields_set:
            self.state = "done"
        return self


class ItemPatch(ApiModel):
    name: ItemName | MISSING = Field(MISSING, examples=["See the northern lights"])
    description: Description | MISSING = Field(MISSING, examples=["In *February*, with Nora."])
    state: State | MISSING = Field(MISSING, examples=["dropped"])
    dropped_reason: DroppedReason | MISSING = Field(
        MISSING, description="Emptied in any state but `dropped`.", examples=["The cold. We will look at photographs."]
    )
    target: OptionalFuzzyDate | MISSING = Field(MISSING, examples=["203X~"])
    times: Times | MISSING = Field(MISSING, examples=[2])
    place: Place | MISSING = Field(MISSING, examples=["Abisko"])
    tags: Tags | MISSING = Field(MISSING, examples=[TAGS])
    steps: Steps | MISSING = Field(MISSING, examples=[STEPS])
    links: Links | MISSING = Field(MISSING, examples=[LINKS])
    bucket_id: ResourceId | MISSING = Field(MISSING, description="Another one of your buckets moves it there.")


class ItemOut(Answer):
    id: OwnId
    bucket_id: OwnId
    name: str = Field(examples=["See the northern lights"])
    description: str | None = Field(examples=["In *February*, with Nora."])
    state: ItemState = Field(examples=["open"])
    dropped_reason: str | None = Field(description="Why it was let go.", examples=[None])
    target: str | None = Field(description="A fuzzy date, as it was sent.", examples=["2031-22"])
    times: int = Field(description="How often it wants to be done.", examples=[1])
    times_done: int = Field(description="How many of its entries complete it.", examples=[0])
    place: str | None = Field(examples=["Tromsø"])
    tags: list[str] = Field(examples=[TAGS])
    steps: list[StepOut]
    links: list[LinkOut]
    position: int = Field(examples=[1])
    created_at: Instant
    modified_at: Instant

    @classmethod
    def to_json_object(cls, row: Sequence[Any]) -> dict[str, Any]:
        """A row of items, whose lists are kept as texts, as what is written as JSON."""
        found = dict(zip(_KEYS, row))  # noqa: B905  # its keyword takes a quarter of the time
        found["tags"] = names_of(tags) if (tags := found["tags"]) else []
        found["steps"] = from_json(steps) if (steps := found["steps"]) else []
        found["links"] = from_json(links) if (links := found["links"]) else []
        return found


_KEYS = ItemOut.keys()
ItemPage = page_of("items", ItemOut)
