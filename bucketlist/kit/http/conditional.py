"""Conditional requests: preconditions are read from a request, and its answer is held against them.

Source: RFC 9110 section 13.
"""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from flask import Response, request

from bucketlist.kit.db.database import in_transaction
from bucketlist.kit.etags import Preconditions, is_known, refuse_mismatch

P = ParamSpec("P")


def preconditions() -> Preconditions:
    """The preconditions of the request that is being answered."""
    environ = request.environ
    return Preconditions(environ.get("HTTP_IF_MATCH"), environ.get("HTTP_IF_NONE_MATCH"))


def is_not_modified(etag: str | None) -> bool:
    """Is a read answered with 304, as the client has this version? Raises: `PreconditionFailed`, `BadRequest`."""
    environ = request.environ
    if "HTTP_IF_MATCH" in environ:
        refuse_mismatch(etag, environ["HTTP_IF_MATCH"])
    return "HTTP_IF_NONE_MATCH" in environ and is_known(etag, environ["HTTP_IF_NONE_MATCH"])


def revalidated(response: Response) -> Response:
    """Conditional GET: a page or a file as it is, or 304 with the same headers but for those of a body.

    Raises: `PreconditionFailed`, `BadRequest`.
    """
    if not is_not_modified(response.headers.get("ETag")):
        return response
    response.status_code = 304
    response.set_data(b"")
    for name in ("Content-Type", "Content-Length", "Content-Encoding"):
        response.headers.pop(name, None)
    return response


def untagged(view: Callable[P, Response]) -> Callable[P, Response]:
    """Preconditions of a view that changes something without an ETag: only `*` can match.

    They count where all else was right, so they are looked at last, and what was done is undone.
    Raises: `PreconditionFailed`, `BadRequest`.
    """

    @wraps(view)
    def answer(*args: P.args, **parts: P.kwargs) -> Response:
        wanted = preconditions()
        return refuse_afterwards(wanted, *args, **parts) if wanted.are_there else view(*args, **parts)

    @in_transaction
    def refuse_afterwards(wanted: Preconditions, *args: P.args, **parts: P.kwargs) -> Response:
        response = view(*args, **parts)
        wanted.refuse(None)
        return response

    return answer
