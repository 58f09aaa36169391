"""JSON responses and problem details (RFC 9457): one shape of answers, one shape of errors."""

from collections.abc import Iterable, Mapping
from typing import Any

import structlog
from flask import Flask, Response, request
from pydantic_core import to_json
from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException

from bucketlist.kit.db.driver import Row
from bucketlist.kit.errors import (
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
from bucketlist.kit.http.conditional import is_not_modified
from bucketlist.kit.http.links import path_to
from bucketlist.kit.http.middleware import Start, request_record
from bucketlist.kit.http.requests import JSON
from bucketlist.kit.paging import Page, PageQuery
from bucketlist.kit.schemas import ApiModel

PROBLEM = "application/problem+json"
PAGE_BYTES = 1024 * 1024  # of an answer: somebody who does not read on holds no more
ROOM_FOR_LINKS = 128 * 1024  # a cursor holds a name, and is there twice, in the body

log = structlog.get_logger()


class OwnHeaders(Headers):
    """Response headers of values that we made, which Werkzeug need not look at one by one for line breaks."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        super().__init__()
        self._list = pairs


class JsonResponse(Response):
    """A JSON response that is complete: what Werkzeug does for any answer, such as copying its headers, costs 7 µs."""

    def __init__(self, content: Mapping[str, Any], status: int, headers: Mapping[str, str], media_type: str) -> None:
        self._body = to_json(content)
        sent = [("Content-Type", media_type), ("Content-Length", str(len(self._body))), *headers.items()]
        super().__init__([self._body], status, OwnHeaders(sent))

    def __call__(self, environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        start_response(self.status, list(self.headers))
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [self._body]


def json_response(content: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON response of any object, which no cache may store."""
    return JsonResponse(content, status, headers or {}, JSON)


def resource_response(
    schema: type[ApiModel], row: Row, etag: str, *, status: int = 200, location: str | None = None
) -> Response:
    """One resource with its strong ETag, or 304 without a body when the client has this version already."""
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    if location:
        headers["Location"] = location
    if status == 200 and request.method in ("GET", "HEAD") and is_not_modified(etag):
        return Response(status=304, headers=headers)
    return json_response(schema.to_json_object(row), status, headers)


def page_response(name: str, schema: type[ApiModel], page: Page, query: PageQuery) -> Response:
    """A page of a list whose rows begin with the fields of `schema`; it ends early at `PAGE_BYTES`."""
    objects = [schema.to_json_object(row) for row in page.rows]
    response = list_response(name, objects, page, query)
    if (response.content_length or 0) <= PAGE_BYTES or len(objects) == 1:
        return response
    shorter = page.fitting([len(to_json(each)) for each in objects], PAGE_BYTES - ROOM_FOR_LINKS)
    return list_response(name, [schema.to_json_object(row) for row in shorter.rows], shorter, query)


def list_response(name: str, rows: list[dict[str, Any]], page: Page, query: PageQuery) -> Response:
    """`rows` as a page of a list, with the pages beside it in the body and in the header `Link` (RFC 8288).

    A page has no ETag, so that no precondition but `*` is met.
    """
    if is_not_modified(None):
        return no_content(304)
    links = page.links(path_to(request.path.rstrip("/")), query)
    link = ", ".join(f'<{target}>; rel="{relation[:4]}"' for relation, target in links.items() if target)
    return json_response({name: rows, "count": page.count, **links}, headers={"Link": link} if link else None)


def no_content(status: int = 204) -> Response:
    """A response 204, without a body, and without the content type that Flask would add."""
    response = Response(status=status)
    del response.headers["Content-Type"]
    return response


def problem_response(refusal: Refusal) -> Response:
    """Problem details (RFC 9457), the one shape of an error. It never repeats what was sent."""
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
    return JsonResponse(problem, refusal.status, refusal.headers, PROBLEM)


REFUSALS: dict[int | None, type[Refusal]] = {
    404: NotFound,
    405: MethodNotAllowed,
    406: NotAcceptable,
    413: ContentTooLarge,
    415: UnsupportedMediaType,
    417: ExpectationFailed,
}


def answer_http_exception(error: HTTPException) -> Response:
    """The framework's own errors as problem details, with headers such as `Allow` kept."""
    if error.code is not None and error.code >= 500:
        return answer_unexpected(error)
    refusal = REFUSALS.get(error.code, BadRequest)()
    refusal.headers = {
        name: value for name, value in error.get_headers() if name not in ("Content-Type", "Content-Length")
    }
    return problem_response(refusal)


def answer_unexpected(error: Exception) -> Response:
    """Internal error (500), a mistake of ours: noted with its traceback under the request's id, told without it."""
    log.error("unexpected_error", id=request_record(request.environ).request_id, exc_info=error)
    return problem_response(InternalError())


def answer_errors(app: Flask) -> None:
    """Install the error handlers, which give every error of `app` the one shape."""
    app.register_error_handler(Refusal, problem_response)
    app.register_error_handler(HTTPException, answer_http_exception)
    app.register_error_handler(Exception, answer_unexpected)
