"""Database schema of bucketlist, as the two peers that use SQLAlchemy's ORM map it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime
from sqlalchemy.orm import Mapped, mapped_column

from bench.peers.common import new_id, now

Moment = DateTime(timezone=True)


class UserColumns:
    __tablename__ = "users"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    email: Mapped[str]
    name: Mapped[str | None]
    password_hash: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Moment)
    modified_at: Mapped[datetime] = mapped_column(Moment)


class EmailColumns:
    __tablename__ = "email_addresses"

    email_folded: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[UUID]


class SessionColumns:
    __tablename__ = "sessions"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    last_used_at: Mapped[datetime] = mapped_column(Moment, default=now)
    expires_at: Mapped[datetime] = mapped_column(Moment)


class RefreshTokenColumns:
    __tablename__ = "refresh_tokens"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[UUID]
    session_id: Mapped[UUID]
    expires_at: Mapped[datetime] = mapped_column(Moment)


class BlacklistedTokenColumns:
    __tablename__ = "blacklisted_tokens"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(Moment)


class BucketColumns:
    __tablename__ = "buckets"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]
    name_folded: Mapped[str]
    description: Mapped[str | None]
    description_folded: Mapped[str | None]
    position: Mapped[int]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    modified_at: Mapped[datetime] = mapped_column(Moment, default=now, onupdate=now)


class ItemColumns:
    __tablename__ = "items"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    bucket_id: Mapped[UUID]
    name: Mapped[str]
    name_folded: Mapped[str]
    description: Mapped[str | None]
    description_folded: Mapped[str | None]
    state: Mapped[str] = mapped_column(default="open")
    position: Mapped[int]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    modified_at: Mapped[datetime] = mapped_column(Moment, default=now, onupdate=now)
