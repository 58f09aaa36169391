"""Problem type pages: one for every error, none for what is none. F28: a browser at a wrong address is shown a page."""

import html
import json

import pytest
from flask.testing import FlaskClient

from bucketlist.docs.problems import ADVICE
from bucketlist.kit.errors import all_refusals
from tests.conftest import on_both_paths
from tests.responses import json_of

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


BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
PROGRAMS = ["*/*", "application/json", "application/problem+json", "application/json, text/html", "", "image/png"]
WRONG = ["/nothing", "/problems/nothing", "/static/0/nothing.css", "/favicon.png", "/V1/buckets"]


@pytest.mark.parametrize("path", WRONG)
def test_f28_a_browser_at_a_wrong_address_is_shown_a_page(client: FlaskClient, path: str) -> None:
    response = client.get(path, headers={"Accept": BROWSER})

    assert (response.status_code, response.content_type) == (404, "text/html; charset=utf-8")
    assert "There is nothing here" in response.text
    assert "Accept" in response.headers["Vary"]


@pytest.mark.parametrize("accept", PROGRAMS)
def test_f28_a_program_at_a_wrong_address_is_told_in_json(client: FlaskClient, accept: str) -> None:
    response = client.get("/nothing", headers={"Accept": accept})

    assert (response.status_code, response.content_type) == (404, "application/problem+json")
    assert json_of(response)["code"] == "not_found"
    assert "Accept" in response.headers["Vary"]


@pytest.mark.parametrize("path", ["/v1/nothing", "/v1/buckets/x/nothing", "/v1/"])
def test_f28_below_v1_a_browser_is_told_in_json(client: FlaskClient, path: str) -> None:
    response = client.get(path, headers={"Accept": BROWSER})

    assert response.content_type == "application/problem+json"
