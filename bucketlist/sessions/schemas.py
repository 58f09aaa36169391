"""What goes in and out of sessions and personal tokens. The token itself goes out once."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from bucketlist.kit import clock
from bucketlist.kit.paging import PageQuery
from bucketlist.kit.schemas import ApiModel, Instant, Params, ResourceId
from bucketlist.kit.text import Line

is_instant = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})"
).fullmatch


def _check_expiry(text: str) -> str:
    """Source: RFC 3339 section 5.6."""
    try:
        expires_at = clock.to_text(clock.from_text(text.upper())) if is_instant(text) else None
    except (ValueError, OverflowError):
        expires_at = None
    if expires_at is None:
        raise PydanticCustomError("date_time", "A moment such as 2031-06-14T12:00:00Z is meant here.")
    if expires_at <= clock.now_text():
        raise PydanticCustomError("in_the_past", "This moment has passed.")
    return expires_at


Expiry = Annotated[
    str,
    AfterValidator(_check_expiry),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
TokenScope = Literal["read", "write"]


class SessionPath(Params):
    session_id: ResourceId


class SessionQuery(PageQuery):
    """A list that is only paged; newest first."""


class SignedInOut(ApiModel):
    """One place where you are signed in."""

    id: ResourceId
    created_at: Instant
    last_used_at: Instant
    expires_at: Instant
    current: bool = Field(description="Is it the one that asks?")


class SessionPage(ApiModel):
    sessions: list[SignedInOut]
    count: int = Field(description="How many there are in all; it stops at 10,000.")
    next: str | None = Field(json_schema_extra={"format": "uri-reference"})
    previous: str | None = Field(json_schema_extra={"format": "uri-reference"})


class TokenPath(Params):
    token_id: ResourceId


class TokenIn(ApiModel):
    name: Annotated[str, Line(200)] = Field(examples=["Backup script"])
    scope: TokenScope = Field(description="`write` reads as well.", examples=["read"])
    expires_at: Expiry | None = Field(None, description="It lives for ever when this is absent.")


class TokenOut(ApiModel):
    id: ResourceId
    name: str
    scope: TokenScope
    expires_at: Instant | None
    last_used_at: Instant | None = Field(description="To the minute.")
    created_at: Instant


class NewTokenOut(TokenOut):
    token: str = Field(description="Shown this once.")


class TokenPage(ApiModel):
    tokens: list[TokenOut]
    count: int = Field(description="How many there are in all; it stops at 10,000.")
    next: str | None = Field(json_schema_extra={"format": "uri-reference"})
    previous: str | None = Field(json_schema_extra={"format": "uri-reference"})
