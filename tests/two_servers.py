"""Load balancing between two server processes, a plugin of pytest that SERVERS=2 switches on: `make test-servers`.

Each request of a test goes to one of two servers with ports of their own and one PostgreSQL database in common. Which,
is chance, by SEED, which is printed, and by the test's name, so that a test chooses alike in any order. What a test has
changed in its process goes with each request (`tests/obedient_server.py`) as far as it can. A test that could not mean
the same is left out, with its reason: one with the mark `in_process`, and what `why_left_out` and `Balancer` find.
"""

import os
import pickle
import random
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, suppress
from http.client import HTTPConnection
from io import BytesIO
from pathlib import Path
from string import punctuation
from tempfile import TemporaryDirectory
from threading import Lock
from types import ModuleType
from typing import Any
from urllib.parse import quote

import pytest
import time_machine

from bucketlist.kit.http.middleware import Start
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.limits.quotas import Quota
from bucketlist.server.granian import MAX_HEAD_BYTES
from bucketlist.services import services_of
from tests.obedient_server import HEADER, Orders
from tests.patience import LONG
from tests.servers import start_server
from tests.sources import TESTS

NAME = "asked of two servers"
OWN_HEADERS = {"Date", "Server", "Transfer-Encoding"}  # of an answer: the HTTP server's, not the application's
SPELLINGS = {"etag": "ETag", "www-authenticate": "WWW-Authenticate"}  # names come in lower case
IN_PATH = "/:@!$&'()*+,;=-._~"
READING = {"capfd", "capsys", "caplog"}

is_wanted = os.environ.get("SERVERS") == "2"


def why_left_out(test: pytest.Item) -> str:
    """Nothing for a test of what no other process could know of."""
    mark = test.get_closest_marker("in_process")
    if mark:
        return str(mark.args[0])
    return "reads the log of this process" if READING & set(getattr(test, "fixturenames", ())) else ""


class TwoServers:
    """The plugin: it chooses the tests, knows which one runs, has the servers, and reports."""

    def __init__(self) -> None:
        self.seed = os.environ.setdefault("SEED", str(random.randrange(10**6)))  # of all processes of the run
        self.patch = pytest.MonkeyPatch()
        self._stack, self._ports = ExitStack(), list[int]()
        self._chance, self._asked = random.Random(), [0, 0]
        self._choosing = Lock()

    def pytest_report_header(self) -> str:
        return f"two servers, one PostgreSQL database: SERVERS=2 SEED={self.seed}"

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Those that ask the application; on SQLite are only those that `tests/conftest.py` does not have otherwise."""
        chosen = [item for item in items if "migrated_app" in getattr(item, "fixturenames", ())]
        config.hook.pytest_deselected(items=[item for item in items if item not in set(chosen)])
        items[:] = chosen

    @pytest.fixture
    def monkeypatch(self) -> Iterator[pytest.MonkeyPatch]:
        """That of pytest, which is known here."""
        with pytest.MonkeyPatch.context() as self.patch:
            yield self.patch

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        self._chance, self._asked = random.Random(f"{self.seed} {item.nodeid}"), [0, 0]
        item.user_properties.append((NAME, self._asked))
        if why := why_left_out(item):
            pytest.skip(why)

    def pytest_sessionfinish(self) -> None:
        self._stack.close()

    def choose(self) -> int:
        """The port of the one or the other."""
        with self._choosing:
            while len(self._ports) < 2:
                self._ports.append(self._start())
            number = self._chance.randrange(2)
            self._asked[number] += 1
            return self._ports[number]

    def _start(self) -> int:
        folder = Path(self._stack.enter_context(TemporaryDirectory(prefix="bucketlist-server-")))
        command = (sys.executable, "-m", "tests.obedient_server", "serve")
        return self._stack.enter_context(start_server(folder, *command, PYTHONPATH=str(TESTS.parent))).port

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        passed, left_out = (terminalreporter.getreports(how) for how in ("passed", "skipped"))
        asked = [numbers for one in passed for name, numbers in one.user_properties if name == NAME]
        none, one, both = (sum(bool(first) + bool(second) == many for first, second in asked) for many in range(3))
        requests = " and ".join(str(sum(numbers)) for numbers in zip(*asked, strict=True))
        terminalreporter.section("two servers")
        terminalreporter.line(f"Of the tests that pass {both} asked both, {one} one, {none} none: {requests} requests.")
        terminalreporter.line(f"{len(left_out)} are left out:")
        for why, count in Counter(one.longrepr[2].removeprefix("Skipped: ") for one in left_out).most_common():
            terminalreporter.line(f"{count:5} {why}")


plugin = TwoServers() if is_wanted else None


def balanced(app: ApiApp) -> ApiApp:
    """The application, or two servers in its place where they are wanted."""
    if plugin:
        app.wsgi_app = Balancer(app, plugin)  # type: ignore[method-assign]  # as Flask's documentation has it
    return app


class Balancer:
    """WSGI application that asks a server for each answer."""

    def __init__(self, app: ApiApp, servers: TwoServers) -> None:
        self._services, self._servers = services_of(app), servers
        self._settings = pickle.dumps(self._services.settings)

    def __call__(self, environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        if self._services.database.on_execute:
            pytest.skip("looks at the statements of this process")
        if not can_be_sent(environ):
            pytest.skip("asks what no client can send, or no server reads to its end")
        orders = Orders(self._settings, environ["REMOTE_ADDR"], moment(), tuple(replaced(self._servers.patch)))
        return exchange(self._servers.choose(), environ, orders, start_response)


def moment() -> tuple[int, bool] | None:
    """That of the test's clock, if it has one."""
    stack = time_machine.traveller_stack
    return (stack[-1].time_ns(), stack[-1]._tick) if stack else None


