"""Error handling: one function renders what goes wrong in a blueprint, as problem details (RFC 9457) or a page."""

from collections.abc import Callable
from typing import Any

import structlog
from flask import Blueprint, Flask, Response, request
from werkzeug.exceptions import HTTPException

from bucketlist.kit.errors import (
    NO_ROUTE,
    BadRequest,
    ContentTooLarge,
    ExpectationFailed,
    InternalError,
    MethodNotAllowed,
    NotAcceptable,
    NotFound,
    Refusal,
    UnsupportedMediaType,
)
from bucketlist.kit.http.links import path_to
from bucketlist.kit.http.middleware import request_record
from bucketlist.kit.http.responses import JsonResponse

PROBLEM = "application/problem+json"
REFUSALS: dict[int | None, type[Refusal]] = {
    405: MethodNotAllowed,
    406: NotAcceptable,
    413: ContentTooLarge,
    415: UnsupportedMediaType,
    417: ExpectationFailed,
}

Renderer = Callable[[Refusal], Response]

log = structlog.get_logger()


def problem_response(refusal: Refusal) -> Response:
    """Problem details (RFC 9457), the one shape of an error for programs. It never repeats what was sent."""
    problem: dict[str, Any] = {
        "type": path_to(f"/problems/{refusal.code}"),
        "title": refusal.title,
        "status": refusal.status,
        "code": refusal.code,
        "detail": refusal.detail,
        "requestId": request_record(request.environ).request_id,
    }
    if refusal.status == 422:
        problem["errors"] = refusal.errors
    problem |= refusal.members
    response = JsonResponse(problem, refusal.status, refusal.headers, PROBLEM)
    if refusal.status == 404:  # which a browser may be shown as a page
        response.vary.add("Accept")
    return response


def answer_errors(place: Flask | Blueprint, render: Renderer = problem_response) -> None:
    """Install the error handlers that render all that goes wrong in a blueprint; in an application, what is in none."""

    def answer_http_exception(error: HTTPException) -> Response:
        return render(refusal_of(error))

    def answer_unexpected(error: Exception) -> Response:
        return render(note_unexpected(error))

    place.register_error_handler(Refusal, render)
    place.register_error_handler(HTTPException, answer_http_exception)
    place.register_error_handler(Exception, answer_unexpected)


def refusal_of(error: HTTPException) -> Refusal:
    """The framework's own exception as a refusal, with headers such as `Allow` kept."""
    if error.code is not None and error.code >= 500:
        return note_unexpected(error)
    refusal = NotFound(NO_ROUTE) if error.code == 404 else REFUSALS.get(error.code, BadRequest)()
    refusal.headers = {
        name: value for name, value in error.get_headers() if name not in ("Content-Type", "Content-Length")
    }
    return refusal


def note_unexpected(error: Exception) -> Refusal:
    """Internal error (500), a mistake of ours: noted with its traceback under the request's id, told without it."""
    log.error("unexpected_error", id=request_record(request.environ).request_id, exc_info=error)
    return InternalError()
