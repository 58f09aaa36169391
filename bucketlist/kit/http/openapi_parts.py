"""OpenAPI components that operations share: headers of both directions, and problem responses."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from bucketlist.kit.errors import all_refusals
from bucketlist.kit.http.error_handlers import PROBLEM
from bucketlist.kit.http.links import path_to

EXAMPLE_ID = "019ab1f4-6c3e-7d52-9f0a-3b8e5d7c2a41"

SUCCESSES = {
    200: "OK",
    201: "Created",
    202: "Accepted",
    204: "Done; there is nothing to say",
    206: "The part that Range names",
    304: "Not changed since the version that If-None-Match names",
}


class ProblemResponse(NamedTuple):
    """The name among the components, what it means, its headers with whether they are always there."""

    name: str
    description: str
    headers: Mapping[str, bool] = MappingProxyType({})


RESPONSES = {
    400: ProblemResponse("BadRequest", "The body is not JSON, or the request is not HTTP as it should be"),
    401: ProblemResponse("Unauthorized", "No, bad, expired or blacklisted credentials", {"WWW-Authenticate": True}),
    403: ProblemResponse("Forbidden", "Known who you are, but you may not do this"),
    404: ProblemResponse("NotFound", "There is nothing of yours at this address"),
    409: ProblemResponse("Conflict", "It does not fit the present state of things", {"Retry-After": False}),
    412: ProblemResponse("PreconditionFailed", "It has changed since the version that If-Match names"),
    413: ProblemResponse("ContentTooLarge", "The body is too large"),
    414: ProblemResponse("UriTooLong", "The query of the address is too long"),
    415: ProblemResponse("UnsupportedMediaType", "The body must be JSON in UTF-8"),
    416: ProblemResponse("RangeNotSatisfiable", "There are no such bytes", {"Content-Range": False}),
    422: ProblemResponse("Invalid", "Some of the request is not as it should be; `errors` tells what"),
    429: ProblemResponse("TooManyRequests", "Too many attempts", {"Retry-After": True, "RateLimit": False}),
    503: ProblemResponse("Unavailable", "The database is away or full; nothing was changed", {"Retry-After": True}),
}

TEXT: dict[str, Any] = {"type": "string"}
ADDRESS: dict[str, Any] = {"type": "string", "format": "uri-reference"}
HEADERS: dict[str, tuple[str, dict[str, Any], bool]] = {
    "ETag": ("The version of this resource.", TEXT, True),
    "Location": ("The address of what was made.", ADDRESS, True),
    "Link": ("The next and previous page (RFC 8288), where there is one.", TEXT, False),
    "Idempotency-Replayed": ("`true` when this is the first answer, given again.", TEXT, False),
    "Content-Range": ("Which bytes these are, and of how many.", TEXT, False),
    "Accept-Ranges": ("`bytes`: a part can be asked for.", TEXT, True),
    "WWW-Authenticate": ("`Bearer`, with an error when a token was sent (RFC 6750).", TEXT, True),
    "Retry-After": ("Seconds to wait.", {"type": "integer", "minimum": 0}, True),
    "RateLimit": ("What is left, and until when.", TEXT, False),
}


def _request_header(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": False, "description": description, "schema": schema}


REQUEST_HEADERS = {
    "If-Match": _request_header(
        "If-Match", "Only if the resource is still at this version (its ETag); else 412.", {"type": "string"}
    ),
    "If-None-Match": _request_header(
        "If-None-Match",
        "Only if the resource is no longer at this version (its ETag); else 304.",
        {"type": "string"},
    ),
    "Range": _request_header(
        "Range", "Only a part: `bytes=0-1023`. Of several parts the whole is sent.", {"type": "string"}
    ),
    "If-Range": _request_header(
        "If-Range", "The part only if this is still the ETag; else the whole.", {"type": "string"}
    ),
    "Idempotency-Key": _request_header(
        "Idempotency-Key",
        "Makes the request safe to repeat: the same key answers the first success again for 24 hours. One key; a comma "
        "has to stand in a quoted string.",
        {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]{1,255}$"},
    ),
}


def key_of(name: str) -> str:
    """The name of a header or a parameter as a key among the components: `IfMatch`, `Limit`."""
    return "".join(word[0].upper() + word[1:] for word in name.split("-"))


def shared_parts() -> dict[str, Any]:
    """The headers and responses to put among the components."""
    return {
        "headers": {key_of(name): _header(name, is_required=HEADERS[name][2]) for name in HEADERS},
        "responses": {response.name: _response(status, response) for status, response in RESPONSES.items()},
    }


def _example(status: int) -> dict[str, Any]:
    """The commonest problem of a status: each has a class of its own, which comes before its kinds."""
    refusal = next(one for one in all_refusals() if one.status == status)
    wrong = {"pointer": "/name", "code": "string_too_short", "detail": "Write something here."}
    return {
        "type": path_to(f"/problems/{refusal.code}"),
        "title": refusal.title,
        "status": status,
        "code": refusal.code,
        "detail": refusal.default_detail,
        "requestId": EXAMPLE_ID,
    } | ({"errors": [wrong]} if status == 422 else {})


def _response(status: int, response: ProblemResponse) -> dict[str, Any]:
    headers = {
        name: {"$ref": f"#/components/headers/{key_of(name)}"}
        if is_required == HEADERS[name][2]
        else _header(name, is_required=is_required)
        for name, is_required in response.headers.items()
    }
    content = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": _example(status)}}
    return {"description": response.description, **({"headers": headers} if headers else {}), "content": content}


def _header(name: str, *, is_required: bool) -> dict[str, Any]:
    description, schema, _ = HEADERS[name]
    return {"description": description, "required": is_required, "schema": dict(schema)}
