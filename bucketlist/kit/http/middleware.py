"""WSGI middleware around every request: a request id, the headers that hold everywhere, one line in the log.

It is outside Flask, so that nothing that Flask answers can leave without it, and a list of headers is quicker than
header objects. The log line is written by hand for the same reason: all that it holds is free of characters that JSON
would have to escape.
"""

import re
import time
from collections.abc import Callable, Iterable
from typing import Any, cast

from bucketlist.kit import log_writer
from bucketlist.kit.clock import now_text
from bucketlist.kit.context import at_work
from bucketlist.kit.db.shares import asking
from bucketlist.kit.http.lingering_close import Lingering, is_coming
from bucketlist.kit.ids import request_ids
from bucketlist.kit.metrics import RequestHistogram

CONTENT_POLICY = (  # CSP, against XSS and clickjacking; a token in each form is against CSRF
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = [
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Vary", "Authorization"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
]
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE"})
KEY = "kit.request_record"

is_sane_id = re.compile(r"[A-Za-z0-9._~+/=-]{1,128}\Z").match

Start = Callable[..., Any]
App = Callable[[dict[str, Any], Start], Iterable[bytes]]


class RequestRecord:
    """A record of one request and its answer, as the access log tells of them."""

    __slots__ = ("is_body_read", "leaves_body", "request_id", "route", "user_id")

    def __init__(self, request_id: str) -> None:
        self.request_id = request_id
        self.route = ""
        self.user_id = ""
        self.is_body_read = False  # to its end
        self.leaves_body = False  # was there one, and nobody has read it?


def request_record(environ: dict[str, Any]) -> RequestRecord:
    return cast("RequestRecord", environ[KEY])


class RequestMiddleware:
    """WSGI middleware around an application, which is at work with its `services` in each request.

    `extra_headers` come beside the usual; a `histogram` counts requests.
    """

    def __init__(
        self,
        app: App,
        *,
        services: object = None,
        extra_headers: Iterable[tuple[str, str]] = (),
        access_log: bool = True,
        histogram: RequestHistogram | None = None,
    ) -> None:
        self._app = app
        self._services = services
        self._histogram = histogram
        self._headers = [*HEADERS, *extra_headers]
        self._access_log = access_log
        self._under_way: dict[RequestRecord, int] = {}
        self.is_closing = False  # is each answer to be the last of its connection, as the server is about to stop?
        self.lingering = Lingering()

    def oldest_start(self) -> float | None:
        """When did the request begin that has been under way for the longest time, in seconds of `perf_counter`?"""
        oldest = min(list(self._under_way.values()), default=None)
        return None if oldest is None else oldest / 1_000_000_000

    def __call__(self, environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        started = time.perf_counter_ns()
        wanted = environ.get("HTTP_X_REQUEST_ID")
        request_id = wanted if wanted is not None and is_sane_id(wanted) else request_ids.next()
        this = environ[KEY] = RequestRecord(request_id)
        status = ""

        def start(status_line: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            nonlocal status
            status = status_line[:3]
            return start_response(status_line, self._complete(headers, this, environ), *rest)

        self._under_way[this] = started
        before = at_work.set(self._services)
        try:
            answer = self._app(environ, start)
        finally:
            del self._under_way[this]
            asking.set(None)
            at_work.reset(before)
        self._observe(this, environ["REQUEST_METHOD"], status, (time.perf_counter_ns() - started) // 1000)
        if this.leaves_body and is_coming(environ):
            return self.lingering.after(answer, environ)
        return answer

    def _observe(self, this: RequestRecord, method: str, status: str, microseconds: int) -> None:
        if method not in METHODS:  # it is what somebody typed, and may be anything
            method = "?"
        if self._histogram is not None:
            self._histogram.count(this.route, method, status, microseconds)
        if self._access_log:
            write_access_line(this, method, status, microseconds)

    def _complete(
        self, headers: list[tuple[str, str]], this: RequestRecord, environ: dict[str, Any]
    ) -> list[tuple[str, str]]:
        """The headers of an answer, with those that hold everywhere."""
        names = {name for name, _ in headers}
        added = [*headers, *self._headers, ("X-Request-Id", this.request_id)]
        if "Cache-Control" not in names:
            added.append(("Cache-Control", "no-store"))
        if "Referrer-Policy" not in names:
            added.append(("Referrer-Policy", "no-referrer"))
        if "Content-Security-Policy" not in names:
            added.append(("Content-Security-Policy", CONTENT_POLICY))
        this.leaves_body = not this.is_body_read and has_body(environ)
        if self.is_closing or this.leaves_body:
            added.append(("Connection", "close"))
        return added


def has_body(environ: dict[str, Any]) -> bool:
    """Does a body come with the request? One that is not read ends its connection, and the client has to know."""
    return environ.get("CONTENT_LENGTH", "0").strip("0") != "" or "HTTP_TRANSFER_ENCODING" in environ


def write_access_line(this: RequestRecord, method: str, status: str, microseconds: int) -> None:
    """A line of the access log. Never a path (it may hold secrets), a query, a body or an address: the rule will do."""
    line = (
        f'{{"time":"{now_text()}","event":"request","id":"{this.request_id}","method":"{method}","route":"{this.route}",'
        f'"status":{status or 500},"microseconds":{microseconds},"user":"{this.user_id}"}}\n'
    )
    log_writer.stderr.write(line.encode())
