"""Route policy: what a route declares of itself, for the guard, the request validation and the OpenAPI document.

It hangs on the view's function, and is found once for each endpoint. What is not declared is closed: a route that says
nothing is for people who are signed in.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class RoutePolicy:
    """Whom a route admits."""

    is_public: bool = False  # without a token
    scope: str = "full"  # that a token has to have at least


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
    """Marks a view that needs no token."""
    return declare(view, is_public=True)


class RoutePolicies(dict[str, RoutePolicy]):
    """Policies by endpoint, each looked up at its first request."""

    def __init__(self, views: Mapping[str, Callable[..., Any]]) -> None:
        """`views` by endpoint, as Flask keeps them; more may be added to it."""
        super().__init__()
        self._views = views

    def __missing__(self, endpoint: str) -> RoutePolicy:
        policy = self[endpoint] = policy_of(self._views[endpoint])
        return policy
