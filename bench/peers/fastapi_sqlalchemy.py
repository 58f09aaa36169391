"""FastAPI + SQLAlchemy async, as the FastAPI template shows it: dependencies, a session a request, ORM objects."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from hashlib import sha256
from typing import Annotated, Any
from uuid import UUID

import jwt
from fastapi import Depends, FastAPI, HTTPException, Query, Request
from fastapi.security import OAuth2PasswordBearer
from sqlalchemy import ColumnElement, ForeignKeyConstraint, Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase

from bench.peers import common, tables
from bench.peers.shapes import BucketOut, BucketPage, ItemIn, ItemOut, ItemPage, ItemPatch, LoginIn, SignedIn, UserOut

engine = create_async_engine(
    common.DATABASE_URL.replace("postgresql://", "postgresql+asyncpg://"), pool_size=common.POOL_SIZE, max_overflow=0
)
make_session = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI()


class Base(DeclarativeBase):
    pass


class User(tables.UserColumns, Base):
    pass


class Email(tables.EmailColumns, Base):
    pass


class LoginSession(tables.SessionColumns, Base):
    pass


class RefreshToken(tables.RefreshTokenColumns, Base):
    pass


class BlacklistedToken(tables.BlacklistedTokenColumns, Base):
    pass


class Bucket(tables.BucketColumns, Base):
    pass


class Item(tables.ItemColumns, Base):
    __table_args__ = (ForeignKeyConstraint(["user_id", "bucket_id"], ["buckets.user_id", "buckets.id"]),)


async def get_db() -> AsyncIterator[AsyncSession]:
    async with make_session() as session:
        yield session


Db = Annotated[AsyncSession, Depends(get_db)]
Token = Annotated[str, Depends(OAuth2PasswordBearer("/v1/auth/login"))]
Limit = Annotated[int, Query(ge=1, le=100)]
PageNumber = Annotated[int, Query(ge=1)]
Words = Annotated[str | None, Query(min_length=1, max_length=200)]


async def get_current_session(db: Db, token: Token) -> LoginSession:
    refused = HTTPException(401, headers={"WWW-Authenticate": "Bearer"})
    try:
        claims = common.read_token(token)
    except jwt.InvalidTokenError:
        raise refused from None
    user_id, token_id = UUID(claims.user_id), UUID(claims.token_id)
    session = await db.get(LoginSession, (user_id, UUID(claims.session_id)))
    if session is None or session.expires_at < common.now():
        raise refused
    if await db.get(BlacklistedToken, (user_id, token_id)):
        raise refused
    return session


CurrentSession = Annotated[LoginSession, Depends(get_current_session)]


async def get_owned_item(db: Db, session: CurrentSession, item_id: UUID) -> Item:
    item = await db.get(Item, (session.user_id, item_id))
    if item is None:
        raise HTTPException(404)
    return item


async def get_owned_bucket(db: Db, session: CurrentSession, bucket_id: UUID) -> Bucket:
    bucket = await db.get(Bucket, (session.user_id, bucket_id))
    if bucket is None:
        raise HTTPException(404)
    return bucket


OwnedItem = Annotated[Item, Depends(get_owned_item)]
OwnedBucket = Annotated[Bucket, Depends(get_owned_bucket)]


def links(request: Request, count: int, limit: int, page: int) -> dict[str, str | None]:
    def link(number: int) -> str:
        url = request.url.include_query_params(page=number)
        return f"{url.path}?{url.query}"

    return {"next": link(page + 1) if page * limit < count else None, "previous": link(page - 1) if page > 1 else None}


async def item_page(db: AsyncSession, wanted: Select[Any], request: Request, limit: int, page: int) -> ItemPage:
    count = await db.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    rows = wanted.order_by(Item.position, Item.id).offset((page - 1) * limit).limit(limit)
    items = [ItemOut.model_validate(item) for item in await db.scalars(rows)]
    return ItemPage(items=items, count=count, **links(request, count, limit, page))


@app.post("/v1/auth/login")
async def log_in(db: Db, given: LoginIn) -> SignedIn:
    found = select(User).join(Email, Email.user_id == User.id).where(Email.email_folded == common.fold(given.email))
    user = await db.scalar(found)
    if user is None or not await asyncio.to_thread(common.verify_password, given.password, user.password_hash):
        raise HTTPException(401)
    session = LoginSession(user_id=user.id, id=common.new_id(), expires_at=common.session_end())
    refresh_token = secrets.token_urlsafe(32)
    db.add(session)
    db.add(
        RefreshToken(
            token_hash=sha256(refresh_token.encode()).hexdigest(),
            user_id=user.id,
            session_id=session.id,
            expires_at=session.expires_at,
        )
    )
    await db.commit()
    return SignedIn(
        access_token=common.issue_token(user.id, session.id),
        refresh_token=refresh_token,
        expires_in=common.ACCESS_SECONDS,
        user=UserOut.model_validate(user),
    )


@app.get("/v1/buckets")
async def list_buckets(
    db: Db, session: CurrentSession, request: Request, limit: Limit = 20, page: PageNumber = 1
) -> BucketPage:
    is_mine = Bucket.user_id == session.user_id
    count = await db.scalar(select(func.count()).select_from(Bucket).where(is_mine)) or 0
    done_count: ColumnElement[int] = func.count(Item.id).filter(Item.state == "done")
    rows = await db.execute(
        select(Bucket, func.count(Item.id), done_count)
        .outerjoin(Item)
        .where(is_mine)
        .group_by(Bucket.user_id, Bucket.id)
        .order_by(Bucket.position, Bucket.id)
        .offset((page - 1) * limit)
        .limit(limit)
    )
    buckets = [
        BucketOut(
            id=bucket.id,
            name=bucket.name,
            description=bucket.description,
            position=bucket.position,
            item_count=item_count,
            done_count=done_count,
            created_at=bucket.created_at,
            modified_at=bucket.modified_at,
        )
        for bucket, item_count, done_count in rows
    ]
    return BucketPage(buckets=buckets, count=count, **links(request, count, limit, page))


@app.get("/v1/buckets/{bucket_id}/items")
async def list_bucket_items(
    db: Db, bucket: OwnedBucket, request: Request, limit: Limit = 20, page: PageNumber = 1
) -> ItemPage:
    wanted = select(Item).where(Item.user_id == bucket.user_id, Item.bucket_id == bucket.id)
    return await item_page(db, wanted, request, limit, page)


@app.post("/v1/buckets/{bucket_id}/items", status_code=201)
async def add_item(db: Db, bucket: OwnedBucket, wanted: ItemIn) -> ItemOut:
    last = select(func.max(Item.position)).where(Item.user_id == bucket.user_id, Item.bucket_id == bucket.id)
    position = (await db.scalar(last) or 0) + 1
    item = Item(
        user_id=bucket.user_id,
        bucket_id=bucket.id,
        name=wanted.name,
        name_folded=common.fold(wanted.name),
        position=position,
    )
    db.add(item)
    await db.commit()
    return ItemOut.model_validate(item)


@app.get("/v1/items")
async def list_items(
    db: Db, session: CurrentSession, request: Request, q: Words = None, limit: Limit = 20, page: PageNumber = 1
) -> ItemPage:
    wanted = select(Item).where(Item.user_id == session.user_id)
    if q is not None:
        words = common.fold(q)
        wanted = wanted.where(
            or_(
                Item.name_folded.contains(words, autoescape=True),
                Item.description_folded.contains(words, autoescape=True),
            )
        )
    return await item_page(db, wanted, request, limit, page)


@app.get("/v1/items/{item_id}")
async def read_item(item: OwnedItem) -> ItemOut:
    return ItemOut.model_validate(item)


@app.patch("/v1/items/{item_id}")
async def change_item(db: Db, item: OwnedItem, changes: ItemPatch) -> ItemOut:
    for field, value in changes.model_dump(exclude_unset=True).items():
        setattr(item, field, value)
    item.name_folded = common.fold(item.name)
    item.version += 1
    await db.commit()
    return ItemOut.model_validate(item)
