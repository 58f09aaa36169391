"""HTTP routes of history."""

from flask import Response

from bucketlist.auth.guard import actor, requires_scope
from bucketlist.history import service
from bucketlist.history.schemas import HistoryOut, HistoryPage
from bucketlist.items.schemas import ItemPath
from bucketlist.kit.http.conditional import untagged
from bucketlist.kit.http.openapi import LISTED, ApiBlueprint
from bucketlist.kit.http.responses import page_response
from bucketlist.kit.paging import PageQuery

blueprint = ApiBlueprint("history", __name__, about="What was done to an item, when, and by which session or token.")


@blueprint.get(
    "/items/<itemId>/history",
    summary="List what was done to an item",
    responses={200: HistoryPage},
    openapi_extensions=LISTED,
)
@requires_scope("read")
@untagged
def list_history(path: ItemPath, query: PageQuery) -> Response:
    """Newest first: what changed, from what to what. The newest 500 changes are kept, and a few more."""
    return page_response("history", HistoryOut, service.list_history(actor(), path.item_id, query), query)
