"""File responses: the bytes of a file as a stream in constant memory, or a part of it (range requests).

Source: RFC 9110 section 14; RFC 6266 for `Content-Disposition`; nginx, ngx_http_proxy_module, X-Accel-Redirect.
"""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from flask import Response, request
from werkzeug.datastructures import Range
from werkzeug.http import parse_range_header

from bucketlist.kit.errors import RangeNotSatisfiable
from bucketlist.kit.http.conditional import is_not_modified

_is_of_no_bytes = re.compile(r"\s*bytes\s*=\s*-0+\s*", re.ASCII | re.IGNORECASE).fullmatch  # the last 0 (14.1.2)


class ServedFile(NamedTuple):
    """What is served: `open` gives its bytes from one place until before another. A `name` makes it a download.

    With a `redirect`, a proxy in front sends them from that place of its own (X-Accel-Redirect).
    """

    size: int
    media_type: str
    etag: str
    open: Callable[[int, int], Iterator[bytes]]
    name: str = ""
    redirect: str = ""


def file_response(file: ServedFile) -> Response:
    """The file, a part of it (206), or 304 when the client has it. Raises: `RangeNotSatisfiable`, as conditions do."""
    disposition = f'attachment; filename="{file.name}"' if file.name else "inline"
    headers = {"ETag": file.etag, "Cache-Control": "private, no-cache", "Accept-Ranges": "bytes"}
    if is_not_modified(file.etag):
        return Response(status=304, headers=headers)
    part = _wanted_part(file)
    start, stop = part or (0, file.size)
    headers["Content-Disposition"] = disposition
    if file.redirect:  # the proxy takes part and condition from the request itself
        return Response(headers={**headers, "X-Accel-Redirect": file.redirect}, content_type=file.media_type)
    headers["Content-Length"] = str(stop - start)
    if part:
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{file.size}"
    body = file.open(start, stop) if request.method == "GET" else ()
    return Response(body, 206 if part else 200, headers, content_type=file.media_type, direct_passthrough=True)


def _wanted_part(file: ServedFile) -> tuple[int, int] | None:
    """The first byte and the one behind the last; None for all of them. Raises: `RangeNotSatisfiable`."""
    environ = request.environ
    if request.method != "GET" or "HTTP_RANGE" not in environ or environ.get("HTTP_IF_RANGE", file.etag) != file.etag:
        return None
    asked = environ["HTTP_RANGE"]
    if _is_of_no_bytes(asked):
        raise _not_satisfiable(file)
    wanted = parse_range_header(asked)
    if wanted is None or wanted.units != "bytes" or len(wanted.ranges) != 1:
        return None
    first, end = wanted.ranges[0]
    longest = Range("bytes", [(max(first, -file.size), end)])  # the last 100 bytes of 70 are all (RFC 9110 14.1.2)
    part = longest.range_for_length(file.size)
    if part is None:
        raise _not_satisfiable(file)
    return part


def _not_satisfiable(file: ServedFile) -> RangeNotSatisfiable:
    return RangeNotSatisfiable(headers={"Content-Range": f"bytes */{file.size}"})
