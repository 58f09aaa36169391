"""Routes of the peer on django-ninja."""

import secrets
from hashlib import sha256
from typing import Any
from uuid import UUID

import jwt
from django.db import transaction
from django.db.models import Count, Max, Q, QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import NinjaAPI, Query
from ninja.errors import HttpError
from ninja.security import HttpBearer

from bench.peers import common
from bench.peers.django_site.models import BlacklistedToken, Bucket, Item, LoginSession, RefreshToken, User
from bench.peers.django_site.shapes import BucketPage, ItemIn, ItemOut, ItemPage, LoginIn, PageQuery, SignedIn


class Bearer(HttpBearer):
    def authenticate(self, request: HttpRequest, token: str) -> LoginSession | None:  # noqa: ARG002  # as it is called
        try:
            claims = common.read_token(token)
        except jwt.InvalidTokenError:
            return None
        session = LoginSession.objects.filter(
            user_id=claims.user_id, id=claims.session_id, expires_at__gt=common.now()
        ).first()
        is_revoked = BlacklistedToken.objects.filter(user_id=claims.user_id, id=claims.token_id).exists()
        return None if is_revoked else session


api = NinjaAPI(auth=Bearer(), docs_url=None)


def page_of(request: HttpRequest, rows: QuerySet[Any], query: PageQuery, name: str) -> dict[str, Any]:
    count = rows.count()
    start = (query.page - 1) * query.limit

    def link(number: int) -> str:
        parameters = request.GET.copy()
        parameters["page"] = str(number)
        return f"{request.path}?{parameters.urlencode()}"

    return {
        name: list(rows[start : start + query.limit]),
        "count": count,
        "next": link(query.page + 1) if start + query.limit < count else None,
        "previous": link(query.page - 1) if query.page > 1 else None,
    }


@api.post("/auth/login", auth=None, response=SignedIn, by_alias=True)
@transaction.atomic
def log_in(request: HttpRequest, given: LoginIn) -> dict[str, Any]:  # noqa: ARG001  # every view takes it
    user = User.objects.filter(emails__email_folded=common.fold(given.email)).first()
    if user is None or not common.verify_password(given.password, user.password_hash):
        raise HttpError(401, "The email or the password is not right.")
    session = LoginSession.objects.create(user=user, expires_at=common.session_end())
    refresh_token = secrets.token_urlsafe(32)
    RefreshToken.objects.create(
        token_hash=sha256(refresh_token.encode()).hexdigest(),
        user_id=user.id,
        session_id=session.id,
        expires_at=session.expires_at,
    )
    return {
        "access_token": common.issue_token(user.id, session.id),
        "refresh_token": refresh_token,
        "expires_in": common.ACCESS_SECONDS,
        "user": user,
    }


@api.get("/buckets", response=BucketPage, by_alias=True)
def list_buckets(request: HttpRequest, query: Query[PageQuery]) -> dict[str, Any]:
    page = page_of(request, Bucket.objects.filter(user_id=request.auth.user_id), query, "buckets")
    mine = Item.objects.filter(user_id=request.auth.user_id, bucket_id__in=[bucket.id for bucket in page["buckets"]])
    counts = (
        mine.order_by().values_list("bucket_id").annotate(items=Count("id"), done=Count("id", filter=Q(state="done")))
    )
    of_bucket = {bucket_id: (item_count, done_count) for bucket_id, item_count, done_count in counts}
    for bucket in page["buckets"]:
        bucket.item_count, bucket.done_count = of_bucket.get(bucket.id, (0, 0))
    return page


@api.get("/buckets/{uuid:bucket_id}/items", response=ItemPage, by_alias=True)
def list_bucket_items(request: HttpRequest, bucket_id: UUID, query: Query[PageQuery]) -> dict[str, Any]:
    bucket = get_object_or_404(Bucket, user_id=request.auth.user_id, id=bucket_id)
    return page_of(request, bucket.items.all(), query, "items")


@api.post("/buckets/{uuid:bucket_id}/items", response={201: ItemOut}, by_alias=True)
def add_item(request: HttpRequest, bucket_id: UUID, wanted: ItemIn) -> tuple[int, Item]:
    bucket = get_object_or_404(Bucket, user_id=request.auth.user_id, id=bucket_id)
    position = (bucket.items.aggregate(last=Max("position"))["last"] or 0) + 1
    name_folded = common.fold(wanted.name)
    item = Item.objects.create(bucket=bucket, name=wanted.name, name_folded=name_folded, position=position)
    return 201, item


@api.get("/items", response=ItemPage, by_alias=True)
def list_items(request: HttpRequest, query: Query[PageQuery], q: str = "") -> dict[str, Any]:
    rows = Item.objects.filter(user_id=request.auth.user_id)
    if words := common.fold(q):
        rows = rows.filter(Q(name_folded__contains=words) | Q(description_folded__contains=words))
    return page_of(request, rows, query, "items")


@api.get("/items/{uuid:item_id}", response=ItemOut, by_alias=True)
def read_item(request: HttpRequest, item_id: UUID) -> Item:
    return get_object_or_404(Item, user_id=request.auth.user_id, id=item_id)


@api.patch("/items/{uuid:item_id}", response=ItemOut, by_alias=True)
def change_item(request: HttpRequest, item_id: UUID, changes: ItemIn) -> Item:
    item = get_object_or_404(Item, user_id=request.auth.user_id, id=item_id)
    item.name, item.name_folded = changes.name, common.fold(changes.name)
    item.version += 1
    item.save(update_fields=["name", "name_folded", "version", "modified_at"])
    return item