def replaced(patch: pytest.MonkeyPatch) -> Iterator[tuple[str, str, object]]:
    """The numbers that a test has put in the place of ours. Raises: `Skipped` where it is something else."""
    for place, name, _ in patch._setattr:
        value = getattr(place, name)
        if not isinstance(place, ModuleType) or not isinstance(value, int | float | Quota):
            pytest.skip("puts something in the place of a function or an object")
        yield place.__name__, name, value.most if isinstance(value, Quota) else value
    if any(mapping is not os.environ for mapping, _, _ in patch._setitem):
        pytest.skip("puts something in the place of a function or an object")


def can_be_sent(environ: dict[str, Any]) -> bool:
    """Is it a request of HTTP/1.1 whose body is as long as it says, without a NUL in a header (RFC 9110 5.5)?"""
    stream = environ["wsgi.input"]
    if environ["SERVER_PROTOCOL"] != "HTTP/1.1" or not environ["REMOTE_ADDR"] or not isinstance(stream, BytesIO):
        return False
    if sum(len(value) for value in environ.values() if isinstance(value, str)) > MAX_HEAD_BYTES / 2:
        return False
    if any("\0" in value for _, value in headers_of(environ)):
        return False
    if "HTTP_TRANSFER_ENCODING" in environ:
        return environ["HTTP_TRANSFER_ENCODING"] == "chunked" and not environ.get("CONTENT_LENGTH")
    return str(environ.get("CONTENT_LENGTH") or 0) == str(len(stream.getbuffer()) - stream.tell())


def exchange(port: int, environ: dict[str, Any], orders: Orders, start_response: Start) -> Iterable[bytes]:
    """Send the request over the wire, on a connection of its own."""
    body = environ["wsgi.input"].read()
    path = quote(environ["PATH_INFO"].encode("latin-1"), safe=IN_PATH)
    query = quote(environ["QUERY_STRING"].encode("latin-1"), safe=punctuation)  # as it is, but for what is not ASCII
    with closing(HTTPConnection("127.0.0.1", port, timeout=LONG)) as connection:
        connection.putrequest(
            environ["REQUEST_METHOD"], f"{path}?{query}" if query else path, skip_host=True, skip_accept_encoding=True
        )
        for name, value in headers_of(environ):
            connection.putheader(name, value.encode("latin-1"))
        connection.putheader(HEADER, orders.as_header())
        with suppress(BrokenPipeError, ConnectionResetError):  # a body that is too large is not read, but answered
            connection.endheaders(body, encode_chunked="HTTP_TRANSFER_ENCODING" in environ)
        response = connection.getresponse()
        found = [(SPELLINGS.get(name, name.title()), value) for name, value in response.getheaders()]
        kept = [header for header in found if header[0] not in OWN_HEADERS]
        start_response(f"{response.status} {response.reason}", kept)
        return [response.read()]


def headers_of(environ: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in environ.items():
        if key.startswith("HTTP_"):
            yield key[5:].replace("_", "-").title(), value
        elif key in ("CONTENT_TYPE", "CONTENT_LENGTH") and value != "":
            yield key.replace("_", "-").title(), str(value)
