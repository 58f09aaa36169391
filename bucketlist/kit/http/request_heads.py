"""Header validation: what the head of a request has to be whatever it asks for, of which a server lets more through.

Lines of one header come joined by a comma, as servers hand them on; no name of a host has one.

Source: RFC 9112 section 3.2 (`Host`), RFC 9110 section 10.1.1 (`Expect`).
"""

import re
from functools import lru_cache

from flask import Flask
from flask.globals import request_ctx

from bucketlist.kit.errors import BadRequest, ExpectationFailed

LONGEST_HOST = 300  # a name, brackets and a port
REMEMBERED = 256
BEFORE_HOSTS = ("HTTP/1.0", "HTTP/1")  # versions that do without; granian calls 1.0 so

is_host = lru_cache(REMEMBERED)(
    re.compile(r"(\[[0-9A-Za-z:.%~_-]+\]|[0-9A-Za-z.~%!$&'()*+;=_-]+)(:[0-9]*)?", re.ASCII).fullmatch
)


def refuse_broken_heads(app: Flask) -> None:
    """Validate headers: answer no request whose head is not HTTP as it should be, before anything else is looked at."""

    def check_head() -> None:
        environ = request_ctx.request.environ
        host = environ.get("HTTP_HOST", "")
        if len(host) > LONGEST_HOST or not is_host(host):
            refuse_host(host, environ["SERVER_PROTOCOL"])
        if "HTTP_EXPECT" in environ:
            refuse_expectation(environ["HTTP_EXPECT"])

    app.before_request(check_head)


def refuse_host(host: str, protocol: str) -> None:
    """Raises: `BadRequest`, unless none was sent in a version of HTTP that knows no hosts."""
    if host:
        raise BadRequest("The header Host has to name one host, and at most a port.")
    if protocol not in BEFORE_HOSTS:
        raise BadRequest("The header Host is missing.")


def refuse_expectation(header: str) -> None:
    """Raises: `ExpectationFailed` for whatever is not 100-continue."""
    if any(member.strip().lower() not in ("", "100-continue") for member in header.split(",")):
        raise ExpectationFailed
