"""Raw HTTP: requests as they go over the wire, well-formed or not."""

import http.client
import json
import re
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from typing import Any

from tests.patience import LONG
from tests.servers import LiveServer

PASSWORD = "a long walk by the sea"

_numbers = count(1)


@dataclass
class Answer:
    """What came back; the names of headers are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Visitor:
    """Somebody with an account on a server, who makes a new connection for each request."""

    server: LiveServer
    email: str
    token: str

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        return ask(self.server, method, path, body, Authorization=f"Bearer {self.token}", **headers)


def ask(server: LiveServer, method: str, path: str, body: Any = None, **headers: str) -> Answer:
    """One request on a connection of its own; `Content_Type="…"` is the header Content-Type."""
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=LONG)) as connection:
        return ask_on(connection, method, path, body, **headers)


def ask_on(connection: http.client.HTTPConnection, method: str, path: str, body: Any = None, **headers: str) -> Answer:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if body is not None:
        sent.setdefault("Content-Type", "application/json")
    connection.request(method, path, json.dumps(body) if body is not None else None, sent)
    with connection.getresponse() as response:
        found = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, found, response.read())


def sign_up(server: LiveServer, email: str | None = None) -> Visitor:
    """A new account, signed in."""
    email = email or f"visitor{next(_numbers)}@example.com"
    answer = ask(server, "POST", "/v1/auth/register", {"email": email, "password": PASSWORD})
    assert answer.status == 201, answer.body
    return Visitor(server, email, answer.json["accessToken"])


@contextmanager
def connect(server: LiveServer, seconds: float = LONG) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", server.port), timeout=seconds) as connection:
        yield connection


def send(server: LiveServer, request: bytes, seconds: float = LONG) -> bytes:
    """Everything that comes back until the server closes the connection; an error of the network ends it too."""
    with connect(server, seconds) as connection:
        with suppress(OSError):  # when it would not read on it may still have said why
            connection.sendall(request)
        return receive_all(connection)


def receive_all(connection: socket.socket) -> bytes:
    received = b""
    with suppress(ConnectionError):
        while part := connection.recv(65536):
            received += part
    return received


def statuses(received: bytes) -> list[int]:
    """The status of every response in what came back."""
    return [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d{3})", received)]


def head(method: str, path: str, *headers: str) -> bytes:
    """The beginning of a request, up to and with the empty line."""
    return "\r\n".join((f"{method} {path} HTTP/1.1", "Host: bucketlist.example.com", *headers, "", "")).encode()
