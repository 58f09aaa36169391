"""Problem details: every error has the one shape, the framework's own as well."""

from collections.abc import Iterator

import pytest
from flask import Response, abort
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from bucketlist.config import Settings
from bucketlist.kit.errors import NO_ROUTE, all_refusals
from bucketlist.kit.http.route_policy import public
from tests.conftest import on_sqlite
from tests.every_route.test_headers import check_always
from tests.people import Form, Person, as_sent
from tests.responses import json_of
from tests.routes import PAGES, ROUTES, UNKNOWN, WITH_BODY, Route, make_place
from tests.workers import open_worker

FIELDS = ["type", "title", "status", "code", "detail", "requestId"]
CANARY = "canary-7f3a"


def check_shape(response: TestResponse, status: int, code: str) -> None:
    """Is it a problem as the contract has it, with nothing of what was sent in it?"""
    problem = json_of(response)
    assert (response.status_code, problem["code"]) == (status, code)
    assert response.content_type == "application/problem+json"
    assert list(problem) == FIELDS + (["errors"] if status == 422 else [])
    assert problem["status"] == status
    assert problem["requestId"] == response.headers["X-Request-Id"]
    assert problem["type"] == f"/problems/{code}"
    assert CANARY not in response.text
    assert response.headers["Cache-Control"] == "no-store"
    assert code in {refusal.code for refusal in all_refusals()}


@pytest.fixture(scope="module")
def broken(settings: Settings) -> Iterator[FlaskClient]:
    """Of an application whose database is away, with addresses that break in ways of their own."""
    url = "postgresql://nobody@127.0.0.1:1/nothing" if settings.database_url else ""
    away = {"database_url": url, "data_dir": settings.data_dir / "no" / "folder"}
    with open_worker(settings.model_copy(update=away)) as app:

        @public
        def break_down(how: str) -> Response:
            if how.isdigit():
                abort(int(how), description=CANARY)
            raise {"value": ValueError, "recursion": RecursionError, "memory": MemoryError}[how](CANARY)

        app.add_url_rule("/break/<how>", view_func=break_down)
        yield app.test_client()


@pytest.mark.parametrize(
    "path", ["/nothing", f"/{CANARY}", "/v1", "/v1/", "/v1/nothing", "/v2/buckets", "/v1//buckets"]
)
@on_sqlite
def test_ada_finds_nothing_at_an_address_that_is_none(ada: Person, path: str) -> None:
    found = {method: ada.ask(method, path) for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")}

    told = {method: (answer.status_code, json_of(answer).get("detail")) for method, answer in found.items()}
    assert told == dict.fromkeys(found, (404, NO_ROUTE))
    for answer in found.values():
        check_shape(answer, 404, "not_found")


@pytest.mark.parametrize("rule", sorted({route.rule for route in ROUTES}))
@on_sqlite
def test_ada_is_told_which_methods_an_address_takes(ada: Person, rule: str) -> None:
    taken = {route.method for route in ROUTES if route.rule == rule} | {"OPTIONS"}
    taken |= {"HEAD"} if "GET" in taken else set()
    path = make_place(ada).path(next(route for route in ROUTES if route.rule == rule))

    for method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"} - taken:
        for response in (ada.ask(method, path), ada.ask(method, path, Authorization="")):
            assert response.status_code == 405
            assert set(response.headers["Allow"].split(", ")) == taken
            if method != "HEAD":
                check_shape(response, 405, "method_not_allowed")


@pytest.mark.parametrize(("rule", "path"), PAGES)
@on_sqlite
def test_everybody_is_told_which_methods_a_page_takes(client: FlaskClient, rule: str, path: str) -> None:
    response = client.delete(path)

    check_shape(response, 405, "method_not_allowed")
    assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


@on_sqlite
@pytest.mark.parametrize("route", WITH_BODY, ids=str)
def test_ada_is_told_alike_what_is_wrong_with_a_body(ada: Person, route: Route) -> None:
    path, headers = make_place(ada).path(route), {"Authorization": f"Bearer {ada.access_token}"}

    def send(data: bytes, kind: str) -> TestResponse:
        return ada.client.open(path, method=route.method, data=data, content_type=kind, headers=headers)

    check_shape(send(f'{{"{CANARY}'.encode(), "application/json"), 400, "bad_request")
    check_shape(send(CANARY.encode(), "text/plain"), 415, "unsupported_media_type")
    check_shape(send(CANARY.encode() * 100_000, "application/json"), 413, "content_too_large")
    wrong = {name: {CANARY: CANARY} for name in route.body or {}}
    check_shape(ada.ask(route.method, path, wrong), 422, "validation")


def test_ada_is_told_alike_what_is_wrong_with_her_parameters(ada: Person) -> None:
    for path in (f"/v1/items?limit={CANARY}", f"/v1/items?sort={CANARY}", f"/v1/items?cursor={CANARY}"):
        check_shape(ada.get(path), 422, "validation")


def test_ada_is_told_alike_that_it_does_not_fit(ada: Person) -> None:
    bucket = ada.make_bucket(CANARY)

    check_shape(ada.post("/v1/buckets", {"name": CANARY, "id": bucket["id"]}), 409, "id_taken")
    check_shape(ada.delete(f"/v1/buckets/{bucket['id']}", If_Match=f'"{CANARY}"'), 412, "precondition_failed")
    check_shape(ada.get("/v1/items", Authorization=f"Bearer {CANARY}"), 401, "unauthorized")
    check_shape(ada.delete("/v1/users/me", {"password": CANARY}), 403, "wrong_password")
    check_shape(ada.post("/v1/buckets", {"name": CANARY}, Idempotency_Key=f"{CANARY} ü"), 422, "validation")


@pytest.mark.threat(row=47)
@pytest.mark.parametrize("how", ["value", "recursion", "memory", "500", "501", "502", "505"])
def test_nobody_is_told_how_we_broke(broken: FlaskClient, how: str, capfd: pytest.CaptureFixture[str]) -> None:
    response = broken.get(f"/break/{how}?{CANARY}")

    check_shape(response, 500, "internal_error")
    check_always(response)
    noted = capfd.readouterr()
    assert json_of(response)["requestId"] in noted.out + noted.err


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_ada_is_told_alike_that_the_database_is_away(broken: FlaskClient, ada: Person, route: Route) -> None:
    headers = {"Authorization": f"Bearer {ada.access_token}"}

    body = as_sent(Form(route.form) if route.form else route.body)
    response = broken.open(UNKNOWN.path(route), method=route.method, headers=headers, **body)

    check_shape(response, 503, "unavailable")
    check_always(response)
    assert response.headers["Retry-After"] == "1"
