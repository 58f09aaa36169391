"""Reading requests and answering them: one reader of bodies, one shape of answers, one shape of errors."""

from collections.abc import Iterable, Mapping
from typing import Any

import structlog
from flask import Flask, Request, Response, request
from pydantic_core import from_json, to_json
from werkzeug.exceptions import HTTPException

from bucketlist.kit.db import Row
from bucketlist.kit.envelope import Start, exchange
from bucketlist.kit.errors import (
    BadRequest,
    ContentTooLarge,
    InternalError,
    MethodNotAllowed,
    NotAcceptable,
    NotFound,
    Refusal,
    UnsupportedMediaType,
)
from bucketlist.kit.etags import is_known
from bucketlist.kit.paging import Page, PageQuery
from bucketlist.kit.schemas import ApiModel

JSON = "application/json"
PROBLEM = "application/problem+json"
MERGE_PATCH = "application/merge-patch+json"
MAX_BODY_BYTES = 1024 * 1024

log = structlog.get_logger()


class ApiRequest(Request):
    """A request whose JSON is read in one way, and strictly."""

    def get_json(self, *_: Any, **__: Any) -> str:
        """The body as text, known to be JSON. (The OpenAPI layer hands a text to pydantic's JSON mode as it is.)

        Raises: `UnsupportedMediaType`, `ContentTooLarge` for what came without a length, `BadRequest`.
        """
        taken = (JSON, MERGE_PATCH) if self.method == "PATCH" else (JSON,)
        charset = self.mimetype_params.get("charset", "utf-8").lower()
        if self.mimetype not in taken or charset not in ("utf-8", "utf8") or "Content-Encoding" in self.headers:
            raise UnsupportedMediaType
        try:
            data = self.get_data()
            if len(data) > MAX_BODY_BYTES:  # it came in chunks, without a length
                raise ContentTooLarge
            from_json(data, allow_inf_nan=False, cache_strings="none")
            return data.decode()
        except ValueError as error:
            raise BadRequest("The body is not JSON.") from error


def refuse_large_body(environ: dict[str, Any]) -> None:
    """Before a byte of it is read. Raises: `ContentTooLarge`, `BadRequest` for what is no length."""
    length = environ.get("CONTENT_LENGTH")
    if not length:
        return
    if not (length.isascii() and length.isdigit()):
        raise BadRequest("Content-Length is not a number.")
    if int(length[:20]) > MAX_BODY_BYTES:
        raise ContentTooLarge


class JsonResponse(Response):
    """JSON that is complete and of a length that is known, so that it can leave as it is.

    What Werkzeug does for every answer (make a copy of the headers, absolute addresses, a length) costs 7 µs.
    """

    def __init__(self, content: Mapping[str, Any], status: int, headers: Mapping[str, str], media_type: str) -> None:
        self._body = to_json(content)
        sent = [("Content-Type", media_type), ("Content-Length", str(len(self._body))), *headers.items()]
        super().__init__([self._body], status, sent)

    def __call__(self, environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        start_response(self.status, list(self.headers))
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [self._body]


def json_response(content: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Any JSON object as an answer that nobody may store."""
    return JsonResponse(content, status, headers or {}, JSON)


def resource_response(
    schema: type[ApiModel], row: Row, etag: str, *, status: int = 200, location: str | None = None
) -> Response:
    """One resource with its strong ETag, or 304 without a body when the client has this version already."""
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    if location:
        headers["Location"] = location
    if status == 200 and request.method in ("GET", "HEAD") and is_known(etag, request.headers.get("If-None-Match")):
        return Response(status=304, headers=headers)
    return json_response(schema.to_json_object(row), status, headers)


def page_response(name: str, schema: type[ApiModel], page: Page, query: PageQuery) -> Response:
    """A page of a list whose rows begin with the fields of `schema`."""
    return list_response(name, [schema.to_json_object(row) for row in page.rows], page, query)


def list_response(name: str, rows: list[dict[str, Any]], page: Page, query: PageQuery) -> Response:
    """`rows` as a page of a list, with the pages beside it in the body and in the header `Link` (RFC 8288)."""
    links = page.links(request.path.rstrip("/"), query)
    link = ", ".join(f'<{target}>; rel="{relation[:4]}"' for relation, target in links.items() if target)
    return json_response({name: rows, "count": page.count, **links}, headers={"Link": link} if link else None)


def no_content(status: int = 204) -> Response:
    """Without a body, and without the content type that Flask would add."""
    response = Response(status=status)
    del response.headers["Content-Type"]
    return response


def problem_response(refusal: Refusal) -> Response:
    """The one shape of an error (RFC 9457). It never repeats what was sent."""
    problem: dict[str, Any] = {
        "type": f"/problems/{refusal.code}",
        "title": refusal.title,
        "status": refusal.status,
        "code": refusal.code,
        "detail": refusal.detail,
        "requestId": exchange(request.environ).request_id,
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
}


def answer_http_exception(error: HTTPException) -> Response:
    """The framework's own refusals, in our shape, with headers such as `Allow` kept."""
    if error.code is not None and error.code >= 500:
        return answer_unexpected(error)
    refusal = REFUSALS.get(error.code, BadRequest)()
    refusal.headers = {
        name: value for name, value in error.get_headers() if name not in ("Content-Type", "Content-Length")
    }
    return problem_response(refusal)


def answer_unexpected(error: Exception) -> Response:
    """A mistake of ours: noted with its traceback under the request's id, told without it."""
    log.error("unexpected_error", id=exchange(request.environ).request_id, exc_info=error)
    return problem_response(InternalError())


def answer_errors(app: Flask) -> None:
    """Give every error of `app` the one shape."""
    app.register_error_handler(Refusal, problem_response)
    app.register_error_handler(HTTPException, answer_http_exception)
    app.register_error_handler(Exception, answer_unexpected)
