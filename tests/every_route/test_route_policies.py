"""Route policies: what each route declares of itself is what the table says, and what says nothing is closed."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Response

from bucketlist.app import create_app
from bucketlist.auth.guard import requires_scope
from bucketlist.config import Settings
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.kit.http.route_policy import CLOSED, RoutePolicy, policy_of, public
from tests.conftest import on_sqlite
from tests.people import PASSWORD, Person
from tests.responses import json_of
from tests.routes import FORMS, PAGES, ROUTES, Route, Who
from tests.web.routes import WEB, WEB_FORMS, WEB_READS
from tests.workers import close

METRICS_TOKEN = "a-token-of-32-characters-and-more"
Mark = Callable[[Any], Any]

adds_a_route = pytest.mark.in_process("adds a route to the application")
Grow = Callable[[str, Mark], ApiApp]

WATCHED = {"/healthz", "/readyz", "/metrics"}
DECLARED: dict[Who, tuple[bool, str]] = {  # is it public, and the scope that a token has to have
    "anybody": (True, "full"),
    "person": (False, "full"),
    "reader": (False, "read"),
    "writer": (False, "write"),
}


def policies_of(app: ApiApp) -> dict[tuple[str, str], RoutePolicy]:
    """By method and rule, OPTIONS aside."""
    return {
        (method, rule.rule): policy_of(app.view_functions[rule.endpoint])
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"OPTIONS"}
    }


@pytest.mark.threat(row=22)
@pytest.mark.parametrize("route", ROUTES, ids=str)
@on_sqlite
def test_every_route_declares_for_whom_it_is(app: ApiApp, route: Route) -> None:
    policy = policies_of(app)[route.method, route.rule]

    assert (policy.is_public, policy.scope) == DECLARED[route.who]


@pytest.fixture
def grown_app(settings: Settings) -> Iterator[Grow]:
    """The application with one more route, whose view is marked in some way."""
    made: list[ApiApp] = []

    def grow(rule: str, mark: Mark) -> ApiApp:
        def answer(**_: str) -> Response:
            return Response("in")

        app = create_app(settings)
        made.append(app)
        app.add_url_rule(rule, view_func=mark(answer), methods=["GET", "POST", "PATCH", "DELETE"])
        return app

    yield grow
    for app in made:
        close(app)


def statuses(app: ApiApp, rule: str, ada: Person, method: str = "GET") -> dict[str, int]:
    """What nobody, her scripts and Ada herself get."""
    tokens = {"full": ada.access_token}
    for scope in ("read", "write"):
        wanted = {"name": "Script", "scope": scope, "currentPassword": PASSWORD}
        tokens[scope] = json_of(ada.post("/v1/auth/tokens", wanted))["token"]
    headers: dict[str, dict[str, str]] = {"nobody": {}}
    headers |= {who: {"Authorization": f"Bearer {token}"} for who, token in tokens.items()}
    client = app.test_client()
    return {who: client.open(rule, method=method, headers=sent).status_code for who, sent in headers.items()}


@adds_a_route
@pytest.mark.threat(row=22)
@pytest.mark.parametrize("rule", ["/v1/new", "/v1/buckets/new/<x>/y", "/new", "/problems/new/<x>"])
@on_sqlite
def test_a_route_that_declares_nothing_is_for_people_who_are_signed_in(grown_app: Grow, ada: Person, rule: str) -> None:
    app = grown_app(rule, lambda view: view)

    for method in ("GET", "HEAD", "POST", "PATCH", "DELETE"):
        found = statuses(app, rule.replace("<x>", "x"), ada, method)

        assert found == {"nobody": 401, "read": 403, "write": 403, "full": 200}


@adds_a_route
@pytest.mark.threat(row=22)
@pytest.mark.parametrize(
    ("mark", "expected"),
    [
        (requires_scope("write"), {"nobody": 401, "read": 403, "write": 200, "full": 200}),
        (requires_scope("read"), {"nobody": 401, "read": 200, "write": 200, "full": 200}),
        (public, {"nobody": 200, "read": 200, "write": 200, "full": 200}),
    ],
)
@on_sqlite
def test_a_route_is_open_as_far_as_it_declares(
    grown_app: Grow, ada: Person, mark: Mark, expected: dict[str, int]
) -> None:
    assert statuses(grown_app("/v1/new", mark), "/v1/new", ada) == expected


@adds_a_route
@pytest.mark.threat(row=22)
@on_sqlite
def test_a_route_that_answers_options_itself_is_closed_to_it_as_well(settings: Settings, ada: Person) -> None:
    app = create_app(settings)
    app.add_url_rule("/new", "new", lambda: "in", methods=["OPTIONS"])

    answered = [app.test_client().options(path).status_code for path in ("/new", "/v1/items")]

    assert answered == [401, 200]
    assert app.test_client().options("/new", headers={"Authorization": f"Bearer {ada.access_token}"}).text == "in"
    close(app)


@pytest.mark.threat(row=22)
@on_sqlite
def test_every_page_says_itself_that_it_is_public(settings: Settings) -> None:
    app = create_app(settings.model_copy(update={"metrics_token": METRICS_TOKEN}))

    pages = {key: policy for key, policy in policies_of(app).items() if not key[1].startswith("/v1/")}

    closed = {key for key, policy in pages.items() if not policy.is_public and key[0] != "HEAD"}
    assert {rule for _, rule in pages} == {*(rule for rule, _ in PAGES), *FORMS, "/metrics", *(rule for _, rule in WEB)}
    assert closed == {*(("GET", rule) for rule in WEB_READS), *(("POST", rule) for rule in WEB_FORMS)}
    assert {policy.by_cookie for key, policy in policies_of(app).items() if key in closed} == {True}
    assert [key for key, policy in policies_of(app).items() if policy.by_cookie and key[1].startswith("/v1")] == []


@pytest.mark.threat(row=46)
@on_sqlite
def test_only_what_watches_a_machine_is_answered_by_any_name(settings: Settings) -> None:
    app = create_app(settings.model_copy(update={"metrics_token": METRICS_TOKEN}))

    assert {rule for (_, rule), policy in policies_of(app).items() if policy.any_host} == WATCHED


def test_what_is_declared_of_one_view_is_not_declared_of_another() -> None:
    def one() -> None: ...

    def other() -> None: ...

    public(one)

    assert (policy_of(one).is_public, policy_of(other)) == (True, CLOSED)
