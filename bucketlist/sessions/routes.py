"""HTTP routes of sessions and personal access tokens.

Only a person who is signed in gets here: the guard sees to it.
"""

from typing import Any

from flask import Response

from bucketlist.auth.guard import actor
from bucketlist.kit.http.conditional import untagged
from bucketlist.kit.http.openapi import ApiBlueprint, documented
from bucketlist.kit.http.responses import json_response, list_response, no_content
from bucketlist.kit.http.route_policy import body_limit
from bucketlist.kit.schemas import LEAST_BODY_BYTES
from bucketlist.limits.route_limits import rate_limited_by
from bucketlist.services import services
from bucketlist.sessions import service
from bucketlist.sessions.queries import TokenRow
from bucketlist.sessions.schemas import (
    NewTokenOut,
    Session,
    SessionPage,
    SessionPath,
    SessionQuery,
    TokenIn,
    TokenOut,
    TokenPage,
    TokenPath,
)

blueprint = ApiBlueprint("sessions", __name__, about="Where you are signed in.")
tokens = ApiBlueprint("tokens", __name__, about="Personal tokens, for your scripts.")


@blueprint.get(
    "/auth/sessions",
    summary="List where you are signed in",
    responses={200: SessionPage},
    openapi_extensions=documented(headers=("Link",)),
)
def list_sessions(query: SessionQuery) -> Response:
    """Newest first."""
    current = actor().session_id
    page = service.list_sessions(actor(), query)
    rows = [Session.to_json_object((*row[:4], row[0] == current)) for row in page.rows]
    return list_response("sessions", rows, page, query)


@blueprint.delete(
    "/auth/sessions/<sessionId>", summary="End a session", responses={204: None}, openapi_extensions=documented()
)
@untagged
def end_session(path: SessionPath) -> Response:
    """Whoever is signed in there is signed out."""
    service.end_session(actor(), path.session_id)
    return no_content()


@blueprint.delete(
    "/auth/sessions", summary="End all other sessions", responses={204: None}, openapi_extensions=documented()
)
@untagged
def end_other_sessions() -> Response:
    """All but the one that asks."""
    service.end_other_sessions(actor())
    return no_content()


@tokens.get(
    "/auth/tokens",
    summary="List your personal tokens",
    responses={200: TokenPage},
    openapi_extensions=documented(headers=("Link",)),
)
def list_tokens(query: SessionQuery) -> Response:
    """Newest first; never the tokens themselves."""
    page = service.list_tokens(actor(), query)
    return list_response("tokens", [shown(TokenRow._make(row[:6])) for row in page.rows], page, query)


@tokens.post(
    "/auth/tokens",
    summary="Make a personal token",
    responses={201: NewTokenOut},
    openapi_extensions=documented(403, 409),
)
@rate_limited_by("password")
@body_limit(LEAST_BODY_BYTES)
@untagged
def create_token(body: TokenIn) -> Response:
    """With the current password; a letter tells of it. The only answer that holds the token; keep it."""
    token, text = service.add_token(actor(), body, services().personal_tokens)
    return json_response({**shown(token), "token": text}, 201)


@tokens.delete(
    "/auth/tokens/<tokenId>", summary="Revoke a personal token", responses={204: None}, openapi_extensions=documented()
)
@untagged
def end_token(path: TokenPath) -> Response:
    """It is worthless from the next request on."""
    service.end_token(actor(), path.token_id)
    return no_content()


def shown(token: TokenRow) -> dict[str, Any]:
    return TokenOut.to_json_object(service.as_shown(token))
