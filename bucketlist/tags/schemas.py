"""Request and response schemas of tags."""

from typing import Annotated

from pydantic import MISSING, AfterValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from bucketlist.kit.schemas import Answer, ApiModel, Params, page_of
from bucketlist.kit.text import Line, fold


def _first_of_each(tags: list[str]) -> list[str]:
    """Without those that fold to the same as one before."""
    first: dict[str, str] = {}
    for tag in tags:
        first.setdefault(fold(tag), tag)
    return list(first.values())


def _known_tag(name: str) -> str:
    """`name` if it could be a tag, else one that nothing has."""
    try:
        return _TAG.check(name)
    except PydanticCustomError:
        return ""


_TAG = Line(50)
Tag = Annotated[str, _TAG]
TagInPath = Annotated[
    str, AfterValidator(_known_tag), WithJsonSchema({"type": "string", "examples": ["with Nora"]})
]  # of what is there, or may be
Tags = Annotated[list[Tag], Field(max_length=50), AfterValidator(_first_of_each)]


class TagPath(Params):
    name: TagInPath


class TagPatch(ApiModel):
    name: Tag | MISSING = Field(
        MISSING, description="One that is there already is merged with it.", examples=["winter"]
    )


class TagOut(Answer):
    name: str = Field(examples=["winter"])
    item_count: int = Field(description="How many items have it, those of archived buckets too.", examples=[3])


TagPage = page_of("tags", TagOut)
