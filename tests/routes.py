"""Every route of `/v1`, on one page: what it takes, whom it lets in, what it costs.

Tests of what holds everywhere go through this table and the application's own map of addresses; a route that is missing
in one of them makes them fail.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from flask import Flask

from bucketlist.accounts import login
from bucketlist.accounts import service as accounts
from bucketlist.items import service as items
from bucketlist.kit.db.database import transaction
from bucketlist.kit.etags import Preconditions
from bucketlist.kit.ids import new_id
from bucketlist.mail import notifications
from bucketlist.mail.notifications import LinkKind
from tests.outbox import newest_token
from tests.people import PASSWORD, Form, Person
from tests.pictures import add_photo, small_jpeg

Body = Mapping[str, Any]
Who = Literal["anybody", "person", "reader", "writer"]  # without a token; signed in; also by a personal token


@dataclass(frozen=True)
class Route:
    """A method of an address, and how it is used when all is well."""

    method: str
    rule: str
    who: Who
    status: int
    statements: int  # of SQL in a request that succeeds
    body: Body | None = None
    nullable: frozenset[str] = field(default=frozenset())  # fields of the body that may be null
    form: Body | None = None  # in the place of a JSON body
    asks_before: int = 0  # of the statements, those that come before an Idempotency-Key is looked at

    @property
    def is_public(self) -> bool:
        return self.who == "anybody"

    @property
    def sent(self) -> Body | None:
        """The body as `as_sent` takes it."""
        return self.body if self.form is None else Form(self.form)

    def __str__(self) -> str:
        return f"{self.method} {self.rule}"


DAY = {
    "completes": True,
    "title": "Changed",
    "date": "2026-11-24",
    "story": "Changed",
    "people": ["Changed"],
    "place": "Changed",
    "rating": 4,
}
STORY = {**DAY, "keepState": True}
DAY_OPTIONAL = frozenset({"title", "date", "story", "place", "rating"})
NAMED = {"name": "Changed", "description": "Changed"}
OPTIONAL = frozenset({"description"})
SHELF = {**NAMED, "archived": True}
WISH = {
    **NAMED,
    "state": "dropped",
    "droppedReason": "Changed",
    "target": "2031-22~",
    "times": 2,
    "place": "Changed",
    "tags": ["Changed"],
    "steps": [{"text": "Changed", "done": True}],
    "links": [{"url": "https://example.com", "title": "Changed"}],
}
WISH_OPTIONAL = OPTIONAL | {"droppedReason", "target", "place"}
ROUTES = [
    Route(
        "POST",
        "/v1/auth/register",
        "anybody",
        201,
        8,
        {"email": "dora@example.com", "password": PASSWORD, "name": "Dora"},
        nullable=frozenset({"name"}),
    ),
    Route("POST", "/v1/auth/login", "anybody", 200, 9, {"email": "ada@example.com", "password": PASSWORD}),
    Route("POST", "/v1/auth/refresh", "anybody", 200, 6, {"refreshToken": "<refresh token>"}),
    Route("POST", "/v1/auth/logout", "person", 204, 3),
    Route(
        "PUT", "/v1/auth/password", "person", 204, 6, {"currentPassword": PASSWORD, "newPassword": f"new {PASSWORD}"}
    ),
    Route("POST", "/v1/auth/password/forgot", "anybody", 202, 5, {"email": "ada@example.com"}),
    Route(
        "POST",
        "/v1/auth/password/reset",
        "anybody",
        204,
        15,
        {"token": "<token by mail>", "newPassword": f"new {PASSWORD}"},
    ),
    Route("POST", "/v1/auth/email/confirm", "anybody", 204, 5, {"token": "<token by mail>"}),
    Route("GET", "/v1/auth/sessions", "person", 200, 1),
    Route("DELETE", "/v1/auth/sessions", "person", 204, 3),
    Route("DELETE", "/v1/auth/sessions/<sessionId>", "person", 204, 3),
    Route("GET", "/v1/auth/tokens", "person", 200, 1),
    Route(
        "POST",
        "/v1/auth/tokens",
        "person",
        201,
        5,
        {"name": "Backup script", "scope": "read", "currentPassword": PASSWORD, "expiresAt": "2031-06-14T12:00:00Z"},
        nullable=frozenset({"expiresAt"}),
    ),
    Route("DELETE", "/v1/auth/tokens/<tokenId>", "person", 204, 1),
    Route("GET", "/v1/users/me", "reader", 200, 1),
    Route("PATCH", "/v1/users/me", "person", 200, 3, {"name": "Ada Lovelace"}, nullable=frozenset({"name"})),
    Route("DELETE", "/v1/users/me", "person", 204, 19, {"password": PASSWORD}),
    Route("GET", "/v1/buckets", "reader", 200, 1),
    Route("POST", "/v1/buckets", "writer", 201, 3, SHELF, nullable=OPTIONAL),
    Route("PUT", "/v1/buckets/order", "writer", 204, 7, {"ids": ["<all buckets>"]}),
    Route("GET", "/v1/buckets/<bucketId>", "reader", 200, 1),
    Route("PUT", "/v1/buckets/<bucketId>", "writer", 200, 4, SHELF, nullable=OPTIONAL),
    Route("PATCH", "/v1/buckets/<bucketId>", "writer", 200, 4, SHELF, nullable=OPTIONAL),
    Route("DELETE", "/v1/buckets/<bucketId>", "writer", 204, 6),
    Route("GET", "/v1/buckets/<bucketId>/items", "reader", 200, 1),
    Route("POST", "/v1/buckets/<bucketId>/items", "writer", 201, 6, WISH, nullable=WISH_OPTIONAL),
    Route("PUT", "/v1/buckets/<bucketId>/items/order", "writer", 204, 8, {"ids": ["<all items>"]}),
    Route("GET", "/v1/items", "reader", 200, 1),
    Route("GET", "/v1/items/<itemId>", "reader", 200, 1),
    Route("PUT", "/v1/items/<itemId>", "writer", 200, 8, WISH, nullable=WISH_OPTIONAL),
    Route("PATCH", "/v1/items/<itemId>", "writer", 200, 8, WISH, nullable=WISH_OPTIONAL),
    Route("DELETE", "/v1/items/<itemId>", "writer", 204, 5),
    Route("GET", "/v1/items/<itemId>/entries", "reader", 200, 1),
    Route("POST", "/v1/items/<itemId>/entries", "writer", 201, 8, STORY, nullable=DAY_OPTIONAL),
    Route("GET", "/v1/entries", "reader", 200, 1),
    Route("GET", "/v1/entries/<entryId>", "reader", 200, 1),
    Route("PUT", "/v1/entries/<entryId>", "writer", 200, 9, STORY, nullable=DAY_OPTIONAL),
    Route("PATCH", "/v1/entries/<entryId>", "writer", 200, 9, STORY, nullable=DAY_OPTIONAL),
    Route("DELETE", "/v1/entries/<entryId>", "writer", 204, 5),
    Route("GET", "/v1/items/<itemId>/history", "reader", 200, 1),
    Route("GET", "/v1/changes", "reader", 200, 1),
    Route("GET", "/v1/items/<itemId>/photos", "reader", 200, 1),
    Route(
        "POST",
        "/v1/items/<itemId>/photos",
        "writer",
        201,
        5,
        form={"file": small_jpeg(), "caption": "Changed"},
        asks_before=1,
    ),
    Route("GET", "/v1/entries/<entryId>/photos", "reader", 200, 1),
    Route(
        "POST",
        "/v1/entries/<entryId>/photos",
        "writer",
        201,
        5,
        form={"file": small_jpeg(), "caption": "Changed"},
        asks_before=1,
    ),
    Route("GET", "/v1/photos", "reader", 200, 1),
    Route("GET", "/v1/photos/<photoId>", "reader", 200, 1),
    Route(
        "PATCH",
        "/v1/photos/<photoId>",
        "writer",
        200,
        4,
        {"caption": "Changed", "position": 1},
        nullable=frozenset({"caption"}),
    ),
    Route("DELETE", "/v1/photos/<photoId>", "writer", 204, 5),
    Route("GET", "/v1/photos/<photoId>/original", "reader", 200, 1),
    Route("GET", "/v1/photos/<photoId>/preview", "reader", 200, 1),
    Route("GET", "/v1/photos/<photoId>/thumbnail", "reader", 200, 1),
    Route("GET", "/v1/trash", "reader", 200, 1),
    Route("DELETE", "/v1/trash", "writer", 204, 9),
    Route("POST", "/v1/trash/<trashId>/restore", "writer", 200, 8),
    Route("DELETE", "/v1/trash/<trashId>", "writer", 204, 11),
    Route("GET", "/v1/tags", "reader", 200, 1),
    Route("PATCH", "/v1/tags/<text:name>", "writer", 200, 13, {"name": "Changed"}),
    Route("DELETE", "/v1/tags/<text:name>", "writer", 204, 10),
]
READS = [route for route in ROUTES if route.method == "GET"]
WRITES = [route for route in ROUTES if route.method != "GET"]
WITH_BODY = [route for route in ROUTES if route.body is not None]
PRIVATE = [route for route in ROUTES if not route.is_public]
ABOUT_ONE = [route for route in ROUTES if "<" in route.rule]
PAGES = [  # what people and machines read without an account, each with an address that answers 200
    ("/", "/"),
    ("/conventions", "/conventions"),
    ("/favicon.<any(svg, ico):kind>", "/favicon.svg"),
    ("/healthz", "/healthz"),
    ("/manifest.webmanifest", "/manifest.webmanifest"),
    ("/offline", "/offline"),
    ("/openapi.json", "/openapi.json"),
    ("/problems", "/problems"),
    ("/problems/<code>", "/problems/not_found"),
    ("/readyz", "/readyz"),
    ("/reference", "/reference"),
    ("/reference/assets/<name>", "/reference/assets/swagger-ui.css"),
    ("/service-worker.js", "/service-worker.js"),
    ("/static/<fingerprint>/<path:name>", "/static/0/bucketlist.css"),
]
FORMS = ["/reset", "/confirm", "/sign-up"]  # where the links of letters lead to: pages that take a POST as well


def routes_of(app: Flask) -> Iterator[tuple[str, str]]:
    """Method and rule of all that `app` answers; HEAD goes with GET, OPTIONS is answered by Flask."""
    for rule in app.url_map.iter_rules():
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            yield method, rule.rule


def template_of(rule: str) -> str:
    """A rule as the document has it."""
    return re.sub(r"<(?:text:)?(\w+)>", r"{\1}", rule)


@dataclass(frozen=True)
class Place:
    """What the parameters of a path stand for: a bucket, an item with a tag, a note and a photo, a session, a token.

    And an item in the trash.
    """

    bucket_id: str
    item_id: str
    session_id: str
    token_id: str
    tag: str
    entry_id: str
    photo_id: str
    trash_id: str

    def path(self, route: Route) -> str:
        path = route.rule.replace("<text:name>", self.tag)
        for name in ("bucket", "item", "session", "token", "entry", "photo", "trash"):
            path = path.replace(f"<{name}Id>", getattr(self, f"{name}_id"))
        return path


UNKNOWN = Place(*(f"019abcde-0000-7000-8000-00000000000{number}" for number in range(8)))  # of what was never there


def make_place(person: Person) -> Place:
    bucket = person.make_bucket()
    item = person.make_item(bucket["id"], tags=[new_id()])
    token = person.make_token("read")
    session = login.open_session_of(person.email).session_id
    entry = person.make_entry(item["id"], completes=False)
    photo = add_photo(person.actor, item["id"])
    trash = items.delete_item(person.actor, person.make_item(bucket["id"])["id"], Preconditions())
    return Place(bucket["id"], item["id"], session, token["id"], item["tags"][0], entry["id"], photo.id, trash)


def ids_for(route: Route, person: Person) -> list[str]:
    """All buckets, or the items of the last one, the other way round."""
    buckets = person.get("/v1/buckets?archived=any&limit=100&sort=-position").get_json()["buckets"]
    if "items" not in route.rule or not buckets:
        return [bucket["id"] for bucket in buckets]
    items = person.get(f"/v1/buckets/{buckets[0]['id']}/items?limit=100&sort=-position").get_json()["items"]
    return [item["id"] for item in items]


def body_for(route: Route, person: Person) -> dict[str, Any] | None:
    """The body of a request that succeeds; a refresh token, a link or what there is to be sorted is asked for first."""
    if route.form is not None:
        return Form(route.form)
    if route.body is None:
        return None
    if "ids" in route.body:
        return {"ids": ids_for(route, person)}
    if "token" in route.body:
        kind: LinkKind = "confirm" if "confirm" in route.rule else "reset"
        with transaction():
            notifications.send_link(accounts.get_user_by_email(person.email), kind)
        return {**route.body, "token": newest_token(kind, person.email)}
    if "refreshToken" not in route.body:
        return dict(route.body)
    signed_in = person.post("/v1/auth/login", {"email": person.email, "password": PASSWORD})
    return {"refreshToken": signed_in.get_json()["refreshToken"]}
