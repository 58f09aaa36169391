"""HTTP routes of buckets."""

from flask import Response

from bucketlist.auth.guard import actor, requires_scope
from bucketlist.buckets import service
from bucketlist.buckets.queries import BucketRow
from bucketlist.buckets.schemas import BucketIn, BucketOut, BucketPage, BucketPatch, BucketPath, BucketPut, BucketQuery
from bucketlist.kit.http.conditional import preconditions, untagged
from bucketlist.kit.http.links import path_to
from bucketlist.kit.http.openapi import CHANGED, CREATED, LISTED, ORDERED, READ, ApiBlueprint, documented
from bucketlist.kit.http.requests import JSON, MERGE_PATCH
from bucketlist.kit.http.responses import no_content, page_response, resource_response
from bucketlist.kit.http.route_policy import accepts, body_limit
from bucketlist.kit.schemas import MOST_BODY_BYTES, OrderIn
from bucketlist.limits.idempotency import idempotent

blueprint = ApiBlueprint("buckets", __name__, about="The lists that items are kept in.")


def answer(bucket: BucketRow, status: int = 200, location: str | None = None) -> Response:
    return resource_response(BucketOut, bucket, service.etag_of(bucket), status=status, location=location)


@blueprint.get("/buckets", summary="List your buckets", responses={200: BucketPage}, openapi_extensions=LISTED)
@requires_scope("read")
def list_buckets(query: BucketQuery) -> Response:
    """A page of them, searched and sorted as you like."""
    return page_response("buckets", BucketOut, service.list_buckets(actor(), query), query)


@blueprint.post("/buckets", summary="Make a bucket", responses={201: BucketOut}, openapi_extensions=CREATED)
@requires_scope("write")
@untagged
@idempotent
def create_bucket(body: BucketIn) -> Response:
    """It comes last."""
    bucket = service.add_bucket(actor(), body)
    return answer(bucket, 201, path_to(f"/v1/buckets/{bucket.id}"))


@blueprint.put("/buckets/order", summary="Sort your buckets", responses={204: None}, openapi_extensions=ORDERED)
@requires_scope("write")
@body_limit(MOST_BODY_BYTES)
@untagged
def order_buckets(body: OrderIn) -> Response:
    """By hand: all ids in their new order, those of archived ones too."""
    service.order_buckets(actor(), body.ids)
    return no_content()


@blueprint.get(
    "/buckets/<bucketId>", summary="Read a bucket", responses={200: BucketOut, 304: None}, openapi_extensions=READ
)
@requires_scope("read")
def read_bucket(path: BucketPath) -> Response:
    """With how many items it has, and how many of them are done."""
    return answer(service.get_bucket(actor(), path.bucket_id))


@blueprint.put(
    "/buckets/<bucketId>", summary="Replace a bucket", responses={200: BucketOut}, openapi_extensions=CHANGED
)
@requires_scope("write")
def replace_bucket(path: BucketPath, body: BucketPut) -> Response:
    """What is absent is emptied."""
    return answer(service.change_bucket(actor(), path.bucket_id, body.model_dump(), preconditions()))


@blueprint.patch(
    "/buckets/<bucketId>", summary="Change a bucket", responses={200: BucketOut}, openapi_extensions=CHANGED
)
@requires_scope("write")
@accepts(JSON, MERGE_PATCH)
def change_bucket(path: BucketPath, body: BucketPatch) -> Response:
    """What is absent stays as it is (RFC 7396)."""
    return answer(service.change_bucket(actor(), path.bucket_id, body.model_dump(), preconditions()))


@blueprint.delete(
    "/buckets/<bucketId>",
    summary="Delete a bucket",
    responses={204: None},
    openapi_extensions=documented(412, request_headers=("If-Match",)),
)
@requires_scope("write")
def delete_bucket(path: BucketPath) -> Response:
    """It goes to the trash for 30 days, with its items."""
    service.delete_bucket(actor(), path.bucket_id, preconditions())
    return no_content()
