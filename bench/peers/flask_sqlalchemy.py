"""Benchmark peer on classic Flask + Flask-SQLAlchemy and gunicorn: the stack of the article, on today's versions."""

import secrets
from collections.abc import Callable
from functools import wraps
from hashlib import sha256
from typing import Any
from uuid import UUID

import jwt
from flask import Flask, Response, abort, g, request, url_for
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.pagination import Pagination
from sqlalchemy import ForeignKeyConstraint, func, or_
from sqlalchemy.orm import DeclarativeBase

from bench.peers import common, tables

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = common.DATABASE_URL.replace("postgresql://", "postgresql+psycopg://")
app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"pool_size": common.POOL_SIZE}
View = Callable[..., Any]


class Base(DeclarativeBase):
    pass


db = SQLAlchemy(app, model_class=Base)


class User(tables.UserColumns, db.Model):
    def to_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "email": self.email,
            "name": self.name,
            "createdAt": self.created_at.isoformat(),
            "modifiedAt": self.modified_at.isoformat(),
        }


class Email(tables.EmailColumns, db.Model):
    pass


class LoginSession(tables.SessionColumns, db.Model):
    pass


class RefreshToken(tables.RefreshTokenColumns, db.Model):
    pass


class BlacklistedToken(tables.BlacklistedTokenColumns, db.Model):
    pass


class Bucket(tables.BucketColumns, db.Model):
    def to_dict(self, item_count: int, done_count: int) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "description": self.description,
            "position": self.position,
            "itemCount": item_count,
            "doneCount": done_count,
            "createdAt": self.created_at.isoformat(),
            "modifiedAt": self.modified_at.isoformat(),
        }


class Item(tables.ItemColumns, db.Model):
    __table_args__ = (ForeignKeyConstraint(["user_id", "bucket_id"], ["buckets.user_id", "buckets.id"]),)

    def to_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "bucketId": self.bucket_id,
            "name": self.name,
            "description": self.description,
            "state": self.state,
            "position": self.position,
            "createdAt": self.created_at.isoformat(),
            "modifiedAt": self.modified_at.isoformat(),
        }


def login_required(view: View) -> View:
    @wraps(view)
    def guarded(**arguments: Any) -> Any:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        try:
            claims = common.read_token(token)
        except jwt.InvalidTokenError:
            abort(401)
        session = db.session.get(LoginSession, (UUID(claims.user_id), UUID(claims.session_id)))
        if scheme != "Bearer" or session is None or session.expires_at < common.now():
            abort(401)
        if db.session.get(BlacklistedToken, (session.user_id, UUID(claims.token_id))):
            abort(401)
        g.user_id = session.user_id
        return view(**arguments)

    return guarded


def read_name() -> str:
    """The field `name` of the body; 400 without a JSON object, 422 unless it is a name."""
    body = request.get_json()
    name = body.get("name") if isinstance(body, dict) else None
    if not isinstance(name, str) or not 1 <= len(name.strip()) <= 500:
        abort(422)
    return name.strip()


def paginate(query: Any) -> Pagination:
    return query.paginate(per_page=request.args.get("limit", 20, int), max_per_page=100, error_out=False)


def links(page: Pagination) -> dict[str, str | None]:
    def link(number: int) -> str:
        parameters = {**request.args, **(request.view_args or {}), "page": number}
        return url_for(request.endpoint or "", **parameters)

    return {
        "next": link(page.page + 1) if page.has_next else None,
        "previous": link(page.page - 1) if page.has_prev else None,
    }


def item_page(query: Any) -> dict[str, Any]:
    page = paginate(query.order_by(Item.position, Item.id))
    return {"items": [item.to_dict() for item in page.items], "count": page.total, **links(page)}


def get_bucket(bucket_id: UUID) -> Bucket:
    return Bucket.query.filter_by(user_id=g.user_id, id=bucket_id).first_or_404()


def get_item(item_id: UUID) -> Item:
    return Item.query.filter_by(user_id=g.user_id, id=item_id).first_or_404()


@app.post("/v1/auth/login")
def log_in() -> dict[str, Any]:
    given = request.get_json()
    email = common.fold(given["email"])
    user = User.query.join(Email, Email.user_id == User.id).filter(Email.email_folded == email).first()
    if user is None or not common.verify_password(given["password"], user.password_hash):
        abort(401)
    session = LoginSession(user_id=user.id, id=common.new_id(), expires_at=common.session_end())
    refresh_token = secrets.token_urlsafe(32)
    token_hash = sha256(refresh_token.encode()).hexdigest()
    db.session.add(session)
    db.session.add(
        RefreshToken(token_hash=token_hash, user_id=user.id, session_id=session.id, expires_at=session.expires_at)
    )
    answer = {
        "accessToken": common.issue_token(user.id, session.id),
        "refreshToken": refresh_token,
        "tokenType": "Bearer",
        "expiresIn": common.ACCESS_SECONDS,
        "user": user.to_dict(),
    }
    db.session.commit()
    return answer


@app.get("/v1/buckets")
@login_required
def list_buckets() -> dict[str, Any]:
    counts = (
        db.session.query(
            Item.bucket_id,
            func.count().label("item_count"),
            func.count().filter(Item.state == "done").label("done_count"),
        )
        .filter(Item.user_id == g.user_id)
        .group_by(Item.bucket_id)
    )
    of_bucket = {bucket_id: (item_count, done_count) for bucket_id, item_count, done_count in counts}
    page = paginate(Bucket.query.filter_by(user_id=g.user_id).order_by(Bucket.position, Bucket.id))
    buckets = [bucket.to_dict(*of_bucket.get(bucket.id, (0, 0))) for bucket in page.items]
    return {"buckets": buckets, "count": page.total, **links(page)}


@app.get("/v1/buckets/<uuid:bucket_id>/items")
@login_required
def list_bucket_items(bucket_id: UUID) -> dict[str, Any]:
    bucket = get_bucket(bucket_id)
    return item_page(Item.query.filter_by(user_id=g.user_id, bucket_id=bucket.id))


@app.post("/v1/buckets/<uuid:bucket_id>/items")
@login_required
def add_item(bucket_id: UUID) -> tuple[dict[str, Any], int]:
    bucket = get_bucket(bucket_id)
    name = read_name()
    last = db.session.query(func.max(Item.position)).filter_by(user_id=g.user_id, bucket_id=bucket.id).scalar() or 0
    item = Item(user_id=g.user_id, bucket_id=bucket.id, name=name, name_folded=common.fold(name), position=last + 1)
    db.session.add(item)
    db.session.commit()
    return item.to_dict(), 201


@app.get("/v1/items")
@login_required
def list_items() -> dict[str, Any]:
    query = Item.query.filter_by(user_id=g.user_id)
    if words := common.fold(request.args.get("q", "")):
        in_name = Item.name_folded.contains(words, autoescape=True)
        query = query.filter(or_(in_name, Item.description_folded.contains(words, autoescape=True)))
    return item_page(query)


@app.get("/v1/items/<uuid:item_id>")
@login_required
def read_item(item_id: UUID) -> dict[str, Any]:
    return get_item(item_id).to_dict()


@app.patch("/v1/items/<uuid:item_id>")
@login_required
def change_item(item_id: UUID) -> dict[str, Any]:
    item = get_item(item_id)
    item.name = read_name()
    item.name_folded = common.fold(item.name)
    item.version += 1
    db.session.commit()
    return item.to_dict()


@app.errorhandler(401)
def ask_for_a_token(_error: Exception) -> Response:
    return Response(status=401, headers={"WWW-Authenticate": "Bearer"})
