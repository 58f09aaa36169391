"""HTTP response helpers: what tests look at in an answer."""

from typing import Any

from werkzeug.test import TestResponse

from bucketlist.docs.field_errors import FIELD_ERRORS


def json_of(response: TestResponse) -> Any:
    """The body, which has to be JSON."""
    assert response.is_json, f"{response.status}: {response.content_type}"
    return response.json


def errors_of(response: TestResponse) -> list[tuple[str, str]]:
    """Of a 422: the pointer or the parameter of each error, and its code."""
    assert response.status_code == 422, response.text
    errors = json_of(response)["errors"]
    assert {error["code"] for error in errors} <= set(FIELD_ERRORS), "the document has to name each: FIELD_ERRORS"
    return [(error.get("pointer", error.get("parameter", "")), error["code"]) for error in errors]


def refusal_of(response: TestResponse) -> list[tuple[str, str]] | str:
    """`errors_of`, or what else was answered: for tables of answers, which show all that differ."""
    return errors_of(response) if response.status_code == 422 else f"{response.status}: {response.text[:200]}"


def fields_of(response: TestResponse) -> list[str] | str:
    """`refusal_of`, without the codes."""
    refusal = refusal_of(response)
    return refusal if isinstance(refusal, str) else [name for name, _ in refusal]


def code_of(response: TestResponse) -> tuple[int, str]:
    """The status, and the code of the problem."""
    assert response.content_type == "application/problem+json", response.text
    code: str = json_of(response)["code"]
    return response.status_code, code


def apart_from_request_id(response: TestResponse) -> tuple[int, dict[str, Any], dict[str, str]]:
    """All that a client can see of an answer, so that two can be compared."""
    body = {name: value for name, value in json_of(response).items() if name != "requestId"}
    own = ("X-Request-Id", "Content-Length", "Date")
    return response.status_code, body, {name: value for name, value in response.headers.items() if name not in own}
