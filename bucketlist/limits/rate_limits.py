"""Rate limits: attempts are counted, in the database, by statements that are committed on their own.

So all workers agree, and an attempt that was refused or rolled back still counts. What is right is never counted as a
wrong guess, nor what failed for reasons of ours. How many are taken of what is in `bounds.py`; which route is under
which is declared there, by `route_limits.py`.

Source: OWASP ASVS 5.0 section 6.3.1; draft-ietf-httpapi-ratelimit-headers for the header `RateLimit`.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from bucketlist import config
from bucketlist.auth.errors import EmailTaken, InvitationNeeded, WrongPassword
from bucketlist.kit import clock
from bucketlist.kit.errors import TooManyRequests, Unauthorized
from bucketlist.limits import rate_limit_queries
from bucketlist.limits.rate_limit_queries import Attempts
from bucketlist.limits.route_limits import What, refuse_undeclared

WRONG_GUESSES = (EmailTaken, InvitationNeeded, Unauthorized, WrongPassword)


class Limit(NamedTuple):
    """A rate limit: how many attempts in how many seconds (fixed window) count under a key."""

    key: str
    attempts: int
    seconds: int


class Bounds(NamedTuple):
    """The rate limits of one attempt at something.

    `failures` refuse before anything is looked at, `misses` only who has guessed wrong: nobody who is right is kept out
    by what others spent there. `successes` refuse before as well.
    """

    what: What
    failures: Sequence[Limit] = ()
    misses: Sequence[Limit] = ()
    successes: Sequence[Limit] = ()


@contextmanager
def rate_limited(bounds: Bounds) -> Iterator[None]:
    """What happens inside is an attempt: it fails by one of `WRONG_GUESSES`, succeeds, or breaks and never was.

    Raises: `TooManyRequests` when it is one too many. What is refused does not count, else one network could use up
    the attempts of all.
    """
    before = [*bounds.failures, *bounds.successes]
    check_rate_limit(bounds.what, before)
    try:
        yield
    except WRONG_GUESSES:
        refund_attempt(bounds.successes)
        check_rate_limit(bounds.what, bounds.misses)
        raise
    except BaseException:
        refund_attempt(before)
        raise
    refund_attempt(bounds.failures)


def check_rate_limit(what: What, limits: Sequence[Limit]) -> None:
    """Count one attempt.

    Raises: `TooManyRequests` when it is one too many for one of `limits`; `UndeclaredRateLimit`.
    """
    refuse_undeclared(what)
    if not limits or not config.current().ratelimit_enabled:
        return
    keys, now = [limit.key for limit in limits], clock.now_text()
    over = _over(limits, rate_limit_queries.read_attempts(keys, now), more=1)  # who is refused then writes nothing
    if not over:
        over = _over(limits, rate_limit_queries.count_attempt(_ends(limits), now))
        if over:  # others were quicker
            refund_attempt(limits)
    if over:
        raise _refusal(what, max(over))


def is_within_rate_limit(limit: Limit) -> bool:
    """Is one more within `limit`, a budget of letters? It counts, also when it is not, in the transaction that is open.

    It refuses no request, so no route declares it.
    """
    if not config.current().ratelimit_enabled:
        return True
    return not _over([limit], rate_limit_queries.count_attempt(_ends([limit]), clock.now_text()))


def refund_attempt(limits: Sequence[Limit]) -> None:
    """Refund an attempt, as if it had not been made."""
    if limits and config.current().ratelimit_enabled:
        rate_limit_queries.refund_attempts([limit.key for limit in limits])


def reset_attempts(keys: Sequence[str]) -> None:
    """Reset the attempts: begin to count anew."""
    rate_limit_queries.reset_attempts(keys)


def _ends(limits: Iterable[Limit]) -> dict[str, str]:
    return {limit.key: clock.text_from_now(seconds=limit.seconds) for limit in limits}


def _over(limits: Iterable[Limit], counted: list[Attempts], *, more: int = 0) -> list[str]:
    """When the windows end of those keys that have more attempts than they take, with so many `more`."""
    most = {limit.key: limit.attempts for limit in limits}
    return [row.window_ends_at for row in counted if row.attempt_count + more > most[row.key]]


def _refusal(what: What, window_ends_at: str) -> TooManyRequests:
    seconds = max(1, math.ceil((clock.from_text(window_ends_at) - clock.now()).total_seconds()))
    return TooManyRequests(headers={"Retry-After": str(seconds), "RateLimit": f'"{what}";r=0;t={seconds}'})
