"""Data leak canaries: words that nobody else uses, sent through every input of every route, and all that came back."""

import re
from dataclasses import dataclass, field
from typing import Any

from tests.routes import PAGES, ROUTES, Route
from tests.servers import LiveServer
from tests.serving.wire import Answer, ask, head, send, statuses

SECRET = "canary5e12"  # in what is to be seen nowhere: passwords, tokens, headers, queries, paths
CONTENT = "canary8b40"  # in what is kept and answered, but never logged: names, descriptions, emails
MEANT = ("name", "description", "email", "droppedReason", "place", "tags", "steps", "links", "title", "story", "people")
PASSWORD = f"{SECRET} is the password"
HEADERS = ("Cookie", "Referer", "User_Agent", "X_Forwarded_For", "X_Real_Ip", "Forwarded", "From", "Via", "Origin")
HEADERS_OF_HTTP = ("If_Match", "If_None_Match", "Accept", "Accept_Language", "Content_Encoding", "Range", "X_Token")


@dataclass
class Hunt:
    """What was issued and what was answered while the canaries were out."""

    server: LiveServer
    issued: set[str] = field(default_factory=set)  # tokens that the service made
    answers: list[str] = field(default_factory=list)  # but for the issuing ones: there the tokens are blotted out
    statuses: set[int] = field(default_factory=set)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """A request; any token in the answer is noted and taken out of what is kept of it."""
        answer = ask(self.server, method, path, body, **headers)
        text = answer.body.decode(errors="replace")
        found = re.findall(r'"(?:accessToken|refreshToken|token)":"([^"]+)"', text)
        self.issued.update(found)
        for token in found:
            text = text.replace(token, "…", 1)
        self.answers.append(f"{answer.headers} {text}")
        self.statuses.add(answer.status)
        return answer


@dataclass
class Singer:
    """Somebody with an account whose password, email and wishes are canaries."""

    hunt: Hunt
    email: str
    headers: dict[str, str]
    refresh_token: str
    ids: dict[str, str]

    def path(self, route: Route) -> str:
        """Of what they own; what is not known here is a canary."""
        return re.sub(r"<(?:text:)?(\w+)>", lambda found: self.ids.get(found[1], SECRET), route.rule)

    def body(self, route: Route) -> dict[str, Any] | None:
        """One with which the request succeeds."""
        known = {
            "password": PASSWORD,
            "currentPassword": PASSWORD,
            "newPassword": f"new {PASSWORD}",
            "refreshToken": self.refresh_token,
            "email": self.email,
            "name": CONTENT,
            "description": CONTENT,
        }
        return {name: known.get(name, value) for name, value in route.body.items()} if route.body else None


def sign_up(hunt: Hunt, number: int) -> Singer:
    email = f"{CONTENT}.{number}@example.com"
    made = hunt.ask("POST", "/v1/auth/register", {"email": email, "password": PASSWORD, "name": CONTENT}).json
    headers = {"Authorization": f"Bearer {made['accessToken']}", "Idempotency_Key": f"key-{number}"}
    bucket = hunt.ask("POST", "/v1/buckets", {"name": CONTENT}, Authorization=headers["Authorization"]).json["id"]
    path = f"/v1/buckets/{bucket}/items"
    item = hunt.ask("POST", path, {"name": CONTENT}, Authorization=headers["Authorization"]).json["id"]
    story, path = {"completes": False, "story": CONTENT}, f"/v1/items/{item}/entries"
    entry = hunt.ask("POST", path, story, Authorization=headers["Authorization"]).json["id"]
    ids = {"bucketId": bucket, "itemId": item, "entryId": entry}
    return Singer(hunt, email, headers, made["refreshToken"], ids)


def send_canaries(hunt: Hunt) -> None:
    """Through every input of every route, right and wrong; by a person for each route, as some routes end a session."""
    for number, route in enumerate(ROUTES):
        singer = sign_up(hunt, number)
        spoil_inputs(singer, route)
        hunt.ask(route.method, singer.path(route), fresh(singer, route), **singer.headers)
        hunt.ask(route.method, singer.path(route), fresh(singer, route), **singer.headers)
    for _, path in PAGES:
        hunt.ask("GET", f"{path}?{CONTENT}={SECRET}", **dict.fromkeys(HEADERS, SECRET))
    for method, path in (("GET", f"/{SECRET}"), ("PUT", f"/v1/{SECRET}"), ("GET", f"/problems/{SECRET}")):
        hunt.ask(method, path, {SECRET: SECRET})
    hunt.ask("GET", "/metrics", Authorization=f"Bearer {SECRET}")
    for broken in (f'{{"password": "{SECRET}', f"{SECRET}: {SECRET}", f'{{"email": "{CONTENT}@example.com" {SECRET}}}'):
        about = ("Content-Type: application/json", f"Content-Length: {len(broken)}", "Connection: close")
        answer = send(hunt.server, head("POST", "/v1/auth/login", *about) + broken.encode())
        hunt.answers.append(answer.decode())
        hunt.statuses.update(statuses(answer))
    send(hunt.server, head(SECRET, f"/{SECRET}", "Connection: close"))
    send(hunt.server, head("GET", f"/{SECRET} {SECRET}", f"{SECRET} : {SECRET}", "Connection: close"))


def fresh(singer: Singer, route: Route) -> dict[str, Any] | None:
    """The body that succeeds; who registers does so under a new email."""
    body = singer.body(route)
    return body | {"email": f"new.{singer.email}"} if body and route.rule == "/v1/auth/register" else body


def spoil_inputs(singer: Singer, route: Route) -> None:
    """Whatever is wrong with a request, what was sent is not told again."""
    hunt, path = singer.hunt, singer.path(route)
    hunt.ask(route.method, path, singer.body(route), Authorization=f"Bearer {SECRET}")
    hunt.ask(route.method, path, singer.body(route), Authorization=f"Basic {SECRET}")
    for name in (*HEADERS, *HEADERS_OF_HTTP):
        hunt.ask(route.method, path, {"wrong": SECRET}, **singer.headers | {name: f'"{SECRET}"'})
    for parameter in ("q", "sort", "limit", "cursor", "state", "unknown"):
        hunt.ask(route.method, f"{path}?{parameter}={SECRET}", {"wrong": SECRET}, **singer.headers)
    for name, value in (route.body or {}).items():
        sent = CONTENT if name in MEANT else f"{SECRET} {value}"
        for wrong in (sent, [sent], {"inner": sent}, f"{sent}\0", sent * 200):
            hunt.ask(route.method, path, {**(singer.body(route) or {}), name: wrong}, **singer.headers)
