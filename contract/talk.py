"""HTTP client of the contract test: requests by the document's operations, with preconditions and repeats."""

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


class Told(NamedTuple):
    """An answer."""

    status: int
    headers: Mapping[str, str]
    content: bytes


class Talk:
    """Requests of a person, each counted, with the operations that they called."""

    def __init__(self, person: Person) -> None:
        self.person, self.requests, self.called = person, 0, set[str]()
        self._numbers, document = count(), json.loads(person.ask("GET", "/openapi.json").text)
        self._operations = [
            (method.upper(), re.compile(re.sub(r"\{\w+\}", "[^/]+", path)), operation["operationId"])
            for path, operations in document["paths"].items()
            for method, operation in operations.items()
            if method in METHODS
        ]

    def operations(self) -> set[str]:
        return {name for _, _, name in self._operations}

    def new_id(self) -> str:
        """Another UUID each time, the same in each run."""
        return str(uuid.UUID(int=next(self._numbers) + (7 << 76) + (2 << 62) + (0x019ABCDE << 96)))

    def ask(
        self, method: str, path: str, content: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Told:
        """The answer, whatever it is."""
        plain = urlsplit(path).path
        self.called |= {name for of, pattern, name in self._operations if of == method and pattern.fullmatch(plain)}
        self.requests += 1
        token = self.person.access_token
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
        """As a client does that sees no answer the first time: twice, with one key."""
        key = f'"{self.new_id()}"'
        first, again = (self.expect("POST", path, sent, status=201, Idempotency_Key=key) for _ in range(2))
        if first != again:
            raise Broken(f"POST {path} is answered otherwise the second time: {first} and {again}")
        return first

    def change(self, path: str, sent: dict[str, Any]) -> Any:
        """PATCH of what one has seen; of what others have changed since, it is refused."""
        _, headers, _ = self.ask("GET", path)
        self.expect("PATCH", path, sent, status=412, If_Match='"something-else"')
        self.expect("PATCH", path, {}, If_Match=headers["etag"])
        return self.expect("PATCH", path, sent)

    def upload(self, path: str, picture: bytes, caption: str) -> Any:
        parts = [f'name="caption"\r\n\r\n{caption}'.encode(), b'name="file"; filename="a.jpg"\r\n\r\n' + picture]
        start = f"--{BOUNDARY}\r\nContent-Disposition: form-data; ".encode()
        content = b"".join(start + part + b"\r\n" for part in parts) + f"--{BOUNDARY}--\r\n".encode()
        status, _, text = self.ask("POST", path, content, {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"})
        if status != HTTPStatus.CREATED:
            raise Broken(f"A photo sent to {path} is {status}: {text.decode()}")
        return json.loads(text)

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
        body = {"currentPassword": password, "newPassword": password}
        self.expect("PUT", "/v1/auth/password", body, status=204)
        self.expect("PATCH", "/v1/users/me", {"name": "Somebody ✓"})
        for path in ("/healthz", "/readyz"):
            self.expect("GET", path)

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
