"""The bodies of the contract as pydantic models, for the peers whose users write them so."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AliasGenerator, BaseModel, ConfigDict, EmailStr, StringConstraints
from pydantic.alias_generators import to_camel

ItemName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
State = Literal["open", "doing", "done", "dropped"]


class Shape(BaseModel):
    model_config = ConfigDict(alias_generator=AliasGenerator(serialization_alias=to_camel), from_attributes=True)


class LoginIn(Shape):
    email: EmailStr
    password: str


class ItemIn(Shape):
    model_config = ConfigDict(extra="forbid")

    name: ItemName


class ItemPatch(Shape):
    model_config = ConfigDict(extra="forbid")

    name: ItemName | None = None
    state: State | None = None


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
    state: State
    position: int
    created_at: datetime
    modified_at: datetime


class BucketPage(Shape):
    buckets: list[BucketOut]
    count: int
    next: str | None
    previous: str | None


class ItemPage(Shape):
    items: list[ItemOut]
    count: int
    next: str | None
    previous: str | None
