"""Route policy: what a route declares of itself, for the guard, the request validation and the OpenAPI document.

It hangs on the view's function, and is found once for each endpoint. What is not declared is closed: a route that says
nothing is for people who are signed in, and reads no body.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class RoutePolicy:
    """A route policy: whom a route admits, how often, and what it takes of them."""

    is_public: bool = False  # without a token
    by_cookie: bool = False  # is it a cookie that says who asks, and never a token?
    any_host: bool = False  # in the header Host
    scope: str = "full"  # that a token has to have at least
    rate_limits: tuple[str, ...] = ()  # names of policies
    unlimited_because: str = ""  # why there are none where a secret can be guessed at
    media_types: tuple[str, ...] = ()  # of a body
    most_bytes: int | None = None  # of a body; None where none is read, so that none is too large
    ignores_input: bool = False


CLOSED = RoutePolicy()


def policy_of(view: Callable[..., Any]) -> RoutePolicy:
    """What `view` declares; nothing, if it says nothing."""
    found: RoutePolicy = getattr(view, "policy", CLOSED)
    return found


def declare(view: View, **policy: Any) -> View:
    """`view`, with so much more in its policy. What wraps it in the way of `functools.wraps` has the policy as well."""
    view.policy = replace(policy_of(view), **policy)  # type: ignore[attr-defined]  # functions take attributes
    return view


def public(view: View) -> View:
    """Anonymous access: marks a view that needs no token."""
    return declare(view, is_public=True)


def by_cookie(view: View) -> View:
    """Marks a view for people in a browser, whom a cookie names. Without it, no cookie is looked at."""
    return declare(view, by_cookie=True)


def any_host(view: View) -> View:
    """Marks a view without a check of trusted hosts: whoever watches a machine asks it by its address."""
    return declare(view, any_host=True)


def accepts(*media_types: str) -> Callable[[View], View]:
    """Declares the media types of a body, such as `text/csv`. Without it, a schema is read from JSON."""
    return lambda view: declare(view, media_types=media_types)


def body_limit(most_bytes: int) -> Callable[[View], View]:
    """Declares the body limit: how large one may be. Without it, as large as the schema of its view can take."""
    return lambda view: declare(view, most_bytes=most_bytes)


def ignores_input(view: View) -> View:
    """Marks a view that passes over every query and every body, as those do that programs ask of their own accord."""
    return declare(view, ignores_input=True)


class RoutePolicies(dict[str, RoutePolicy]):
    """Policies by endpoint, each looked up at its first request."""

    def __init__(self, views: Mapping[str, Callable[..., Any]]) -> None:
        """`views` by endpoint, as Flask keeps them; more may be added to it."""
        super().__init__()
        self._views = views

    def __missing__(self, endpoint: str) -> RoutePolicy:
        policy = self[endpoint] = policy_of(self._views[endpoint])
        return policy
