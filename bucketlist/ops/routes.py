"""HTTP routes of health checks and metrics: for whoever starts, watches or balances the service."""

import hmac
from typing import Literal

from flask import Blueprint, Response, request

from bucketlist import config
from bucketlist.kit.errors import NO_ROUTE, NotFound, Unavailable
from bucketlist.kit.http.openapi import ApiBlueprint, documented
from bucketlist.kit.http.responses import json_response
from bucketlist.kit.http.route_policy import any_host, ignores_input, public
from bucketlist.kit.schemas import Answer
from bucketlist.ops.doctor.seen import HEADER, token_of, what_was_seen
from bucketlist.ops.prometheus import CONTENT_TYPE, render_metrics, share_metrics
from bucketlist.ops.readiness import refuse_unready
from bucketlist.services import services

blueprint = ApiBlueprint("health", __name__, about="Is it alive, can it serve?", url_prefix=None)
metrics = Blueprint("metrics", __name__)  # no part of the API: without METRICS_TOKEN it is not there


def is_token(wanted: str) -> bool:
    """Did `wanted` come as a bearer token?"""
    sent = request.headers.get("Authorization", "")
    return hmac.compare_digest(sent.encode(), f"Bearer {wanted}".encode())


class HealthOut(Answer):
    status: Literal["ok"]


@blueprint.get("/healthz", summary="Is the process alive?", responses={200: HealthOut})
@public
@any_host
@ignores_input
def check_health() -> Response:
    """It touches nothing, so it says just that."""
    response = json_response({"status": "ok"})
    if "HTTP_AUTHORIZATION" in request.environ and is_token(token_of(config.current())):  # “bucketlist doctor” asks
        response.headers[HEADER] = what_was_seen(request.environ, config.current())
    return response


@blueprint.get("/readyz", summary="Can it serve?", responses={200: HealthOut}, openapi_extensions=documented(503))
@public
@any_host
@ignores_input
def check_readiness() -> Response:
    """The database answers, has the schema of this version, and takes what is written. Nothing is written to see it."""
    refuse_unready()
    return json_response({"status": "ok"})


@metrics.get("/metrics")
@public  # it asks for a token of its own
@any_host
def read_metrics() -> Response:
    """Those of all workers. Whoever has not the token is told that there is nothing, as without METRICS_TOKEN.

    Raises: `NotFound`, `Unavailable`.
    """
    if not is_token(config.current().metrics_token):
        raise NotFound(NO_ROUTE)
    try:
        share_metrics(services())
        return Response(render_metrics(config.current().data_dir), content_type=CONTENT_TYPE)
    except OSError:
        raise Unavailable("There is no folder to count in.") from None
