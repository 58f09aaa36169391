"""Request and response schemas of entries."""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import MISSING, BeforeValidator, Field
from pydantic_core import from_json

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
    Switch,
    Words,
    page_of,
    whole,
)
from bucketlist.kit.text import Line, LongText, OptionalLine

Title = Annotated[str | None, OptionalLine(200)]
Story = Annotated[str | None, LongText(100_000)]
Name = Annotated[str, Line(100)]
People = Annotated[list[Name], Field(max_length=50)]
Place = Annotated[str | None, OptionalLine(200)]
Rating = Annotated[Annotated[int, Field(ge=1, le=5)] | None, BeforeValidator(whole)]

COMPLETES = "With this it happened. `false`: a note on the way."
KEEPS_STATE = "Even when with this it is done as often as it wants to be, its state stays what it is."
STORY = "Green, then *everywhere*."
PEOPLE = ["Nora", "Håkon"]


class ItemEntriesPath(Params):
    item_id: ResourceId


class EntryPath(Params):
    entry_id: ResourceId


class JournalQuery(PageQuery):
    q: Words | None = Field(None, description="Only what has these words in its title, story, place or people.")
    person: Name | None = Field(None, description="Only what this person was in, whatever the capitals.")
    completes: Switch | None = Field(None, description="Only what completes its item, or only notes on the way.")
    date_before: FuzzyDateText | None = Field(None, description="Only dates that are over before this begins.")
    date_after: FuzzyDateText | None = Field(None, description="Only dates that begin after this is over.")


class EntryFields(ApiModel):
    completes: bool = Field(True, description=COMPLETES, examples=[True])
    title: Title = Field(None, description="Which of the hundred books it was.", examples=["The last night"])
    date: OptionalFuzzyDate = Field(None, description="A fuzzy date, such as a winter.", examples=["2026-11-24"])
    story: Story = Field(None, examples=[STORY])
    people: People = Field([], description="Who was there.", examples=[PEOPLE])
    place: Place = Field(None, description="Where.", examples=["Tromsø"])
    rating: Rating = Field(None, examples=[5])


class EntryPut(EntryFields):
    keep_state: bool = Field(False, description=KEEPS_STATE, examples=[False])


class NewEntry(EntryFields):
    """An entry that is made together with its item."""

    id: NewId | None = Field(None, description="Made by you, or by the server when it is absent.")


class EntryIn(NewEntry):
    keep_state: bool = Field(False, description=KEEPS_STATE, examples=[False])


class EntryPatch(ApiModel):
    completes: bool | MISSING = Field(MISSING, description=COMPLETES, examples=[True])
    title: Title | MISSING = Field(MISSING, examples=["The last night"])
    date: OptionalFuzzyDate | MISSING = Field(MISSING, examples=["2026-24~"])
    story: Story | MISSING = Field(MISSING, examples=[STORY])
    people: People | MISSING = Field(MISSING, examples=[PEOPLE])
    place: Place | MISSING = Field(MISSING, examples=["Abisko"])
    rating: Rating | MISSING = Field(MISSING, examples=[4])
    keep_state: bool = Field(False, description=KEEPS_STATE, examples=[False])


class EntryOut(Answer):
    id: OwnId
    item_id: OwnId
    completes: bool = Field(description=COMPLETES, examples=[True])
    title: str | None = Field(examples=["The last night"])
    date: str | None = Field(description="A fuzzy date, as it was sent.", examples=["2026-11-24"])
    story: str | None = Field(examples=[STORY])
    people: list[str] = Field(examples=[PEOPLE])
    place: str | None = Field(examples=["Tromsø"])
    rating: int | None = Field(examples=[5])
    photo_count: int = Field(description="How many photos it has.", examples=[0])
    created_at: Instant
    modified_at: Instant

    @classmethod
    def to_json_object(cls, row: Sequence[Any]) -> dict[str, Any]:
        """A row of entries, in which a number says whether it completes, as what is written as JSON."""
        found = super().to_json_object(row)
        people = from_json(found["people"]) if found["people"] else []
        return found | {"completes": bool(found["completes"]), "people": people}


class JournalEntryOut(EntryOut):
    item_name: str = Field(description="What its item is called.", examples=["See the northern lights"])


EntryPage = page_of("entries", EntryOut)
JournalPage = page_of("entries", JournalEntryOut)
