"""Request and response schemas of the peer on django-ninja."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from ninja import Field, Schema
from pydantic import AliasGenerator, ConfigDict, EmailStr, StringConstraints
from pydantic.alias_generators import to_camel


class Shape(Schema):
    model_config = ConfigDict(alias_generator=AliasGenerator(serialization_alias=to_camel))


class LoginIn(Shape):
    email: EmailStr
    password: str


class ItemIn(Shape):
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class UserOut(Shape):
    id: UUID
    email: str
    name: str | None
    created_at: datetime
    modified_at: datetime


class SignedIn(Shape):
    access_token: str
    refresh_token: str
    token_type: str = "Bearer"
    expires_in: int
    user: UserOut


class BucketOut(Shape):
    id: UUID
    name: str
    description: str | None
    position: int
    item_count: int
    done_count: int
    created_at: datetime
    modified_at: datetime


class ItemOut(Shape):
    id: UUID
    bucket_id: UUID
    name: str
    description: str | None
    state: str
    position: int
    created_at: datetime
    modified_at: datetime


class Page(Shape):
    count: int
    next: str | None
    previous: str | None


class BucketPage(Page):
    buckets: list[BucketOut]


class ItemPage(Page):
    items: list[ItemOut]


class PageQuery(Schema):
    limit: int = Field(20, ge=1, le=100)
    page: int = Field(1, ge=1)
