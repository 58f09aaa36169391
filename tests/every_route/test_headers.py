"""Response headers of every answer: pages, resources, lists and errors."""

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.conftest import on_sqlite
from tests.people import Person
from tests.routes import FORMS, PAGES, ROUTES, Route, body_for, make_place
from tests.workers import WorkerWith

pytestmark = on_sqlite  # no header comes from the database

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
}
TYPES = {
    "/": "text/html; charset=utf-8",
    "/favicon.<any(svg, ico):kind>": "image/svg+xml",
    "/healthz": "application/json",
    "/manifest.webmanifest": "application/manifest+json",
    "/openapi.json": "application/json",
    "/reference/assets/<name>": "text/css; charset=utf-8",
    "/service-worker.js": "text/javascript; charset=utf-8",
    "/static/<fingerprint>/<path:name>": "text/css; charset=utf-8",
}


def check_always(response: TestResponse, *, is_of_web: bool = False) -> None:
    """Does it hold what every answer holds? A page of the web app lets its own forms tell where they come from."""
    always = ALWAYS | ({"Referrer-Policy": response.headers["Referrer-Policy"]} if is_of_web else {})
    assert {name: response.headers[name] for name in ALWAYS} == always
    assert response.headers["Referrer-Policy"] in ("no-referrer", "same-origin")
    assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
    assert "unsafe" not in response.headers["Content-Security-Policy"]
    assert "*" not in response.headers.get("Access-Control-Allow-Origin", "")
    assert not {"Set-Cookie", "Server", "X-Powered-By"} & set(response.headers.keys())
    assert len(response.headers.getlist("X-Request-Id")) == 1
    assert len(response.headers.getlist("Cache-Control")) == 1


def answers_of(person: Person, route: Route, client: FlaskClient) -> Iterator[TestResponse]:
    """All sorts of answers of a route, the errors before the one success."""
    path, body = make_place(person).path(route), body_for(route, person)
    yield client.open(path, method=route.method)
    yield person.ask(route.method, f"{path}?nonsense=1", body)
    yield person.ask(route.method, path, body and {"nonsense": 1}, Authorization="Bearer nonsense")
    yield person.ask(route.method, f"{path}/nothing", body)
    yield person.ask("OPTIONS", path)
    yield person.ask("TRACE", path)
    yield person.ask(route.method, path, body)


@pytest.mark.threat(row=47)
@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_every_answer_of_a_route_has_the_headers_that_protect(ada: Person, client: FlaskClient, route: Route) -> None:
    answers = list(answers_of(ada, route, client))

    for answer in answers:
        check_always(answer)
    assert answers[-1].status_code == route.status
    assert {answer.headers["Cache-Control"] for answer in answers if answer.status_code >= 400} == {"no-store"}


@pytest.mark.threat(row=47)
@pytest.mark.parametrize(("rule", "path"), PAGES)
def test_every_page_has_the_headers_that_protect(client: FlaskClient, rule: str, path: str) -> None:
    for response in (client.get(path), client.head(path), client.post(path), client.options(path)):
        check_always(response)
    assert client.get(path).headers["Content-Type"] == TYPES.get(rule, TYPES["/healthz" if "z" in rule else "/"])


@pytest.mark.threat(row=48)
@pytest.mark.parametrize("path", FORMS)
def test_every_form_has_the_headers_that_protect(client: FlaskClient, path: str) -> None:
    for response in (client.get(path), client.head(path), client.post(path), client.delete(path)):
        check_always(response, is_of_web=path == "/sign-up")
        assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(("url", "is_secure"), [("https://example.com", True), ("http://example.com", False)])
def test_browsers_are_told_to_stay_with_https_where_there_is_https(
    worker_with: WorkerWith, url: str, is_secure: bool
) -> None:
    response = worker_with(public_url=url).test_client().get("/healthz")

    assert ("Strict-Transport-Security" in response.headers) == is_secure


def test_no_other_origin_is_let_in(ada: Person) -> None:
    headers = {"Origin": "https://example.org", "Access-Control-Request-Method": "POST"}

    for method in ("GET", "OPTIONS"):
        response = ada.client.open("/v1/buckets", method=method, headers=headers)

        assert not [name for name, _ in response.headers if name.startswith("Access-Control")]
