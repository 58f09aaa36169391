"""Every route of `/v1`, on one page: what it takes, whom it lets in, what it costs.

Tests of what holds everywhere go through this table and the application's own map of addresses; a route that is missing
in one of them makes them fail.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Flask

from bucketlist.auth import notices
from bucketlist.auth import service as auth
from bucketlist.auth.notices import LinkKind
from bucketlist.kit.db import unit_of_work
from tests.outbox import newest_token
from tests.people import PASSWORD, Person

Body = Mapping[str, Any]


@dataclass(frozen=True)
class Route:
    """A method of an address, and how it is used when all is well."""

    method: str
    rule: str
    status: int
    statements: int  # of SQL in a request that succeeds
    body: Body | None = None
    is_public: bool = False
    nullable: frozenset[str] = field(default=frozenset())  # fields of the body that may be null

    def __str__(self) -> str:
        return f"{self.method} {self.rule}"


NAMED = {"name": "Changed", "description": "Changed"}
OPTIONAL = frozenset({"description"})
ROUTES = [
    Route(
        "POST",
        "/v1/auth/register",
        201,
        6,
        {"email": "dora@example.com", "password": PASSWORD, "name": "Dora"},
        is_public=True,
        nullable=frozenset({"name"}),
    ),
    Route("POST", "/v1/auth/login", 200, 4, {"email": "ada@example.com", "password": PASSWORD}, is_public=True),
    Route("POST", "/v1/auth/refresh", 200, 4, {"refreshToken": "<refresh token>"}, is_public=True),
    Route("POST", "/v1/auth/logout", 204, 3),
    Route("PUT", "/v1/auth/password", 204, 6, {"currentPassword": PASSWORD, "newPassword": f"new {PASSWORD}"}),
    Route("POST", "/v1/auth/password/forgot", 202, 3, {"email": "ada@example.com"}, is_public=True),
    Route(
        "POST",
        "/v1/auth/password/reset",
        204,
        8,
        {"token": "<token by mail>", "newPassword": f"new {PASSWORD}"},
        is_public=True,
    ),
    Route("POST", "/v1/auth/email/confirm", 204, 3, {"token": "<token by mail>"}, is_public=True),
    Route("GET", "/v1/auth/sessions", 200, 1),
    Route("DELETE", "/v1/auth/sessions", 204, 3),
    Route("DELETE", "/v1/auth/sessions/<sessionId>", 204, 3),
    Route("GET", "/v1/auth/tokens", 200, 1),
    Route(
        "POST",
        "/v1/auth/tokens",
        201,
        1,
        {"name": "Backup script", "scope": "read", "expiresAt": "2031-06-14T12:00:00Z"},
        nullable=frozenset({"expiresAt"}),
    ),
    Route("DELETE", "/v1/auth/tokens/<tokenId>", 204, 1),
    Route("GET", "/v1/users/me", 200, 1),
    Route("PATCH", "/v1/users/me", 200, 2, {"name": "Ada Lovelace"}, nullable=frozenset({"name"})),
    Route("DELETE", "/v1/users/me", 204, 6, {"password": PASSWORD}),
    Route("GET", "/v1/buckets", 200, 1),
    Route("POST", "/v1/buckets", 201, 1, NAMED, nullable=OPTIONAL),
    Route("GET", "/v1/buckets/<bucketId>", 200, 1),
    Route("PUT", "/v1/buckets/<bucketId>", 200, 2, NAMED, nullable=OPTIONAL),
    Route("PATCH", "/v1/buckets/<bucketId>", 200, 2, NAMED, nullable=OPTIONAL),
    Route("DELETE", "/v1/buckets/<bucketId>", 204, 2),
    Route("GET", "/v1/buckets/<bucketId>/items", 200, 1),
    Route("POST", "/v1/buckets/<bucketId>/items", 201, 1, {**NAMED, "state": "done"}, nullable=OPTIONAL),
    Route("GET", "/v1/items", 200, 1),
    Route("GET", "/v1/items/<itemId>", 200, 1),
    Route("PUT", "/v1/items/<itemId>", 200, 2, {**NAMED, "state": "done"}, nullable=OPTIONAL),
    Route("PATCH", "/v1/items/<itemId>", 200, 2, {**NAMED, "state": "done"}, nullable=OPTIONAL),
    Route("DELETE", "/v1/items/<itemId>", 204, 2),
]
WITH_BODY = [route for route in ROUTES if route.body is not None]
PRIVATE = [route for route in ROUTES if not route.is_public]
ABOUT_ONE = [route for route in ROUTES if "<" in route.rule]
PAGES = [  # what people and machines read without an account, each with an address that answers 200
    ("/", "/"),
    ("/favicon.<any(svg, ico):kind>", "/favicon.svg"),
    ("/healthz", "/healthz"),
    ("/openapi.json", "/openapi.json"),
    ("/problems", "/problems"),
    ("/problems/<code>", "/problems/not_found"),
    ("/readyz", "/readyz"),
    ("/reference", "/reference"),
    ("/reference/assets/<name>", "/reference/assets/swagger-ui.css"),
    ("/static/<fingerprint>/<path:name>", "/static/0/bucketlist.css"),
]
FORMS = ["/reset", "/confirm"]  # where the links of letters lead to: pages that take a POST as well


def routes_of(app: Flask) -> Iterator[tuple[str, str]]:
    """Method and rule of all that `app` answers; HEAD goes with GET, OPTIONS is answered by Flask."""
    for rule in app.url_map.iter_rules():
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            yield method, rule.rule


@dataclass(frozen=True)
class Place:
    """A bucket with an item, another session, a personal token: what the parameters of a path stand for."""

    bucket_id: str
    item_id: str
    session_id: str
    token_id: str

    def path(self, route: Route) -> str:
        path = route.rule
        for name in ("bucket", "item", "session", "token"):
            path = path.replace(f"<{name}Id>", getattr(self, f"{name}_id"))
        return path


def make_place(person: Person) -> Place:
    bucket = person.make_bucket()
    item = person.make_item(bucket["id"])
    token = person.post("/v1/auth/tokens", {"name": "Backup script", "scope": "read"}).get_json()
    session = auth.open_session_of(person.email).session_id
    return Place(bucket["id"], item["id"], session, token["id"])


def body_for(route: Route, person: Person) -> dict[str, Any] | None:
    """The body of a request that succeeds; a refresh token or a link is asked for first."""
    if route.body is None:
        return None
    if "token" in route.body:
        kind: LinkKind = "confirm" if "confirm" in route.rule else "reset"
        with unit_of_work():
            notices.send_link(auth.get_user_by_email(person.email), kind)
        return {**route.body, "token": newest_token(kind, person.email)}
    if "refreshToken" not in route.body:
        return dict(route.body)
    signed_in = person.post("/v1/auth/login", {"email": person.email, "password": PASSWORD})
    return {"refreshToken": signed_in.get_json()["refreshToken"]}
