"""HTTP routes of the trash."""

from flask import Response

from bucketlist.auth.guard import actor, requires_scope
from bucketlist.kit.http.conditional import untagged
from bucketlist.kit.http.openapi import LISTED, ApiBlueprint, documented
from bucketlist.kit.http.responses import json_response, no_content, page_response
from bucketlist.limits.idempotency import idempotent
from bucketlist.trash import service
from bucketlist.trash.schemas import RestoredOut, TrashOut, TrashPage, TrashPath, TrashQuery

blueprint = ApiBlueprint("trash", __name__, about="What you deleted, and can have back for 30 days.")

EMPTIED = documented(412, request_headers=("If-Match",))


@blueprint.get("/trash", summary="List what is in the trash", responses={200: TrashPage}, openapi_extensions=LISTED)
@requires_scope("read")
@untagged
def list_trash(query: TrashQuery) -> Response:
    """The newest first, a row for each time that you deleted something."""
    return page_response("trash", TrashOut, service.list_trash(actor(), query), query)


@blueprint.post(
    "/trash/<trashId>/restore",
    summary="Restore something",
    responses={200: RestoredOut},
    openapi_extensions=documented(409, 429, request_headers=("Idempotency-Key",), headers=("Idempotency-Replayed",)),
)
@requires_scope("write")
@untagged
@idempotent
def restore(path: TrashPath) -> Response:
    """It is back in its old place, with all that went with it."""
    return json_response(service.restore(actor(), path.trash_id)._asdict())


@blueprint.delete(
    "/trash/<trashId>", summary="Delete something for good", responses={204: None}, openapi_extensions=EMPTIED
)
@requires_scope("write")
@untagged
def empty_one(path: TrashPath) -> Response:
    """It is gone at once, with all that went with it and what was deleted in it before."""
    service.empty(actor(), path.trash_id)
    return no_content()


@blueprint.delete("/trash", summary="Empty the trash", responses={204: None}, openapi_extensions=EMPTIED)
@requires_scope("write")
@untagged
def empty_all() -> Response:
    """All of it is gone at once, and for good."""
    service.empty(actor())
    return no_content()
