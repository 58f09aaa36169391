"""Exception hierarchy of refusals: every way in which the service says no, each with its HTTP status code.

    Refusal
    ├── BadRequest 400
    ├── Unauthorized 401
    ├── Forbidden 403
    ├── NotFound 404
    ├── MethodNotAllowed 405
    ├── NotAcceptable 406
    ├── Conflict 409 ── IdTaken, OrderDiffers
    ├── PreconditionFailed 412
    ├── ContentTooLarge 413
    ├── UriTooLong 414
    ├── UnsupportedMediaType 415
    ├── RangeNotSatisfiable 416
    ├── ExpectationFailed 417
    ├── Invalid 422
    ├── TooManyRequests 429 ── TooManyAtOnce
    ├── InternalError 500
    └── Unavailable 503

Rooms have branches of their own, in `<room>/errors.py`; `all_refusals` finds them.

Source: RFC 9457 (problem details), RFC 9110 section 15 (status codes), RFC 6585 (429).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, NotRequired, TypedDict


class FieldError(TypedDict):
    """One thing that is wrong with a request: a place (`pointer` into the body or `parameter`), a code, a sentence."""

    pointer: NotRequired[str]
    parameter: NotRequired[str]
    code: str
    detail: str


class Refusal(Exception):
    """A request that is answered with an error. Never repeats a value that was sent.

    `detail` says what happened in one sentence; without it, the class's own does.
    """

    status: ClassVar[int]
    code: ClassVar[str]
    title: ClassVar[str]
    default_detail: ClassVar[str]

    def __init__(
        self,
        detail: str | None = None,
        *,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail or self.default_detail)
        self.detail = detail or self.default_detail
        self.errors = list(errors)
        self.headers = dict(headers or {})
        self.members: Mapping[str, Any] = {}  # of the problem, beyond those of every one


class BadRequest(Refusal):
    status, code, title = 400, "bad_request", "Bad request"
    default_detail = "The request could not be understood."


class Unauthorized(Refusal):
    """No, bad, expired or blacklisted credentials; all bad ones are answered alike (RFC 6750)."""

    status, code, title = 401, "unauthorized", "Not signed in"
    default_detail = "This needs a valid access token in the header “Authorization: Bearer …”."

    def __init__(self, detail: str | None = None, *, token_was_sent: bool = False) -> None:
        challenge = 'Bearer error="invalid_token"' if token_was_sent else "Bearer"
        super().__init__(detail, headers={"WWW-Authenticate": challenge})


class Forbidden(Refusal):
    status, code, title = 403, "forbidden", "Not allowed"
    default_detail = "You may not do this."


class NotFound(Refusal):
    status, code, title = 404, "not_found", "Not found"
    default_detail = "There is nothing of yours at this address."


NO_ROUTE = "No route of this service has this address."


class MethodNotAllowed(Refusal):
    status, code, title = 405, "method_not_allowed", "Method not allowed"
    default_detail = "This address does not take that method; the header Allow names those it takes."


class NotAcceptable(Refusal):
    status, code, title = 406, "not_acceptable", "Not acceptable"
    default_detail = "No representation of this resource fits the header Accept."


class Conflict(Refusal):
    status, code, title = 409, "conflict", "Conflict"
    default_detail = "The request does not fit the present state of things."


class IdTaken(Conflict):
    code, title = "id_taken", "Id already used"
    default_detail = "You have something with this id already."


class OrderDiffers(Conflict):
    code, title = "order_differs", "Not the things that are there"
    default_detail = "The ids are not all of those that are there, or there are others among them. Nothing was moved."


class PreconditionFailed(Refusal):
    status, code, title = 412, "precondition_failed", "Changed meanwhile"
    default_detail = "It has changed since the version that If-Match names; read it again first."


class ContentTooLarge(Refusal):
    status, code, title = 413, "content_too_large", "Too large"
    default_detail = "The body of the request is larger than this address takes."


class UriTooLong(Refusal):
    status, code, title = 414, "uri_too_long", "Address too long"
    default_detail = "The query of this address is longer than any that means something here."


class UnsupportedMediaType(Refusal):
    status, code, title = 415, "unsupported_media_type", "Unsupported media type"
    default_detail = "The body must be application/json in UTF-8."


class RangeNotSatisfiable(Refusal):
    status, code, title = 416, "range_not_satisfiable", "No such part of the file"
    default_detail = "The header Range names bytes that this file does not have."


class ExpectationFailed(Refusal):
    status, code, title = 417, "expectation_failed", "Expectation failed"
    default_detail = "The header Expect asks for something other than 100-continue."


class Invalid(Refusal):
    status, code, title = 422, "validation", "Some fields are not right"
    default_detail = "The request is well-formed, but some of it is not as it should be; see errors."


class TooManyRequests(Refusal):
    status, code, title = 429, "too_many_requests", "Too many attempts"
    default_detail = "There have been too many attempts; wait as long as the header Retry-After says."


class TooManyAtOnce(TooManyRequests):
    """One person has more at work at the same moment than is fair to the others."""

    code, title = "too_many_at_once", "Too many requests at once"
    default_detail = "Too many of your searches and sorted lists are at work at the same moment; try again shortly."

    def __init__(self, detail: str | None = None) -> None:
        super().__init__(detail, headers={"Retry-After": "1"})


class InternalError(Refusal):
    status, code, title = 500, "internal_error", "Something broke"
    default_detail = "Something broke on our side. It has been noted under this requestId."


class Unavailable(Refusal):
    status, code, title = 503, "unavailable", "Not available right now"
    default_detail = "The database cannot be reached or is full right now. Nothing was changed; try again shortly."

    def __init__(self, detail: str | None = None, *, retry_after_seconds: int = 1, reason: str | None = None) -> None:
        """`reason` is for the log only: what the database or its driver says."""
        super().__init__(detail, headers={"Retry-After": str(retry_after_seconds)})
        self.reason = reason or ""
        self.is_told = False  # is it in the log?


def all_refusals(root: type[Refusal] = Refusal) -> Iterator[type[Refusal]]:
    """Every refusal below `root`, parents first: the problem pages are made from it."""
    for refusal in root.__subclasses__():
        yield refusal
        yield from all_refusals(refusal)
