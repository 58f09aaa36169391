"""Rate limits of a route: a view declares by name which of them it is under, and nothing else can be counted in it.

It is the service that counts, as it knows whose account an attempt is at. The names are those of the policies in the
header `RateLimit`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Literal, ParamSpec, TypeVar

from bucketlist.kit.http.route_policy import View, declare

What = Literal["register", "login", "password", "forgot", "link"]

P = ParamSpec("P")
T = TypeVar("T")

_declared: ContextVar[tuple[What, ...]] = ContextVar("declared", default=())


class UndeclaredRateLimit(Exception):
    """A mistake of ours: something is counted that the route at work does not tell of."""


def rate_limited_by(*policies: What) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Declares the rate limits that a view is under."""

    def decorate(view: Callable[P, T]) -> Callable[P, T]:
        @wraps(view)
        def answer(*args: P.args, **parts: P.kwargs) -> T:
            with counting(*policies):
                return view(*args, **parts)

        return declare(answer, rate_limits=policies)

    return decorate


def not_rate_limited(because: str) -> Callable[[View], View]:
    """Declares why a view that takes a secret is under no rate limit."""
    return lambda view: declare(view, unlimited_because=because)


@contextmanager
def counting(*policies: What) -> Iterator[None]:
    """Allow rate limits: what happens inside may be counted under these, and no others."""
    token = _declared.set(policies)
    try:
        yield
    finally:
        _declared.reset(token)


def refuse_undeclared(policy: What) -> None:
    """Raises: `UndeclaredRateLimit` unless the route at work has declared it."""
    if policy not in _declared.get():
        raise UndeclaredRateLimit(f"No “rate_limited_by” of this route names “{policy}”.")
