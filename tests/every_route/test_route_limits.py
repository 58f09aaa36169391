"""Rate limits of routes: each that takes a secret declares some, and what is counted is what was declared."""

import re
from collections.abc import Callable, Iterator
from typing import Any, get_type_hints

import pytest

from bucketlist.accounts import invitations
from bucketlist.accounts.schemas import LoginIn
from bucketlist.app import create_app
from bucketlist.config import Settings
from bucketlist.kit.http.openapi import ApiApp, all_models
from bucketlist.kit.http.route_policy import policy_of
from bucketlist.kit.schemas import Answer, ApiModel, Params
from bucketlist.limits import bounds, rate_limits
from bucketlist.limits.networks import place_of
from bucketlist.limits.route_limits import UndeclaredRateLimit, not_rate_limited, rate_limited_by
from bucketlist.models import attempts
from bucketlist.services import services_of
from tests import databases
from tests.conftest import on_sqlite
from tests.every_route.test_route_policies import policies_of
from tests.people import PASSWORD, Person, make_person
from tests.responses import json_of
from tests.routes import ROUTES, body_for
from tests.rows import all_rows
from tests.web.browsing import browse
from tests.workers import close

WRONG, NEW = "wrong horse", "a much better horse battery"
SECRET_NAMES = re.compile(r"password|token|secret|invitation|code", re.IGNORECASE)
EMAIL = "dora@example.com"

Bodies = list[dict[str, str]]


def secrets_of(schema: dict[str, Any]) -> set[str]:
    """The fields of a JSON Schema that are passwords, tokens, or secrets of another kind."""
    fields = schema.get("properties", {}).items()
    return {name for name, field in fields if "password" in _formats(field)}


def _formats(field: dict[str, Any]) -> set[str | None]:
    return {one.get("format") for one in (field, *field.get("anyOf", ()))}


def takes_secret(view: Callable[..., Any]) -> bool:
    """By the schema of its body or form; a form of a page has none, and is sent by whoever has a secret link."""
    hints = get_type_hints(view)
    sent = hints.get("body", hints.get("form"))
    if isinstance(sent, type) and issubclass(sent, ApiModel):
        return bool(secrets_of(sent.model_json_schema()))
    return sent is not None


def without_limit(views: dict[str, Callable[..., Any]]) -> set[str]:
    """The endpoints that take a secret, as often as somebody likes to guess at it, and do not say why they may."""
    policies = {name: policy_of(view) for name, view in views.items() if takes_secret(view)}
    return {name for name, policy in policies.items() if not policy.rate_limits and not policy.unlimited_because}


@pytest.mark.threat(row=10)
@on_sqlite
def test_every_route_that_takes_a_secret_is_under_a_rate_limit(app: ApiApp) -> None:
    takers = {name for name, view in app.view_functions.items() if takes_secret(view)}

    assert without_limit(app.view_functions) == set()
    assert {"auth.refresh", "auth.log_in", "users.delete_user", "tokens.create_token", "web.send_reset_form"} <= takers
    unlimited = {name for name in takers if policy_of(app.view_functions[name]).unlimited_because}
    assert unlimited == {"auth.refresh", "web.take_shared"}


def test_a_route_that_takes_a_secret_and_says_nothing_is_found() -> None:
    def bare(body: LoginIn) -> None: ...

    def explained(body: LoginIn) -> None: ...

    def of_page(form: dict[str, str]) -> None: ...

    not_rate_limited("It is long.")(explained)

    assert without_limit({"bare": bare, "explained": explained, "of page": of_page}) == {"bare", "of page"}


def test_every_field_that_is_named_like_a_secret_is_told_as_one() -> None:
    bodies = {model for model in all_models() if not issubclass(model, Answer | Params)}

    found = {model.__name__: model.model_json_schema() for model in bodies}

    named = {name: set(filter(SECRET_NAMES.search, schema.get("properties", {}))) for name, schema in found.items()}
    assert {name: fields - secrets_of(found[name]) for name, fields in named.items() if fields} == {
        name: set() for name, fields in named.items() if fields
    }


@pytest.fixture
def guarded_app(migrated_app: ApiApp, settings: Settings) -> Iterator[ApiApp]:
    """The application at work with its limits on, where people sign up by invitation, on an empty database."""
    app = create_app(settings.model_copy(update={"ratelimit_enabled": True, "registration": "invite"}))
    app.testing = False
    with services_of(app).at_work():
        databases.empty_all_tables()
        yield app
    close(app)


def token_of(ada: Person, kind: str) -> str:
    token: str = (body_for(next(route for route in ROUTES if kind in route.rule), ada) or {})["token"]
    return token


