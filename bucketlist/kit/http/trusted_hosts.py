"""Trusted hosts (`Host` header validation): what was sent to a name that is not ours, gets nothing."""

import re
from collections.abc import Collection
from functools import lru_cache

from flask import Flask
from flask.globals import request_ctx

from bucketlist.kit.errors import BadRequest
from bucketlist.kit.http.route_policy import policy_of

REMEMBERED = 256

split_port = re.compile(r"(.*?)(?::\d*)?", re.DOTALL).fullmatch


def refuse_strange_hosts(app: Flask, hosts: Collection[str]) -> None:
    """Check `Host`: answer no request that names none of `hosts`, whatever its port, but for routes of `any_host`.

    Without `hosts`, answer every one.
    """

    @lru_cache(REMEMBERED)
    def is_ours(header: str | None) -> bool:
        found = split_port(header.lower()) if header is not None else None
        return found is not None and found[1] in hosts

    def check_host() -> None:
        request = request_ctx.request
        if is_ours(request.environ.get("HTTP_HOST")):
            return
        rule = request.url_rule
        if rule is None or not policy_of(app.view_functions[rule.endpoint]).any_host:
            raise BadRequest("This service does not go by the name that the header Host gives.")

    if hosts:
        app.before_request(check_host)
