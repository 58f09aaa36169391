"""One pass over the OpenAPI document that adds what the types cannot tell: errors, headers, media types.

Source: OpenAPI 3.1.1, https://spec.openapis.org/oas/v3.1.1.html
"""

from typing import Any

from bucketlist.kit.http import JSON, MERGE_PATCH, PROBLEM

Operation = dict[str, Any]

TITLES = {
    200: "OK",
    201: "Created",
    202: "Accepted",
    204: "Done; there is nothing to say",
    304: "Not changed since the version that If-None-Match names",
    400: "The body is not JSON, or the request is not HTTP as it should be",
    401: "No, bad, expired or blacklisted credentials",
    403: "Known who you are, but you may not do this",
    404: "There is nothing of yours at this address",
    409: "It does not fit the present state of things",
    412: "It has changed since the version that If-Match names",
    413: "The body is too large",
    415: "The body must be JSON in UTF-8",
    422: "Some of the request is not as it should be",
    429: "Too many attempts",
    503: "The database is away or full; nothing was changed",
}

TEXT = {"type": "string"}
RESPONSE_HEADERS = {
    "ETag": ("The version of this resource.", TEXT, True),
    "Location": ("The address of what was made.", TEXT, True),
    "Link": ("The next and previous page (RFC 8288), where there is one.", TEXT, False),
    "Idempotency-Replayed": ("`true` when this is the first answer, given again.", TEXT, False),
    "WWW-Authenticate": ("`Bearer`, with an error when a token was sent (RFC 6750).", TEXT, True),
    "Retry-After": ("Seconds to wait.", {"type": "integer"}, True),
    "RateLimit": ("What is left, and until when.", TEXT, False),
}
REQUEST_HEADERS = {
    "If-Match": "Only if the resource is still at this version (its ETag); else 412.",
    "If-None-Match": "Only if the resource is no longer at this version (its ETag); else 304.",
    "Idempotency-Key": "Makes the request safe to repeat: the same key answers the first success again for 24 hours.",
}
REQUEST_HEADER_SCHEMAS: dict[str, dict[str, Any]] = {
    "If-Match": {"type": "string"},
    "If-None-Match": {"type": "string"},
    "Idempotency-Key": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]{1,255}$"},
}
HEADERS_BY_STATUS = {401: ("WWW-Authenticate",), 429: ("Retry-After", "RateLimit"), 503: ("Retry-After",)}


def finish_document(document: dict[str, Any], public: set[tuple[str, str]]) -> dict[str, Any]:
    """The document with everything in its place. `public` are the (path, method) that need no token."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            is_public = (path.replace("{", "<").replace("}", ">"), method) in public
            _finish_operation(path, method, operation, is_public=is_public)
    document["paths"] = dict(sorted(document["paths"].items()))
    schemas = document["components"]["schemas"]
    document["components"]["schemas"] = {name: schemas[name] for name in sorted(schemas)}
    return document


def _finish_operation(path: str, method: str, operation: Operation, *, is_public: bool) -> None:
    if is_public:
        operation["security"] = []
    problems = set(operation.pop("x-problems", ()))
    request_headers = operation.pop("x-request-headers", ())
    success_headers = operation.pop("x-headers", ())
    operation.setdefault("parameters", []).extend(_request_header(name) for name in request_headers)
    _finish_successes(operation["responses"], success_headers)
    if path.startswith("/v1"):
        problems |= _usual_problems(path, operation, is_public=is_public)
    _add_problems(operation["responses"], problems)
    _finish_body(method, operation)
    if not operation["parameters"]:
        del operation["parameters"]


def _usual_problems(path: str, operation: Operation, *, is_public: bool) -> set[int]:
    usual = {413, 422, 503}
    if not is_public:
        usual |= {401, 403}
    if "{" in path:
        usual.add(404)
    if "requestBody" in operation:
        usual |= {400, 415}
    return usual


def _finish_successes(responses: dict[str, Any], names: tuple[str, ...]) -> None:
    for status, response in responses.items():
        response["description"] = TITLES[int(status)]
        if names and status != "204":
            response["headers"] = {name: _header(name) for name in names if status != "304" or name == "ETag"}


def _add_problems(responses: dict[str, Any], problems: set[int]) -> None:
    responses.pop("422", None)  # as the library words it
    for status in sorted(problems):
        responses[str(status)] = {
            "description": TITLES[status],
            "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        if status in HEADERS_BY_STATUS:
            responses[str(status)]["headers"] = {name: _header(name) for name in HEADERS_BY_STATUS[status]}


def _finish_body(method: str, operation: Operation) -> None:
    body = operation.get("requestBody")
    if body:
        body["required"] = True
        if method == "patch":
            body["content"][MERGE_PATCH] = {"schema": body["content"][JSON]["schema"]}


def _header(name: str) -> dict[str, Any]:
    description, schema, required = RESPONSE_HEADERS[name]
    return {"description": description, "schema": schema, "required": required}


def _request_header(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "header",
        "required": False,
        "description": REQUEST_HEADERS[name],
        "schema": REQUEST_HEADER_SCHEMAS[name],
    }
