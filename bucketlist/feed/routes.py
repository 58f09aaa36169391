"""HTTP route of the changes feed."""

from flask import Response

from bucketlist.auth.guard import actor, requires_scope
from bucketlist.feed import service
from bucketlist.feed.schemas import FeedOut, FeedQuery
from bucketlist.kit.http.conditional import untagged
from bucketlist.kit.http.openapi import ApiBlueprint, documented
from bucketlist.kit.http.responses import json_response

blueprint = ApiBlueprint("changes", __name__, about="Everything that changed, in order, for clients that work offline.")


@blueprint.get(
    "/changes", summary="List what changed since", responses={200: FeedOut}, openapi_extensions=documented(429)
)
@requires_scope("read")
@untagged
def list_changes(query: FeedQuery) -> Response:
    """Without `since` it begins with everything that is there. Ask again with `cursor`, at once while there is `more`.

    Keep `data` of what was `created`, `changed` or `restored`, drop what was `deleted`, and when there is no more,
    what is in something that is gone. A thing may come before what it is in. None is missed, and some may come twice.
    What is counted, as `itemCount` and `photoCount`, follows from what is told of the things that are counted.
    """
    return json_response(service.list_changes(actor(), query)._asdict())
