"""Which hosts a request may name: what was sent to a name that is not ours, gets nothing."""

import re
from collections.abc import Collection
from functools import lru_cache

from flask import Flask
from flask.globals import request_ctx

from bucketlist.kit.errors import BadRequest
from bucketlist.kit.hostnames import ascii_host, in_brackets

BY_ADDRESS = frozenset({"/healthz", "/readyz", "/metrics"})  # whoever watches a machine asks it by its address
REMEMBERED = 256

split_port = re.compile(r"(.*?)(?::\d*)?", re.DOTALL).fullmatch


def split_hosts(hosts: str) -> frozenset[str]:
    return frozenset(host.strip() for host in hosts.split(",") if host.strip())


def check_hosts(hosts: str) -> str:
    """A list of hosts, each as browsers send it. Raises: `ValueError` for what is none."""
    return ", ".join(_as_sent(host.strip()) for host in hosts.split(",") if host.strip())


def _as_sent(host: str) -> str:
    is_bracketed = host.startswith("[") and host.endswith("]")
    try:
        return in_brackets(ascii_host(host[1:-1] if is_bracketed else host))
    except ValueError:
        raise ValueError("must be hosts such as lists.example.com or [::1], without a port or a wildcard") from None


def refuse_strange_hosts(app: Flask, hosts: Collection[str]) -> None:
    """Answer no request that names another host than `hosts`, whatever its port; without `hosts`, answer every one."""

    @lru_cache(REMEMBERED)
    def is_ours(header: str | None) -> bool:
        found = split_port(header.lower()) if header is not None else None
        return found is not None and found[1] in hosts

    def check_host() -> None:
        request = request_ctx.request
        if is_ours(request.environ.get("HTTP_HOST")):
            return
        if request.url_rule is None or request.url_rule.rule not in BY_ADDRESS:
            raise BadRequest("This service does not go by the name that the header Host gives.")

    if hosts:
        app.before_request(check_host)
