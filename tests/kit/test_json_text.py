"""JSON parsing: a body is told to be what it is, no JSON, not in UTF-8, half a character, or too much of it."""

import pytest
from flask.testing import FlaskClient

from bucketlist.kit.http.json_text import MAX_MEMBERS
from tests.conftest import on_sqlite
from tests.responses import json_of

NO_JSON, NO_UTF_8, HALF = "not JSON", "not in UTF-8", "half of a surrogate pair"


@pytest.mark.threat(row=26)
@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"," * MAX_MEMBERS, NO_JSON),
        (b"email,password\n" * MAX_MEMBERS, NO_JSON),
        (b'{"email": "a@example.com"}' + b"," * MAX_MEMBERS, NO_JSON),
        (b'["' + b"," * (MAX_MEMBERS - 1) + b'"]' + b"," * MAX_MEMBERS, NO_JSON),
        (b"[NaN," + b"1," * MAX_MEMBERS + b"1]", NO_JSON),
        (b'{"email": "a\xe9@example.com"}', NO_UTF_8),
        (b'["\xff"' + b",1" * MAX_MEMBERS + b"]", NO_UTF_8),
        (b'{"email": "a\xed\xa0\xbdb"}', NO_UTF_8),
        (rb'{"email": "a\ud83d"}', HALF),
        (rb'{"email": "a\ud83db"}', HALF),
        (rb'{"email": "\udc00"}', HALF),
        (rb'{"\ud83d": 1}', HALF),
    ],
    ids=ascii,
)
@on_sqlite
def test_what_is_no_json_is_a_bad_request_that_says_why(client: FlaskClient, body: bytes, told: str) -> None:
    found = client.post("/v1/auth/login", data=body, content_type="application/json")

    assert (found.status_code, json_of(found)["code"]) == (400, "bad_request")
    assert told in json_of(found)["detail"]


@pytest.mark.parametrize("body", [b"[" + b"1," * MAX_MEMBERS + b"1]", b'{"a": "x,y"' + b',"b":1' * MAX_MEMBERS + b"}"])
@on_sqlite
def test_json_of_too_many_members_is_told_so(client: FlaskClient, body: bytes) -> None:
    found = client.post("/v1/auth/login", data=body, content_type="application/json")

    assert [error["code"] for error in json_of(found)["errors"]] == ["too_many_members"]
