"""What tests look at in an answer."""

from typing import Any

from werkzeug.test import TestResponse

from bucketlist.kit.field_errors import FIELD_ERRORS


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
