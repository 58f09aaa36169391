"""Health: for whoever starts, watches or balances the service."""

from typing import Literal

from flask import Response

from bucketlist.auth.guard import public
from bucketlist.kit.errors import Unavailable
from bucketlist.kit.http import json_response
from bucketlist.kit.openapi import ApiBlueprint, documented
from bucketlist.kit.schemas import ApiModel
from bucketlist.migrations import NEWEST_REVISION
from bucketlist.ops import queries

blueprint = ApiBlueprint("health", __name__, about="Is it alive, can it serve?", url_prefix=None)


class HealthOut(ApiModel):
    status: Literal["ok"]


@blueprint.get("/healthz", summary="Is the process alive?", responses={200: HealthOut})
@public
def check_health() -> Response:
    """It touches nothing, so it says just that."""
    return json_response({"status": "ok"})


@blueprint.get("/readyz", summary="Can it serve?", responses={200: HealthOut}, openapi_extensions=documented(503))
@public
def check_readiness() -> Response:
    """The database answers, and has the schema of this version."""
    if queries.find_revision() != NEWEST_REVISION:
        raise Unavailable("The database has another schema than this version; run “bucketlist db upgrade”.")
    return json_response({"status": "ok"})
