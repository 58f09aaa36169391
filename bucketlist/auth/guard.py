"""Authentication before every route: no bearer token, no entry, whatever else is wrong with the request.

It looks at the header only. That the token still lives is part of the statement that fetches the data.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Literal, NamedTuple, cast

from flask import Flask, Request, g
from flask.globals import request_ctx

from bucketlist.auth import token_queries
from bucketlist.auth.actor import Actor, Scope
from bucketlist.auth.cookie_sessions import CookieSessions
from bucketlist.auth.errors import InsufficientScope
from bucketlist.auth.personal_tokens import PREFIX, PersonalTokens
from bucketlist.auth.tokens import AccessTokens
from bucketlist.kit.db.shares import asking
from bucketlist.kit.errors import Unauthorized, Unavailable
from bucketlist.kit.http.middleware import request_record
from bucketlist.kit.http.proxies import ProxyHint
from bucketlist.kit.http.requests import refuse_large_body
from bucketlist.kit.http.route_policy import RoutePolicies, View, declare


def requires_scope(scope: Literal["read", "write"]) -> Callable[[View], View]:
    """Opens a view to personal tokens of this scope, too. Without it, it is for a person who is signed in."""
    return lambda view: declare(view, scope=scope)


class Guard(NamedTuple):
    """What the guard reads who asks from: access tokens, those of scripts, and where a route says so, cookies."""

    tokens: AccessTokens
    personal_tokens: PersonalTokens
    cookies: CookieSessions
    cookie_name: str
    proxies: ProxyHint

    def identify(self, request: Request, *, is_cookie: bool) -> Actor:
        """Who asks. Raises: `Unauthorized`."""
        if is_cookie:
            return read_cookie(self.cookies, request.cookies.get(self.cookie_name))
        token = read_bearer(request.environ.get("HTTP_AUTHORIZATION"))
        return _read_personal(self.personal_tokens, token) if token.startswith(PREFIX) else self.tokens.read(token)


def guard(app: Flask, by: Guard) -> None:
    """Authenticate: put the guard before every route of `app`, closed as far as its policy does not open it."""
    policies = RoutePolicies(app.view_functions)

    def authenticate_request() -> None:
        request = request_ctx.request  # once: the proxy costs as much as the checks
        rule = request.url_rule
        if rule is None:  # 404 and 405 come first, and Flask raises them next
            return
        environ = request.environ
        this = request_record(environ)
        this.route = rule.rule
        by.proxies.look(environ)
        if request.method == "OPTIONS" and getattr(rule, "provide_automatic_options", False):  # Flask answers it
            return
        policy = policies[rule.endpoint]
        if not policy.is_public:
            g.actor = actor = by.identify(request, is_cookie=policy.by_cookie)
            this.user_id = actor.user_id
            asking.set(actor.user_id)
            if actor.scope != "full":
                refuse_small_scope(actor.scope, policy.scope)
        if policy.most_bytes is not None:
            refuse_large_body(environ, policy.most_bytes)

    app.before_request(authenticate_request)


def _read_personal(personal_tokens: PersonalTokens, token: str) -> Actor:
    actor = personal_tokens.read(token)
    if personal_tokens.is_note_due(actor):
        with suppress(Unavailable):  # on a full disk one can still read
            token_queries.note_use(actor)
    return actor


def read_cookie(cookies: CookieSessions, cookie: str | None) -> Actor:
    """Who the cookie speaks for; that the session was used is noted. Raises: `Unauthorized`."""
    actor = cookies.read(cookie)
    if cookies.is_note_due(actor):
        with suppress(Unavailable):
            token_queries.keep_session(actor)
    return actor


def refuse_small_scope(scope: Scope, required: str) -> None:
    """The scope of a personal token is held against that of the route: `write` reads as well, neither is `full`.

    Raises: `InsufficientScope`.
    """
    if required not in ("read", "write"):
        raise InsufficientScope("This is for a person who is signed in; a personal token may not do it.")
    if required == "write" and scope != "write":
        raise InsufficientScope


def read_bearer(header: str | None) -> str:
    """The bearer token of the header `Authorization`. Raises: `Unauthorized`."""
    if header is None:
        raise Unauthorized
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthorized
    return token.strip(" ")


def person_if_any(tokens: AccessTokens) -> Actor | None:
    """Optional authentication: who asks, when an access token came along. Raises: `Unauthorized` for a bad one."""
    header = request_ctx.request.environ.get("HTTP_AUTHORIZATION")
    return None if header is None else tokens.read(read_bearer(header))


def actor() -> Actor:
    """The current user (principal): who asks in this request; there is always one behind the guard."""
    return cast("Actor", g.actor)
