"""Request body parsing: bodies that come without a length, and the document that says how bodies look."""

import io
import json
from typing import Annotated, Any

import pytest
from flask.testing import FlaskClient
from pydantic import Field
from pydantic_core import from_json
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder

from bucketlist.kit.http import json_text
from bucketlist.kit.http.json_text import MAX_MEMBERS
from bucketlist.kit.http.requests import MAX_QUERY_BYTES, ApiRequest
from bucketlist.kit.schemas import LEAST_BODY_BYTES, ApiModel, most_body_bytes
from tests.conftest import on_sqlite
from tests.responses import json_of

LOGIN = {"email": "ada@example.com", "password": "wrong horse"}


def post_in_chunks(client: FlaskClient, body: bytes) -> int:
    environ = {"wsgi.input_terminated": True, "CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"}
    return client.post(
        "/v1/auth/login",
        input_stream=io.BytesIO(body),
        content_type="application/json",
        environ_overrides=environ,
    ).status_code


@pytest.mark.parametrize(
    ("size", "status"),
    [(100, 401), (LEAST_BODY_BYTES, 401), (LEAST_BODY_BYTES + 1, 413), (200 * LEAST_BODY_BYTES, 413)],
)
def test_a_body_in_chunks_may_be_as_large_as_any_other(client: FlaskClient, size: int, status: int) -> None:
    body = json.dumps(LOGIN).encode()

    assert post_in_chunks(client, body + b" " * (size - len(body))) == status


class Story(ApiModel):
    """A body of a route to come."""

    name: Annotated[str, Field(max_length=1000)]
    text: Annotated[str, Field(max_length=20_000)] | None = None
    state: str = ""


class LongStory(Story):
    more: Annotated[str, Field(max_length=1_000_000)]


@pytest.mark.threat(row=58)
def test_r6_a_body_may_be_as_large_as_its_fields_can_make_it_and_no_larger_than_a_mebibyte() -> None:
    worst = {"name": "\U0001f30c" * 1000, "text": "\U0001f30c" * 20_000, "state": "open"}

    assert len(json.dumps(worst)) < most_body_bytes(Story) == 256 * 1024
    assert (most_body_bytes(ApiModel), most_body_bytes(LongStory)) == (LEAST_BODY_BYTES, 1024 * 1024)


@pytest.mark.threat(row=71)
@pytest.mark.parametrize(
    "data",
    [b"\xff\xfe{\0}\0", b"\0{\0}", b"{\0}\0", b'{"a":"\xe9"}'[:1] + b"\0\0\0}\0\0\0", "夢の中".encode("utf-16")],
)
def test_f17_a_body_in_utf_16_is_told_to_be_in_utf_8(client: FlaskClient, data: bytes) -> None:
    found = client.post("/v1/auth/login", data=data, content_type="application/json")

    assert (found.status_code, (found.get_json() or {})["detail"]) == (400, "The body is not in UTF-8.")


@pytest.mark.threat(row=25)
@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("a" * MAX_QUERY_BYTES, 422),
        ("q=" + "a" * MAX_QUERY_BYTES, 414),
        ("a&" * 5000, 422),
        ("&".join(map(str, range(3000))), 422),
    ],
)
def test_r6_a_query_is_measured_before_it_is_read(client: FlaskClient, query: str, status: int) -> None:
    found = client.post(f"/v1/auth/login?{query}", json=LOGIN)

    assert found.status_code == status
    assert len(found.data) < 1000


@pytest.mark.threat(row=54)
@pytest.mark.parametrize("header", ["Accept", "Accept-Encoding", "Content-Type"])
def test_r1_a_header_that_takes_quadratic_time_to_parse_counts_as_not_sent(header: str) -> None:
    long, short = (
        ApiRequest(EnvironBuilder(headers=Headers([(header, "a" + size * " ")])).get_environ()) for size in (1024, 1023)
    )

    assert long.headers.get(header, "") == ""
    assert short.headers[header] == "a" + 1023 * " "


@pytest.mark.threat(row=54)
@pytest.mark.parametrize(
    ("body", "status"),
    [("[" + "[]," * 2000 + "0]", 422), ("[" * 501 + "]" * 501, 400), ('{"a":"' + '[{,\\"' * 900 + '"}', 422)],
)
def test_r1_lists_and_nesting_are_counted_before_any_is_made(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, body: str, status: int
) -> None:
    parsed: list[bytes] = []

    def read(data: bytes, **how: Any) -> Any:
        parsed.append(data)
        return from_json(data, **how)

    monkeypatch.setattr(json_text, "from_json", read)

    found = client.post("/v1/auth/login", data=body, content_type="application/json")

    assert found.status_code == status
    assert all(data.count(b"[]") <= MAX_MEMBERS for data in parsed)


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
        ("\u4e2d\u6587".encode("utf-16"), NO_UTF_8),  # which begins with a byte order mark, and has no zero byte
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


@pytest.mark.threat(row=25)
@pytest.mark.parametrize("body", [b"[" + b"1," * MAX_MEMBERS + b"1]", b'{"a": "x,y"' + b',"b":1' * MAX_MEMBERS + b"}"])
@on_sqlite
def test_r6_members_are_counted_before_each_becomes_an_error(client: FlaskClient, body: bytes) -> None:
    found = client.post("/v1/auth/login", data=body, content_type="application/json")

    assert [error["code"] for error in json_of(found)["errors"]] == ["too_many_members"]
