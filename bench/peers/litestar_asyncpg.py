"""Litestar + asyncpg, tuned: one statement a request, verified tokens remembered, msgspec structs, no middleware."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from time import time
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

import asyncpg
import jwt
import msgspec
from litestar import Litestar, Request, get, patch, post
from litestar.exceptions import ClientException, NotAuthorizedException, NotFoundException
from litestar.params import Parameter

from bench.peers import common, statements

REMEMBERED_TOKENS = 16_384
pool: asyncpg.Pool
read_token = lru_cache(REMEMBERED_TOKENS)(common.read_token)

Limit = Annotated[int, Parameter(ge=1, le=100)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class Shape(msgspec.Struct, rename="camel"):
    pass


class LoginIn(Shape, forbid_unknown_fields=True):
    email: str
    password: str


class ItemIn(Shape, forbid_unknown_fields=True):
    name: Name


class UserOut(Shape):
    id: str
    email: str
    name: str | None
    created_at: datetime
    modified_at: datetime


class SignedIn(Shape):
    access_token: str
    refresh_token: str
    expires_in: int
    user: UserOut
    token_type: str = "Bearer"


class BucketOut(Shape):
    id: str
    name: str
    description: str | None
    position: int
    created_at: datetime
    modified_at: datetime
    item_count: int
    done_count: int


class ItemOut(Shape):
    id: str
    bucket_id: str
    name: str
    description: str | None
    state: str
    position: int
    created_at: datetime
    modified_at: datetime


class BucketPage(Shape):
    buckets: list[BucketOut]
    count: int
    next: str | None
    previous: str | None = None


class ItemPage(Shape):
    items: list[ItemOut]
    count: int
    next: str | None
    previous: str | None = None


def unauthorized() -> NotAuthorizedException:
    return NotAuthorizedException(headers={"WWW-Authenticate": "Bearer"})


def identify(request: Request) -> tuple[str, str, str]:
    """The user, session and token that statements begin with; the signature is checked once, the expiry always."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    try:
        claims = read_token(token)
    except jwt.InvalidTokenError:
        raise unauthorized() from None
    if scheme.lower() != "bearer" or claims.expires_at <= time():
        raise unauthorized()
    return claims[:3]


def require_active(rows: Sequence[asyncpg.Record]) -> Sequence[asyncpg.Record]:
    if not rows:
        raise unauthorized()
    return rows


def read_place(cursor: str | None) -> tuple[int, UUID] | tuple[()]:
    if cursor is None:
        return ()
    position, _, row_id = cursor.partition("_")
    try:
        return int(position), UUID(row_id)
    except ValueError:
        raise ClientException(status_code=422) from None


def next_link(request: Request, last: ItemOut | BucketOut) -> str:
    query = {**request.query_params, "cursor": f"{last.position}_{last.id}"}
    return f"{request.url.path}?{urlencode(query)}"


def one_item(rows: Sequence[asyncpg.Record]) -> ItemOut:
    row = require_active(rows)[0]
    if row["id"] is None:
        raise NotFoundException
    return ItemOut(*row)


def item_page(request: Request, rows: Sequence[asyncpg.Record], limit: int) -> ItemPage:
    count, found, first_id, *_ = require_active(rows)[0]
    if not found:
        raise NotFoundException
    items = [] if first_id is None else [ItemOut(*row[2:]) for row in rows[:limit]]
    return ItemPage(items, count, next_link(request, items[-1]) if len(rows) > limit else None)


@post("/v1/auth/login", status_code=200)
async def log_in(data: LoginIn) -> SignedIn:
    user = await pool.fetchrow(statements.FIND_USER, common.fold(data.email))
    if user is None or not await asyncio.to_thread(common.verify_password, data.password, user["password_hash"]):
        raise NotAuthorizedException
    session_id, refresh_token = common.new_id(), secrets.token_urlsafe(32)
    token_hash = sha256(refresh_token.encode()).hexdigest()
    ends_at = common.session_end()
    await pool.execute(statements.OPEN_SESSION, user["id"], session_id, common.now(), ends_at, token_hash)
    access_token = common.issue_token(user["id"], session_id)
    return SignedIn(access_token, refresh_token, common.ACCESS_SECONDS, UserOut(*user[:5]))


@get("/v1/buckets")
async def list_buckets(request: Request, limit: Limit = 20, cursor: str | None = None) -> BucketPage:
    place = read_place(cursor)
    statement = statements.LIST_BUCKETS_AFTER if place else statements.LIST_BUCKETS
    rows = require_active(await pool.fetch(statement, *identify(request), limit + 1, *place))
    buckets = [] if rows[0]["id"] is None else [BucketOut(*row[1:]) for row in rows[:limit]]
    return BucketPage(buckets, rows[0]["count"], next_link(request, buckets[-1]) if len(rows) > limit else None)


@get("/v1/buckets/{bucket_id:uuid}/items")
async def list_bucket_items(
    request: Request, bucket_id: UUID, limit: Limit = 20, cursor: str | None = None
) -> ItemPage:
    place = read_place(cursor)
    statement = statements.LIST_BUCKET_ITEMS_AFTER if place else statements.LIST_BUCKET_ITEMS
    rows = await pool.fetch(statement, *identify(request), bucket_id, limit + 1, *place)
    return item_page(request, rows, limit)


@post("/v1/buckets/{bucket_id:uuid}/items")
async def add_item(request: Request, bucket_id: UUID, data: ItemIn) -> ItemOut:
    values = (bucket_id, common.new_id(), data.name, common.fold(data.name), common.now())
    return one_item(await pool.fetch(statements.ADD_ITEM, *identify(request), *values))


@get("/v1/items")
async def list_items(request: Request, q: str | None = None, limit: Limit = 20, cursor: str | None = None) -> ItemPage:
    place = read_place(cursor)
    statement = statements.LIST_ITEMS_AFTER if place else statements.LIST_ITEMS
    words = None if q is None else common.containing(q)
    return item_page(request, await pool.fetch(statement, *identify(request), words, limit + 1, *place), limit)


@get("/v1/items/{item_id:uuid}")
async def read_item(request: Request, item_id: UUID) -> ItemOut:
    return one_item(await pool.fetch(statements.READ_ITEM, *identify(request), item_id))


@patch("/v1/items/{item_id:uuid}")
async def change_item(request: Request, item_id: UUID, data: ItemIn) -> ItemOut:
    values = (item_id, data.name, common.fold(data.name), common.now())
    return one_item(await pool.fetch(statements.CHANGE_ITEM, *identify(request), *values))


@asynccontextmanager
async def lifespan(_app: Litestar) -> AsyncIterator[None]:
    global pool  # one lookup less a request than the application's state
    size = common.POOL_SIZE
    async with asyncpg.create_pool(
        common.DATABASE_URL, min_size=size, max_size=size, server_settings=common.PLAN_ONCE, reset=common.keep_as_it_is
    ) as pool:
        yield


app = Litestar(
    [log_in, list_buckets, list_bucket_items, add_item, list_items, read_item, change_item],
    lifespan=[lifespan],
    openapi_config=None,
)
