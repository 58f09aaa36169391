"""Bodies that come without a length, and the document that says how bodies look."""

import io
import json

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from bucketlist.kit.db import Database, Statement
from bucketlist.kit.http import MAX_BODY_BYTES
from bucketlist.kit.paging import matching
from bucketlist.kit.text import containing
from tests.kit.conftest import add, things

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
    ("size", "status"), [(100, 401), (MAX_BODY_BYTES, 401), (MAX_BODY_BYTES + 1, 413), (2 * MAX_BODY_BYTES, 413)]
)
def test_a_body_in_chunks_may_be_as_large_as_any_other(client: FlaskClient, size: int, status: int) -> None:
    body = json.dumps(LOGIN).encode()

    assert post_in_chunks(client, body + b" " * (size - len(body))) == status


@pytest.mark.parametrize(("size", "status"), [(MAX_BODY_BYTES, 401), (MAX_BODY_BYTES + 1, 413)])
def test_a_body_with_a_length_may_have_one_mebibyte(client: FlaskClient, size: int, status: int) -> None:
    body = json.dumps(LOGIN).encode().ljust(size)

    assert client.post("/v1/auth/login", data=body, content_type="application/json").status_code == status


def test_the_document_is_read_once(client: FlaskClient) -> None:
    first = client.get("/openapi.json")
    again = client.get("/openapi.json", headers={"If-None-Match": first.headers["ETag"]})

    assert (first.get_json() or {})["openapi"].startswith("3.1.")
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize(
    ("words", "found"),
    [("100%", [1]), ("_", [2]), ("\\", [3]), ("%", [1]), ("STRASSE", [4]), ("e\u0301", [5]), ("", [1, 2, 3, 4, 5])],
)
def test_what_is_searched_for_is_found_literally(database: Database, words: str, found: list[int]) -> None:
    for thing_id, text in enumerate(["100% sure", "snake_case", "back\\slash", "strasse", "caf\u00e9"], start=1):
        add(database, thing_id, words=text)
    source = select(things.c.id, things.c.words.label("name_folded"), things.c.words.label("description_folded"))
    table = source.subquery()
    statement = Statement(select(table.c.id).where(matching(table)).order_by(table.c.id))

    rows = database.execute(statement, {"words": containing(words)})

    assert [row[0] for row in rows] == found