# By method and rule, requests that are counted: each makes an attempt at one thing that its route guards.
REQUESTS: dict[tuple[str, str], Callable[[Person], Bodies]] = {
    ("POST", "/v1/auth/register"): lambda _: [
        {"email": EMAIL, "password": PASSWORD, "invitation": WRONG},
        {"email": EMAIL, "password": PASSWORD, "invitation": invitations.invite(None, 7)},
    ],
    ("POST", "/v1/auth/login"): lambda ada: [{"email": ada.email, "password": WRONG}],
    ("PUT", "/v1/auth/password"): lambda _: [{"currentPassword": WRONG, "newPassword": NEW}],
    ("POST", "/v1/auth/password/forgot"): lambda ada: [{"email": ada.email}],
    ("POST", "/v1/auth/password/reset"): lambda _: [{"token": WRONG, "newPassword": NEW}],
    ("POST", "/v1/auth/email/confirm"): lambda ada: [
        {"token": WRONG},
        {"token": token_of(ada, "confirm"), "currentPassword": WRONG},
    ],
    ("PATCH", "/v1/users/me"): lambda _: [{"email": EMAIL, "currentPassword": WRONG}],
    ("DELETE", "/v1/users/me"): lambda _: [{"password": WRONG}],
    ("POST", "/v1/auth/tokens"): lambda _: [{"name": "x", "scope": "read", "currentPassword": WRONG}],
    ("POST", "/reset"): lambda _: [{"token": WRONG, "password": NEW}],
    ("POST", "/sign-up"): lambda _: [
        {"email": EMAIL, "password": PASSWORD, "token": WRONG},
        {"email": EMAIL, "password": PASSWORD, "token": invitations.invite(None, 7)},
    ],
    ("POST", "/confirm"): lambda ada: [{"token": WRONG}, {"token": token_of(ada, "confirm"), "password": WRONG}],
    ("POST", "/sign-in"): lambda ada: [{"email": ada.email, "password": WRONG}],
    ("POST", "/forgot"): lambda ada: [{"email": ada.email}],
    ("POST", "/settings/profile"): lambda _: [{"email": EMAIL, "password": WRONG}],
    ("POST", "/settings/password"): lambda _: [{"password": WRONG, "newPassword": NEW}],
    ("POST", "/settings/tokens"): lambda _: [{"name": "x", "password": WRONG}],
    ("POST", "/settings/delete"): lambda _: [{"password": WRONG}],
}


def counted() -> set[str]:
    """The names under which there was an attempt; not the budgets of letters, which refuse no request."""
    keys = [str(row[0]).split(":") for table, row in all_rows() if table is attempts]
    return {what for what, scope, _ in keys if scope != "letter"}


@pytest.mark.threat(row=10)
@pytest.mark.parametrize("key", REQUESTS, ids=" ".join)
def test_a_route_counts_what_it_declares_and_nothing_else(guarded_app: ApiApp, key: tuple[str, str]) -> None:
    ada, (method, path) = make_person(guarded_app, "ada@example.com"), key
    visitor = browse(guarded_app, ada)

    for body in REQUESTS[key](ada):
        how: dict[str, Any] = {"json": body} if path.startswith("/v1/") else {"data": {"csrf": visitor.csrf()} | body}
        answer = visitor.client.open(
            path, method=method, headers={"Authorization": f"Bearer {ada.access_token}"}, **how
        )
        assert answer.status_code < 500

    assert counted() == set(policies_of(guarded_app)[key].rate_limits)


@on_sqlite
def test_no_route_that_declares_a_rate_limit_is_missing_here(app: ApiApp) -> None:
    assert {key for key, policy in policies_of(app).items() if policy.rate_limits} == set(REQUESTS)


@on_sqlite
def test_the_document_tells_of_429_wherever_a_rate_limit_is_declared(app: ApiApp) -> None:
    paths = json_of(app.test_client().get("/openapi.json"))["paths"]
    declared = [key for key, policy in policies_of(app).items() if policy.rate_limits and key[1].startswith("/v1/")]

    assert [key for key in declared if "429" not in paths[key[1]][key[0].lower()]["responses"]] == []


@pytest.mark.threat(row=10)
@on_sqlite
def test_nothing_is_counted_that_the_route_at_work_has_not_declared(app: ApiApp) -> None:
    limits = bounds.of_link(place_of("192.0.2.1"))

    def attempt() -> None:
        with rate_limits.rate_limited(limits):
            pass

    for wrong in (attempt, rate_limited_by("login")(attempt)):
        with pytest.raises(UndeclaredRateLimit):
            wrong()
    rate_limited_by("login", "link")(attempt)()
