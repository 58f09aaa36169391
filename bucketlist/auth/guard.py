"""The front door of every /v1 route: no token, no entry, whatever else is wrong with the request.

It looks at the header only. That the token still lives is part of the statement that fetches the data.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from flask import Flask, g
from flask.globals import request_ctx

from bucketlist.auth.actor import Actor
from bucketlist.auth.tokens import AccessTokens
from bucketlist.kit.envelope import exchange
from bucketlist.kit.errors import Unauthorized
from bucketlist.kit.http import refuse_large_body

View = TypeVar("View", bound=Callable[..., Any])


def public(view: View) -> View:
    """Marks a /v1 view that needs no token."""
    view.is_public = True  # type: ignore[attr-defined]  # functions take attributes; the guard and the document read it
    return view


def guard(app: Flask, tokens: AccessTokens) -> None:
    """Put the guard before every route of `app`."""

    def stand_at_the_door() -> None:
        request = request_ctx.request  # once: the proxy costs as much as the checks
        rule = request.url_rule
        if rule is None:  # 404 and 405 come first, and Flask raises them next
            return
        environ = request.environ
        this = exchange(environ)
        this.route = rule.rule
        if not rule.rule.startswith("/v1") or request.method == "OPTIONS":
            return
        if not getattr(app.view_functions[rule.endpoint], "is_public", False):
            g.actor = actor = identify(environ.get("HTTP_AUTHORIZATION"), tokens)
            this.user_id = actor.user_id
        refuse_large_body(environ)

    app.before_request(stand_at_the_door)


def identify(header: str | None, tokens: AccessTokens) -> Actor:
    """Who the header `Authorization` speaks for. Raises: `Unauthorized`."""
    if header is None:
        raise Unauthorized
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthorized
    return tokens.read(token.strip(" "))


def actor() -> Actor:
    """Who asks in this request; there is always one behind the guard."""
    return cast("Actor", g.actor)
