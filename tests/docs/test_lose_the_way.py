"""F28: 404 pages: a browser at a wrong address is shown one; a program is told in JSON, as is everybody below `/v1`."""

import pytest
from flask.testing import FlaskClient

from tests.responses import json_of

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


@pytest.mark.parametrize("path", ["/v1/nothing", "/v1/buckets/x/nothing", "/v1/"])
def test_f28_below_v1_a_browser_is_told_in_json(client: FlaskClient, path: str) -> None:
    response = client.get(path, headers={"Accept": BROWSER})

    assert response.content_type == "application/problem+json"
