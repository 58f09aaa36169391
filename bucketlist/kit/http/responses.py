"""JSON responses: one shape of answers. That of errors is in `error_handlers.py`."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask import Response, request
from pydantic_core import to_json
from werkzeug.datastructures import Headers

from bucketlist.kit.db.driver import Row
from bucketlist.kit.http.conditional import is_not_modified
from bucketlist.kit.http.links import path_to
from bucketlist.kit.http.middleware import Start
from bucketlist.kit.http.requests import JSON
from bucketlist.kit.paging import Page, PageQuery
from bucketlist.kit.schemas import ApiModel

PAGE_BYTES = 1024 * 1024  # of an answer: somebody who does not read on holds no more
ROOM_FOR_LINKS = 128 * 1024  # a cursor holds a name, and is there twice, in the body


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
