"""HTTP client of the contract test: requests by the document's operations, with preconditions and repeats.

A third of the writes are made with a personal token, as a script of the same person would.
"""

import json
import re
import uuid
from collections.abc import Mapping
from email.message import Message
from http import HTTPStatus
from itertools import count
from typing import Any, NamedTuple
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from contract.fuzzing import Broken
from contract.people import JSON, Person
from tests.patience import LONG

METHODS = ("get", "post", "put", "patch", "delete")
BOUNDARY = "a-life"
SELDOM = 16  # how often a create is tried with a key, or an id, that is taken


class Told(NamedTuple):
    """An answer."""

    status: int
    headers: Mapping[str, str]
    content: bytes


class Talk:
    """Requests of a person, each counted, with the operations that they called, and with success."""

    def __init__(self, person: Person) -> None:
        self.person, self.requests, self.called = person, 0, set[str]()
        self.session_id, self.is_script, self._script = "", False, {"id": "", "token": ""}
        self._seen: dict[str, str] = {}  # what was an ETag, by path
        self._numbers, self._creates, document = count(), count(1), json.loads(person.ask("GET", "/openapi.json").text)
        self._operations: list[tuple[str, re.Pattern[str], str]] = [
            (method.upper(), re.compile(re.sub(r"\{\w+\}", "[^/]+", path)), operation["operationId"])
            for path, operations in sorted(document["paths"].items(), key=lambda each: each[0].count("{"))
            for method, operation in operations.items()
            if method in METHODS
        ]  # an address without parameters is found before one that has them

    def operations(self) -> set[str]:
        return {name for _, _, name in self._operations}

    def new_id(self) -> str:
        """Another UUID each time, the same in each run."""
        return str(uuid.UUID(int=next(self._numbers) + (7 << 76) + (2 << 62) + (0x019ABCDE << 96)))

    def ask(
        self, method: str, path: str, content: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Told:
        """The answer, whatever it is."""
        told = self._send(method, path, content, headers)
        self.requests += 1
        if told.status < HTTPStatus.BAD_REQUEST:
            self.called.add(self._operation(method, urlsplit(path).path))
        return told

    def _operation(self, method: str, path: str) -> str:
        """Raises: `Broken` for what the document does not have."""
        for of, pattern, name in self._operations:
            if of == method and pattern.fullmatch(path):
                return name
        raise Broken(f"{method} {path} is not in the document, and answered")

    def _send(self, method: str, path: str, content: bytes | None, headers: Mapping[str, str] | None) -> Told:
        token = self._script["token"] if self.is_script else self.person.access_token
        named = ({"Authorization": f"Bearer {token}"} if token else {}) | dict(headers or {})
        try:
            with urlopen(Request(self.person.url + path, content, named, method=method), timeout=LONG) as answer:
                return Told(answer.status, _by_name(answer.headers), answer.read())
        except HTTPError as error:
            return Told(error.code, _by_name(error.headers), error.read())

    def expect(self, method: str, path: str, body: Any = None, *, status: int = 200, **headers: str) -> Any:
        """The JSON of an answer. Raises: `Broken` when its status is another."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        named |= {"Content-Type": JSON} if body is not None else {}
        content = None if body is None else json.dumps(body).encode()
        found, _, text = self.ask(method, path, content, named)
        if found != status:
            raise Broken(f"{method} {path} with {body} is {found} and not {status}: {text.decode()}")
        return json.loads(text) if text else None

    def create(self, path: str, sent: dict[str, Any]) -> Any:
        """Every other time as a client does that sees no answer the first time: twice, with one key."""
        key, number = f'"{self.new_id()}"', next(self._creates)
        first = self.expect("POST", path, sent, status=201, Idempotency_Key=key)
        again = self.expect("POST", path, sent, status=201, Idempotency_Key=key) if number % 2 else first
        if first != again:
            raise Broken(f"POST {path} is answered otherwise the second time: {first} and {again}")
        if number % SELDOM == 0:
            self._be_refused(path, sent | {"id": first["id"]}, key)
        return first

    def _be_refused(self, path: str, sent: dict[str, Any], key: str) -> None:
        """A key is of one request, an id of one thing."""
        reused = self.expect("POST", path, sent | {"id": self.new_id()}, status=422, Idempotency_Key=key)
        taken = self.expect("POST", path, sent, status=409)
        if (reused["code"], taken["code"]) != ("idempotency_key_reused", "id_taken"):
            raise Broken(f"POST {path} with what was used before is {reused['code']} and {taken['code']}")

    def change(self, path: str, sent: dict[str, Any]) -> Any:
        return self.write("PATCH", path, sent)

    def write(self, method: str, path: str, sent: dict[str, Any] | None = None, *, status: int = 200) -> Any:
        """A change of what one has seen; of what was changed since one saw it, it is refused."""
        now = self.ask("GET", path).headers["etag"]
        before = self._seen.get(path, now)
        self.expect(method, path, sent, status=412, If_Match=before if before != now else '"something-else"')
        self._seen[path] = now
        return self.expect(method, path, sent, status=status, If_Match=now)

    def restore(self, trash_id: str) -> Any:
        """Twice as well."""
        path, key = f"/v1/trash/{trash_id}/restore", self.new_id()
        first, again = (self.expect("POST", path, Idempotency_Key=key) for _ in range(2))
        if first != again:
            raise Broken(f"POST {path} is answered otherwise the second time: {first} and {again}")
        return first

    def upload(self, path: str, picture: bytes, caption: str) -> Any:
        """Twice, with one key, which is of this picture and no other."""
        key = self.new_id()
        told = [self._send_form(path, each, caption, key) for each in (picture, picture, picture + b"\0")]
        if [each.status for each in told] != [201, 201, 422] or told[0].content != told[1].content:
            raise Broken(f"A photo sent to {path} three times is {told}")
        return json.loads(told[0].content)

    def _send_form(self, path: str, picture: bytes, caption: str, key: str) -> Told:
        parts = [f'name="caption"\r\n\r\n{caption}'.encode(), b'name="file"; filename="a.jpg"\r\n\r\n' + picture]
        start = f"--{BOUNDARY}\r\nContent-Disposition: form-data; ".encode()
        content = b"".join(start + part + b"\r\n" for part in parts) + f"--{BOUNDARY}--\r\n".encode()
        named = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}", "Idempotency-Key": key}
        return self.ask("POST", path, content, named)

    def read_bytes(self, path: str) -> bytes:
        """In two parts, as a player of films does."""
        sizes = [self.ask("GET", path, headers={"Range": asked}) for asked in ("bytes=0-99", "bytes=100-")]
        if [status for status, _, _ in sizes] != [HTTPStatus.PARTIAL_CONTENT] * 2:
            raise Broken(f"GET {path} in parts is {[status for status, _, _ in sizes]}")
        return b"".join(part for _, _, part in sizes)

    def pages(self, path: str, kind: str) -> list[Any]:
        """All of a list, page by page; `next` is an address."""
        found, following = [], path
        while following:
            page = self.expect("GET", following)
            found += page[kind]
            following = page["next"]
        return found

    def sign_up(self) -> None:
        """And everything that an account can do with itself."""
        credentials = self.person.credentials
        self.expect("POST", "/v1/auth/register", credentials, status=201)
        pair = self.expect("POST", "/v1/auth/login", credentials)
        pair = self.expect("POST", "/v1/auth/refresh", {"refreshToken": pair["refreshToken"]})
        self.person.access_token = pair["accessToken"]
        self.expect("DELETE", "/v1/auth/sessions", status=204)
        (session,) = self.pages("/v1/auth/sessions", "sessions")
        self.expect("DELETE", f"/v1/auth/sessions/{session['id']}", status=204)
        self.person.sign_in()
        password = credentials["password"]
        token = {"name": "Script", "scope": "read", "currentPassword": password}
        self.expect("POST", "/v1/auth/tokens", token, status=201)
        (made,) = self.pages("/v1/auth/tokens", "tokens")
        self.expect("DELETE", f"/v1/auth/tokens/{made['id']}", status=204)
        self._script = self.expect("POST", "/v1/auth/tokens", token | {"scope": "write"}, status=201)
        (session,) = self.pages("/v1/auth/sessions", "sessions")
        self.session_id = session["id"]
        body = {"currentPassword": password, "newPassword": password}
        self.expect("PUT", "/v1/auth/password", body, status=204)
        self.expect("PATCH", "/v1/users/me", {"name": "Somebody ✓"})
        for path in ("/healthz", "/readyz"):
            self.expect("GET", path)

    @property
    def hand(self) -> tuple[str | None, str | None]:
        """By which session or personal token requests are made now."""
        return (None, self._script["id"]) if self.is_script else (self.session_id, None)

    def leave(self) -> None:
        """Sign out, in again, and delete the account: nothing is left that could let anybody in."""
        if self.expect("GET", "/v1/users/me")["storageBytes"] < 0:
            raise Broken("Storage is less than nothing")
        self.expect("POST", "/v1/auth/logout", status=204)
        self.person.sign_in()
        self.expect("DELETE", "/v1/users/me", {"password": self.person.credentials["password"]}, status=204)
        self.expect("POST", "/v1/auth/login", self.person.credentials, status=401)


def _by_name(headers: Message) -> dict[str, str]:
    """Headers by their names, in small letters."""
    return {name.lower(): value for name, value in headers.items()}
