"""Field types of items for request and response schemas: what a wish can say of itself, and the limits of it."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError, Url

from bucketlist.kit.schemas import Answer, ApiModel, whole
from bucketlist.kit.text import CONTROLS, Line, LongText, OptionalLine

LONGEST_ADDRESS = 2_000
ADDRESS = rf"[Hh][Tt][Tt][Pp][Ss]?://[^\s/?#\\{CONTROLS}][^\s{CONTROLS}]*"

_is_address = re.compile(ADDRESS).fullmatch

ItemName = Annotated[str, Line(500)]
Description = Annotated[str | None, LongText(20_000)]
State = Annotated[Literal["open", "doing", "done", "dropped"], Field(title="State")]
ItemState = Annotated[Literal["open", "doing", "done", "dropped"], Field(title="ItemState")]  # as it is answered
DroppedReason = Annotated[str | None, LongText(2_000)]
Times = Annotated[int, Field(ge=1, le=100_000), BeforeValidator(whole)]
Place = Annotated[str | None, OptionalLine(200)]


def _check_address(text: str) -> str:
    """An address of the web, as it was typed. Nothing is ever fetched from it."""
    kept = Line(LONGEST_ADDRESS).check(text)
    if not _is_address(kept) or not _has_host(kept):
        raise PydanticCustomError("url", "An address is meant here that begins with http:// or https://.")
    return kept


def _has_host(address: str) -> bool:
    """Could a browser find where it leads?"""
    try:
        return bool(Url(address).host)
    except ValueError:
        return False


Address = Annotated[
    str,
    AfterValidator(_check_address),
    WithJsonSchema({"type": "string", "maxLength": LONGEST_ADDRESS, "pattern": f"^{ADDRESS}$"}),
]


class Step(ApiModel):
    """One of the steps that lead to a wish."""

    text: Annotated[str, Line(500)] = Field(examples=["Save up for the ferry"])
    done: bool = Field(False, examples=[True])


class Link(ApiModel):
    """Where more of a wish is told."""

    url: Address = Field(examples=["https://example.com/aurora"])
    title: Annotated[str | None, OptionalLine(200)] = Field(None, examples=["When to go"])


class StepOut(Answer):
    text: str = Field(examples=["Save up for the ferry"])
    done: bool = Field(examples=[True])


class LinkOut(Answer):
    url: str = Field(examples=["https://example.com/aurora"])
    title: str | None = Field(examples=["When to go"])


Steps = Annotated[list[Step], Field(max_length=200)]
Links = Annotated[list[Link], Field(max_length=50)]
