"""HTTP routes of items."""

from flask import Response

from bucketlist.auth.guard import actor, requires_scope
from bucketlist.items import service
from bucketlist.items.queries import ItemRow
from bucketlist.items.schemas import BucketItemsPath, ItemIn, ItemOut, ItemPage, ItemPatch, ItemPath, ItemPut, ItemQuery
from bucketlist.kit.http.conditional import preconditions, untagged
from bucketlist.kit.http.links import path_to
from bucketlist.kit.http.openapi import CHANGED, CREATED, DELETED, LISTED, ORDERED, READ, ApiBlueprint
from bucketlist.kit.http.requests import JSON, MERGE_PATCH
from bucketlist.kit.http.responses import no_content, page_response, resource_response
from bucketlist.kit.http.route_policy import accepts, body_limit
from bucketlist.kit.schemas import MOST_BODY_BYTES, OrderIn
from bucketlist.limits.idempotency import idempotent

blueprint = ApiBlueprint("items", __name__, about="What people want to do before they die.")


def answer(item: ItemRow, status: int = 200, location: str | None = None) -> Response:
    return resource_response(ItemOut, item, service.etag_of(item), status=status, location=location)


@blueprint.get(
    "/buckets/<bucketId>/items",
    summary="List the items of a bucket",
    responses={200: ItemPage},
    openapi_extensions=LISTED,
)
@requires_scope("read")
def list_bucket_items(path: BucketItemsPath, query: ItemQuery) -> Response:
    """A page of them, searched and sorted as you like."""
    return page_response("items", ItemOut, service.list_items(actor(), path.bucket_id, query), query)


@blueprint.post(
    "/buckets/<bucketId>/items", summary="Add an item to a bucket", responses={201: ItemOut}, openapi_extensions=CREATED
)
@requires_scope("write")
@untagged
@idempotent
def create_item(path: BucketItemsPath, body: ItemIn) -> Response:
    """It comes last in its bucket."""
    item = service.add_item(actor(), path.bucket_id, body)
    return answer(item, 201, path_to(f"/v1/items/{item.id}"))


@blueprint.put(
    "/buckets/<bucketId>/items/order",
    summary="Sort the items of a bucket",
    responses={204: None},
    openapi_extensions=ORDERED,
)
@requires_scope("write")
@body_limit(MOST_BODY_BYTES)
@untagged
def order_items(path: BucketItemsPath, body: OrderIn) -> Response:
    """By hand: all ids in their new order."""
    service.order_items(actor(), path.bucket_id, body.ids)
    return no_content()


@blueprint.get(
    "/items", summary="List the items of all your buckets", responses={200: ItemPage}, openapi_extensions=LISTED
)
@requires_scope("read")
def list_items(query: ItemQuery) -> Response:
    """A page of them, searched and sorted as you like."""
    return page_response("items", ItemOut, service.list_items(actor(), None, query), query)


@blueprint.get("/items/<itemId>", summary="Read an item", responses={200: ItemOut, 304: None}, openapi_extensions=READ)
@requires_scope("read")
def read_item(path: ItemPath) -> Response:
    """One thing to do before you die."""
    return answer(service.get_item(actor(), path.item_id))


@blueprint.put("/items/<itemId>", summary="Replace an item", responses={200: ItemOut}, openapi_extensions=CHANGED)
@requires_scope("write")
def replace_item(path: ItemPath, body: ItemPut) -> Response:
    """What is absent is emptied; without `bucketId` it stays in its bucket."""
    return answer(service.change_item(actor(), path.item_id, body.model_dump(), preconditions()))


@blueprint.patch(
    "/items/<itemId>", summary="Change or move an item", responses={200: ItemOut}, openapi_extensions=CHANGED
)
@requires_scope("write")
@accepts(JSON, MERGE_PATCH)
def change_item(path: ItemPath, body: ItemPatch) -> Response:
    """What is absent stays as it is (RFC 7396). Another `bucketId` moves it to the end of that bucket."""
    return answer(service.change_item(actor(), path.item_id, body.model_dump(), preconditions()))


@blueprint.delete("/items/<itemId>", summary="Delete an item", responses={204: None}, openapi_extensions=DELETED)
@requires_scope("write")
def delete_item(path: ItemPath) -> Response:
    """It goes to the trash for 30 days, with its entries and photos."""
    service.delete_item(actor(), path.item_id, preconditions())
    return no_content()
