"""Request and response schemas of sessions and personal access tokens. The token itself goes out once."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from bucketlist.auth.schemas import Secret
from bucketlist.kit import clock
from bucketlist.kit.paging import PageQuery
from bucketlist.kit.schemas import Answer, ApiModel, Instant, OwnId, Params, ResourceId, page_of
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
TokenScope = Annotated[Literal["read", "write"], Field(title="TokenScope")]


class SessionPath(Params):
    session_id: ResourceId


class SessionQuery(PageQuery):
    """A list that is only paged; newest first."""


class Session(Answer):
    """One place where you are signed in."""

    id: OwnId
    created_at: Instant
    last_used_at: Instant
    expires_at: Instant
    current: bool = Field(description="Is it the one that asks?", examples=[True])


SessionPage = page_of("sessions", Session)


class TokenPath(Params):
    token_id: ResourceId


class TokenIn(ApiModel):
    name: Annotated[str, Line(200)] = Field(examples=["Backup script"])
    scope: TokenScope = Field(description="`write` reads as well.", examples=["read"])
    expires_at: Expiry | None = Field(None, description="It lives for ever when this is absent.")
    current_password: Secret = Field(examples=["correct horse battery staple"])


class TokenOut(Answer):
    id: OwnId
    name: str = Field(examples=["Backup script"])
    scope: TokenScope = Field(examples=["read"])
    expires_at: Instant | None
    last_used_at: Instant | None = Field(description="To the minute.")
    created_at: Instant


class NewTokenOut(TokenOut):
    token: str = Field(description="Shown this once.", examples=["blt_c2hvd24tdGhpcy1vbmNlLWtlZXAtaXQtd2VsbA"])


TokenPage = page_of("tokens", TokenOut)
