"""CSRF, XSS and clickjacking: what a malicious page could make a browser do; read, send a form, show us in a frame."""

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.accounts.test_reset_password import link_for
from tests.authentication import is_signed_in, log_in
from tests.conftest import on_sqlite
from tests.people import Person
from tests.routes import FORMS, PAGES, READS, ROUTES, WRITES, Route, make_place
from tests.rows import all_rows

EVIL = "https://evil.example.com"
TARGETS = [
    f"{prefix}{host}{suffix}"
    for prefix in (
        "//",
        "/\\",
        "\\\\",
        "https://",
        "https:",
        "/%2f",
        "/%5c",
        "/.",
        "///",
        "/\t/",
        "javascript:",
        "data:",
    )
    for host in ("evil.example.com", "127.0.0.1@evil.example.com")
    for suffix in ("", "/%2e%2e", "%0d%0aLocation:%20//evil.example.com")
]


@pytest.mark.threat(row=42)
def test_no_get_changes_a_row(ada: Person) -> None:
    place = make_place(ada)
    reads = [place.path(route) for route in READS] + [path for _, path in PAGES]
    reads += [f"{path}?token=x" for path in FORMS]
    before = sorted(map(str, all_rows()))

    for method in ("GET", "HEAD", "OPTIONS"):
        for path in reads:
            assert ada.ask(method, path).status_code in (200, 204), path

    assert sorted(map(str, all_rows())) == before


@on_sqlite
@pytest.mark.threat(row=42)
@pytest.mark.parametrize("route", WRITES, ids=str)
def test_a_page_of_others_changes_nothing_by_the_browser_of_ada(ada: Person, route: Route) -> None:
    """A browser adds cookies to what it sends for others, and never a bearer token."""
    path = make_place(ada).path(route)
    ada.client.set_cookie("session", ada.access_token)
    before = sorted(map(str, all_rows()))

    for kind in ("application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x"):
        headers = {"Origin": EVIL, "Sec-Fetch-Site": "cross-site", "Content-Type": kind}
        response = ada.client.open(path, method=route.method, data=b'{"name": "x"}', headers=headers)
        wanted = {401, 415, 409} if route.is_public else {401}
        assert response.status_code in wanted, response.text

    assert sorted(map(str, all_rows())) == before


@pytest.mark.threat(row=42)
def test_a_form_takes_a_link_and_no_cookie(client: FlaskClient, ada: Person) -> None:
    """The forms know nobody: they ask for the token of a letter, which no page of others has, and sign nobody in."""
    session, headers = log_in(client, ada), {"Origin": EVIL, "Sec-Fetch-Site": "cross-site"}
    client.set_cookie("session", session["accessToken"])
    new = "a much better horse battery"

    refused = [client.post(path, data={"token": "", "password": new}, headers=headers) for path in FORMS]
    done = client.post("/reset", data={"token": link_for(client), "password": new}, headers=headers)

    assert {answer.status_code for answer in refused} <= {401, 403, 422}
    assert done.status_code == 200
    assert not done.headers.getlist("Set-Cookie")
    assert not is_signed_in(client, session)


def everywhere(person: Person, target: str) -> Iterator[TestResponse]:
    """`target` wherever a careless service might take it for an address to go to."""
    names = ("next", "url", "return", "returnTo", "redirect", "continue", "token")
    headers = {"Host": "bucketlist.example.com", "Referer": target if target.isprintable() else EVIL}
    for path in ("/", "/reset", "/confirm", "/sign-up", "/v1/items"):
        yield person.client.get(path, query_string=dict.fromkeys(names, target), headers=headers)
    yield person.client.post("/reset", data=dict.fromkeys(names, target), headers=headers)
    for path in (f"/{target}", f"/{target}/", f"/v1/items/{target}/"):
        yield person.client.get("/", headers=headers, environ_overrides={"PATH_INFO": path})
    yield person.post("/v1/buckets", {"name": target.replace("\t", " ")}, Referer=EVIL)


@on_sqlite
@pytest.mark.threat(row=45)
def test_nobody_is_sent_anywhere_else(ada: Person) -> None:
    assert len(set(TARGETS)) >= 60

    for target in TARGETS:
        for response in everywhere(ada, target):
            assert response.status_code not in (301, 302, 303, 307, 308), target
            assert response.headers.get("Location", "/v1/").startswith("/v1/")
            assert "evil" not in response.headers.get("Location", "")
            assert "Refresh" not in response.headers


@on_sqlite
@pytest.mark.threat(row=45)
def test_no_route_redirects(ada: Person, client: FlaskClient) -> None:
    place = make_place(ada)

    for route in ROUTES:
        for path in (place.path(route), "/v1//items", "//v1/items", "/v1/./items", "/v1/../healthz"):
            assert client.open(path, method=route.method).status_code // 100 != 3, path
