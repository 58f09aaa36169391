"""HTTP routes of tags."""

from flask import Response
from pydantic import MISSING

from bucketlist.auth.guard import actor, requires_scope
from bucketlist.kit.db.driver import Row
from bucketlist.kit.http.conditional import untagged
from bucketlist.kit.http.openapi import LISTED, ApiBlueprint, documented
from bucketlist.kit.http.requests import JSON, MERGE_PATCH
from bucketlist.kit.http.responses import json_response, no_content, page_response
from bucketlist.kit.http.route_policy import accepts
from bucketlist.kit.paging import PageQuery
from bucketlist.tags import service
from bucketlist.tags.schemas import TagOut, TagPage, TagPatch, TagPath

blueprint = ApiBlueprint("tags", __name__, about="What items are found by, whatever bucket they are in.")


def _answer(tag: Row) -> Response:
    return json_response(TagOut.to_json_object(tag))


@blueprint.get("/tags", summary="List your tags", responses={200: TagPage}, openapi_extensions=LISTED)
@requires_scope("read")
def list_tags(query: PageQuery) -> Response:
    """A page of them, by name, each with how many items have it."""
    return page_response("tags", TagOut, service.list_tags(actor(), query), query)


@blueprint.patch(
    "/tags/<text:name>",
    summary="Rename or merge a tag",
    responses={200: TagOut},
    openapi_extensions=documented(409, 412, request_headers=("If-Match",)),
)
@requires_scope("write")
@accepts(JSON, MERGE_PATCH)
@untagged
def rename_tag(path: TagPath, body: TagPatch) -> Response:
    """In all items that have it."""
    if body.name is MISSING:
        return _answer(service.get_tag(actor(), path.name))
    return _answer(service.rename_tag(actor(), path.name, body.name))


@blueprint.delete(
    "/tags/<text:name>",
    summary="Delete a tag",
    responses={204: None},
    openapi_extensions=documented(412, request_headers=("If-Match",)),
)
@requires_scope("write")
@untagged
def delete_tag(path: TagPath) -> Response:
    """It is taken from all items, which stay."""
    service.delete_tag(actor(), path.name)
    return no_content()
