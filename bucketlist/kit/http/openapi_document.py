"""OpenAPI document: one pass over it that adds what the types cannot tell, as errors, headers, media types.

What many operations share stands once, among the components, and is referred to.

Source: OpenAPI 3.1.1, https://spec.openapis.org/oas/v3.1.1.html
"""

from typing import Any

from bucketlist.kit.http.links import path_to
from bucketlist.kit.http.openapi_parts import REQUEST_HEADERS, RESPONSES, SUCCESSES, key_of, shared_parts
from bucketlist.kit.http.openapi_schemas import tidy_schemas
from bucketlist.kit.http.requests import JSON, MERGE_PATCH

Operation = dict[str, Any]


def finish_document(document: dict[str, Any], public: set[tuple[str, str]]) -> dict[str, Any]:
    """The document with everything in its place. `public` are the (path, method) that need no token."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            is_public = (path.replace("{", "<").replace("}", ">"), method) in public
            _finish_operation(path, method, operation, is_public=is_public)
    tidy_schemas(document)
    document["components"]["schemas"]["Problem"]["properties"]["type"]["examples"] = [path_to("/problems/validation")]
    _share_parameters(document)
    document["components"] |= shared_parts()
    return document


def _finish_operation(path: str, method: str, operation: Operation, *, is_public: bool) -> None:
    if is_public:
        operation["security"] = []
    if not operation["deprecated"]:
        del operation["deprecated"]
    problems = set(operation.pop("x-problems", ()))
    request_headers = operation.pop("x-request-headers", ())
    success_headers = operation.pop("x-headers", ())
    operation.setdefault("parameters", []).extend(dict(REQUEST_HEADERS[name]) for name in request_headers)
    _finish_successes(operation["responses"], success_headers)
    if path.startswith("/v1"):
        problems |= _usual_problems(path, operation, is_public=is_public)
    _add_problems(operation["responses"], problems)
    _finish_body(method, operation)
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


def _finish_body(method: str, operation: Operation) -> None:
    body = operation.get("requestBody")
    if body:
        body["required"] = True
        if method == "patch":
            body["content"][MERGE_PATCH] = {"schema": body["content"][JSON]["schema"]}


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
