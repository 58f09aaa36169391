"""FastAPI + asyncpg: one statement a request, PyJWT, pydantic."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from typing import Annotated
from uuid import UUID

import asyncpg
import jwt
from fastapi import Depends, FastAPI, HTTPException, Query, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from bench.peers import common, statements
from bench.peers.common import Claims
from bench.peers.shapes import BucketOut, BucketPage, ItemIn, ItemOut, ItemPage, LoginIn, SignedIn, UserOut


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    size = common.POOL_SIZE
    async with asyncpg.create_pool(
        common.DATABASE_URL, min_size=size, max_size=size, server_settings=common.PLAN_ONCE, reset=common.keep_as_it_is
    ) as pool:
        app.state.pool = pool
        yield


app = FastAPI(lifespan=lifespan)


async def get_pool(request: Request) -> asyncpg.Pool:
    return request.app.state.pool


async def get_claims(given: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]) -> Claims:
    try:
        return common.read_token(given.credentials)
    except jwt.InvalidTokenError:
        raise unauthorized() from None


Pool = Annotated[asyncpg.Pool, Depends(get_pool)]
Token = Annotated[Claims, Depends(get_claims)]
Limit = Annotated[int, Query(ge=1, le=100)]
Words = Annotated[str | None, Query(min_length=1, max_length=200)]


def unauthorized() -> HTTPException:
    return HTTPException(401, headers={"WWW-Authenticate": "Bearer"})


def require_active(rows: list[asyncpg.Record]) -> list[asyncpg.Record]:
    """No row: the token is worthless."""
    if not rows:
        raise unauthorized()
    return rows


def read_cursor(cursor: str) -> tuple[int, UUID]:
    position, _, item_id = cursor.partition("_")
    try:
        return int(position), UUID(item_id)
    except ValueError:
        raise HTTPException(422) from None


def next_link(request: Request, last: asyncpg.Record) -> str:
    url = request.url.include_query_params(cursor=f"{last['position']}_{last['id']}")
    return f"{url.path}?{url.query}"


def one_item(rows: list[asyncpg.Record]) -> ItemOut:
    row = require_active(rows)[0]
    if row["id"] is None:
        raise HTTPException(404)
    return ItemOut.model_validate(dict(row))


def item_page(request: Request, rows: list[asyncpg.Record], limit: int) -> ItemPage:
    first = require_active(rows)[0]
    if not first["found"]:
        raise HTTPException(404)
    page = [row for row in rows[:limit] if row["id"] is not None]
    following = next_link(request, page[-1]) if len(rows) > limit else None
    items = [ItemOut.model_validate(dict(row)) for row in page]
    return ItemPage(items=items, count=first["count"], next=following, previous=None)


@app.post("/v1/auth/login")
async def log_in(pool: Pool, given: LoginIn) -> SignedIn:
    user = await pool.fetchrow(statements.FIND_USER, common.fold(given.email))
    if user is None or not await asyncio.to_thread(common.verify_password, given.password, user["password_hash"]):
        raise HTTPException(401)
    session_id, refresh_token = common.new_id(), secrets.token_urlsafe(32)
    token_hash = sha256(refresh_token.encode()).hexdigest()
    ends_at = common.session_end()
    await pool.execute(statements.OPEN_SESSION, user["id"], session_id, common.now(), ends_at, token_hash)
    return SignedIn(
        access_token=common.issue_token(user["id"], session_id),
        refresh_token=refresh_token,
        expires_in=common.ACCESS_SECONDS,
        user=UserOut.model_validate(dict(user)),
    )


@app.get("/v1/buckets")
async def list_buckets(
    pool: Pool, token: Token, request: Request, limit: Limit = 20, cursor: str | None = None
) -> BucketPage:
    statement, place = statements.LIST_BUCKETS, ()
    if cursor is not None:
        statement, place = statements.LIST_BUCKETS_AFTER, read_cursor(cursor)
    rows = require_active(await pool.fetch(statement, *token[:3], limit + 1, *place))
    page = [row for row in rows[:limit] if row["id"] is not None]
    following = next_link(request, page[-1]) if len(rows) > limit else None
    buckets = [BucketOut.model_validate(dict(row)) for row in page]
    return BucketPage(buckets=buckets, count=rows[0]["count"], next=following, previous=None)


@app.get("/v1/buckets/{bucket_id}/items")
async def list_bucket_items(
    pool: Pool, token: Token, request: Request, bucket_id: UUID, limit: Limit = 20, cursor: str | None = None
) -> ItemPage:
    statement, place = statements.LIST_BUCKET_ITEMS, ()
    if cursor is not None:
        statement, place = statements.LIST_BUCKET_ITEMS_AFTER, read_cursor(cursor)
    return item_page(request, await pool.fetch(statement, *token[:3], bucket_id, limit + 1, *place), limit)


@app.post("/v1/buckets/{bucket_id}/items", status_code=201)
async def add_item(pool: Pool, token: Token, bucket_id: UUID, wanted: ItemIn) -> ItemOut:
    name_folded = common.fold(wanted.name)
    values = (bucket_id, common.new_id(), wanted.name, name_folded, common.now())
    return one_item(await pool.fetch(statements.ADD_ITEM, *token[:3], *values))


@app.get("/v1/items")
async def list_items(
    pool: Pool, token: Token, request: Request, q: Words = None, limit: Limit = 20, cursor: str | None = None
) -> ItemPage:
    statement, place = statements.LIST_ITEMS, ()
    if cursor is not None:
        statement, place = statements.LIST_ITEMS_AFTER, read_cursor(cursor)
    words = None if q is None else common.containing(q)
    return item_page(request, await pool.fetch(statement, *token[:3], words, limit + 1, *place), limit)


@app.get("/v1/items/{item_id}")
async def read_item(pool: Pool, token: Token, item_id: UUID) -> ItemOut:
    return one_item(await pool.fetch(statements.READ_ITEM, *token[:3], item_id))


@app.patch("/v1/items/{item_id}")
async def change_item(pool: Pool, token: Token, item_id: UUID, changes: ItemIn) -> ItemOut:
    values = (item_id, changes.name, common.fold(changes.name), common.now())
    return one_item(await pool.fetch(statements.CHANGE_ITEM, *token[:3], *values))
