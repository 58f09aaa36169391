"""Problem type pages: one for every error, and none for what is none."""

import html
import json

import pytest
from flask.testing import FlaskClient

from bucketlist.docs.problems import ADVICE
from bucketlist.kit.errors import all_refusals
from tests.conftest import on_both_paths

REFUSALS = {refusal.code: refusal for refusal in all_refusals()}


def test_every_refusal_has_advice_and_no_advice_is_superfluous() -> None:
    assert set(ADVICE) == set(REFUSALS)


@pytest.mark.parametrize("code", sorted(ADVICE))
def test_a_developer_reads_what_happened_and_what_to_do(client: FlaskClient, code: str) -> None:
    response = client.get(f"/problems/{code}")

    text = html.unescape(response.text).replace("<code>", "`").replace("</code>", "`")
    assert response.status_code == 200
    assert REFUSALS[code].title in text
    assert ADVICE[code].happened in text
    assert all(step in text for step in ADVICE[code].to_do)


def test_the_list_names_every_problem_once(client: FlaskClient) -> None:
    text = client.get("/problems").text

    assert [text.count(f'href="/problems/{code}"') for code in ADVICE] == [1] * len(ADVICE)


def test_a_code_that_no_error_has_is_not_found(client: FlaskClient) -> None:
    response = client.get("/problems/nonsense")

    assert response.status_code == 404
    assert response.content_type == "application/problem+json"


@on_both_paths
@pytest.mark.parametrize(
    ("code", "method", "path", "body"),
    [
        ("not_found", "GET", "/problems/nothing", None),
        ("method_not_allowed", "POST", "/healthz", None),
        ("unauthorized", "GET", "/v1/buckets", None),
        ("wrong_credentials", "POST", "/v1/auth/login", '{"email": "nobody@example.com", "password": "wrong horse"}'),
        ("validation", "POST", "/v1/auth/login", "{}"),
        ("bad_request", "POST", "/v1/auth/login", "{"),
        ("unsupported_media_type", "POST", "/v1/auth/login", ""),
    ],
)
def test_an_example_looks_like_a_real_answer(
    client: FlaskClient, code: str, method: str, path: str, body: str | None
) -> None:
    real = client.open(path, method=method, data=body, content_type="application/json" if body else None)

    status, headers, problem = example_of(client, code)

    assert status.casefold() == f"HTTP/1.1 {real.status}".casefold()
    assert headers["Content-Type"] == real.content_type
    assert set(headers) <= set(real.headers.keys())
    assert list(problem) == list(json.loads(real.data))
    assert problem | {"requestId": "", "errors": []} == json.loads(real.data) | {"requestId": "", "errors": []}


def example_of(client: FlaskClient, code: str) -> tuple[str, dict[str, str], dict[str, object]]:
    """The example on the page: its status line, headers and body."""
    text = html.unescape(client.get(f"/problems/{code}").text)
    example = text.partition('<pre tabindex="0"')[2].partition("<code>")[2].partition("</code>")[0]
    head, _, body = example.partition("\n\n")
    status, *headers = head.splitlines()
    return status, dict(line.split(": ", 1) for line in headers), json.loads(body)
