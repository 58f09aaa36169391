"""OpenAPI document: one pass over it that adds what the types cannot tell, as errors, headers, media types.

What many operations share stands once, among the components, and is referred to.

Source: OpenAPI 3.1.1, https://spec.openapis.org/oas/v3.1.1.html
"""

from collections.abc import Iterable, Mapping
from typing import Any

from bucketlist.kit.http.links import path_to
from bucketlist.kit.http.openapi_parts import REQUEST_HEADERS, RESPONSES, SUCCESSES, key_of, shared_parts
from bucketlist.kit.http.openapi_schemas import tidy_schemas
from bucketlist.kit.http.route_policy import RoutePolicy

Operation = dict[str, Any]


def finish_document(
    document: dict[str, Any], policies: Mapping[tuple[str, str], RoutePolicy], field_errors: Iterable[str]
) -> dict[str, Any]:
    """The document with everything in its place. `policies` are those of the routes, by rule and method.

    The codes of `field_errors` become an enumeration.
    """
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            _finish_operation(path, operation, policies[path.replace("{", "<").replace("}", ">"), method])
    tidy_schemas(document, field_errors)
    document["components"]["schemas"]["Problem"]["properties"]["type"]["examples"] = [path_to("/problems/validation")]
    _share_parameters(document)
    document["components"] |= shared_parts()
    return document


def _finish_operation(path: str, operation: Operation, policy: RoutePolicy) -> None:
    if policy.is_public:
        operation["security"] = []
    if not operation["deprecated"]:
        del operation["deprecated"]
    if "description" in operation:  # a docstring, which is CommonMark as it was
        operation["description"] = operation["description"].replace("<br/>", "\n")
    problems = set(operation.pop("x-problems", ()))
    request_headers = operation.pop("x-request-headers", ())
    success_headers = operation.pop("x-headers", ())
    operation.setdefault("parameters", []).extend(dict(REQUEST_HEADERS[name]) for name in request_headers)
    _finish_successes(operation["responses"], success_headers)
    if policy.rate_limits:
        problems.add(429)
    _finish_body(operation, policy.media_types)
    if not policy.ignores_input:
        problems |= _usual_problems(path, operation, is_public=policy.is_public)
    _add_problems(operation["responses"], problems)
    for part in ("parameters", "requestBody", "responses", "security"):  # the order in which a person reads them
        if operation.get(part) or part == "security":
            operation[part] = operation.pop(part)
        else:
            operation.pop(part, None)


def _usual_problems(path: str, operation: Operation, *, is_public: bool) -> set[int]:
    usual = {413, 414, 422, 503}
    if not is_public:
        usual |= {401, 403}
    if "{" in path:
        usual.add(404)
    if "requestBody" in operation:
        usual |= {400, 415}
    return usual


def _finish_successes(responses: dict[str, Any], names: tuple[str, ...]) -> None:
    responses.pop("422", None)  # as the library words it
    for status, response in responses.items():
        response["description"] = SUCCESSES[int(status)]
        sent = [name for name in names if status not in ("204", "304") or (status == "304" and name == "ETag")]
        if sent:
            response["headers"] = {name: {"$ref": f"#/components/headers/{key_of(name)}"} for name in sent}


def _add_problems(responses: dict[str, Any], problems: set[int]) -> None:
    for status in sorted(problems):
        responses[str(status)] = {"$ref": f"#/components/responses/{RESPONSES[status].name}"}


def _finish_body(operation: Operation, media_types: tuple[str, ...]) -> None:
    """The same schema for each media type; none where the bytes are taken as they come."""
    if media_types:
        body = operation.pop("requestBody", None)
        content = next(iter(body["content"].values())) if body else {}
        operation["requestBody"] = {"content": {name: dict(content) for name in media_types}, "required": True}


def _share_parameters(document: dict[str, Any]) -> None:
    """Parameters that are alike wherever their name occurs move to the components."""
    found: dict[str, list[Any]] = {}
    for methods in document["paths"].values():
        for operation in methods.values():
            for parameter in operation.get("parameters", ()):
                found.setdefault(key_of(parameter["name"]), []).append(parameter)
    shared = {key: dict(same[0]) for key, same in found.items() if len(same) > 1 and all(p == same[0] for p in same)}
    for key in shared:
        for parameter in found[key]:
            parameter.clear()
            parameter["$ref"] = f"#/components/parameters/{key}"
    document["components"]["parameters"] = dict(sorted(shared.items()))
