"""Attempts at guessing are counted: for one account, for one address, for everybody.

A count is one statement that is committed on its own, so that all workers agree and a refused login still counts.
A success is forgiven: whoever knows the password is never locked out by knowing it.

Source: OWASP ASVS 5.0 section 6.3.1; draft-ietf-httpapi-ratelimit-headers for the header `RateLimit`.
"""

import hashlib
import math
from typing import Literal, NamedTuple

from bucketlist import config
from bucketlist.auth import retry_queries
from bucketlist.auth.retry_queries import Attempts
from bucketlist.kit import clock
from bucketlist.kit.clients import network_of
from bucketlist.kit.errors import TooManyRequests

WINDOW_SECONDS = 5 * 60
DAY_SECONDS = 24 * 3600
HOUR_SECONDS = 3600
PER_ACCOUNT = 10
PER_ADDRESS = 10
GLOBAL = 1000
LETTERS_A_DAY = 5  # that anybody can have sent to an address: links to a new password, letters to strangers
LINKS_AN_HOUR = 20  # that are tried from one address

What = Literal["register", "login", "password", "forgot", "link", "letter"]


class Limit(NamedTuple):
    """How many attempts in how many seconds."""

    attempts: int
    seconds: int


def count_attempt(what: What, address: str, *, account: str) -> None:
    """Raises: `TooManyRequests` when this attempt is one too many for the account, the address or everybody.

    What is refused does not count, else one address could use up the attempts of all, and of any account.
    """
    if not config.current().ratelimit_enabled:
        return
    keys, now = _keys(what, address, account), clock.now_text()
    over = _over(keys, retry_queries.read_attempts(list(keys), now), more=1)  # who is refused then writes nothing
    if not over:
        ends = {key: clock.text_from_now(seconds=limit.seconds) for key, limit in keys.items()}
        over = _over(keys, retry_queries.count_attempt(ends, now))
        if over:  # others were quicker
            retry_queries.forgive_attempt(list(keys))
    if over:
        raise _refusal(what, max(over))


def is_letter_allowed(email_folded: str) -> bool:
    """May one more letter go to an address that nobody has confirmed? It counts, in the unit of work that is open."""
    if not config.current().ratelimit_enabled:
        return True
    ends = {_key("letter", "recipient", email_folded): clock.text_from_now(seconds=DAY_SECONDS)}
    return retry_queries.count_attempt(ends, clock.now_text())[0].attempt_count <= LETTERS_A_DAY


def forgive_attempt(what: What, address: str, *, account: str) -> None:
    """The attempt succeeded, so it does not count."""
    if config.current().ratelimit_enabled:
        retry_queries.forgive_attempt(list(_keys(what, address, account)))


def forget_account(*accounts: str) -> None:
    """Remove what was counted for an account, which is known by its email and by its id.

    What was sent to a recipient stays counted for its day: who signs up and leaves again and again must not fill
    somebody's mailbox.
    """
    email_folded, user_id = accounts
    known_by: dict[What, str] = {"register": email_folded, "login": email_folded, "password": user_id}
    retry_queries.forget_attempts([_key(what, "account", name) for what, name in known_by.items()])


def _keys(what: What, address: str, account: str) -> dict[str, Limit]:
    """Under which keys an attempt counts, and how many each takes; in alphabetical order, so that none deadlock."""
    per_account = {_key(what, "account", account): Limit(PER_ACCOUNT, WINDOW_SECONDS)}
    if what == "forgot":
        per_account = {_key(what, "recipient", account): Limit(LETTERS_A_DAY, DAY_SECONDS)}
    per_address = Limit(LINKS_AN_HOUR, HOUR_SECONDS) if what == "link" else Limit(PER_ADDRESS, WINDOW_SECONDS)
    keys = per_account | {
        _key(what, "address", network_of(address)): per_address,
        _key(what, "global", ""): Limit(GLOBAL, WINDOW_SECONDS),
    }
    return dict(sorted(keys.items()))


def _over(keys: dict[str, Limit], counted: list[Attempts], *, more: int = 0) -> list[str]:
    """When the windows end of those keys that have more attempts than they take, with so many `more`."""
    return [row.window_ends_at for row in counted if row.attempt_count + more > keys[row.key].attempts]


def _key(what: What, scope: str, name: str) -> str:
    """Hashed, so that the table tells nobody's address."""
    return f"{what}:{scope}:{hashlib.sha256(name.encode()).hexdigest()[:32]}"


def _refusal(what: What, window_ends_at: str) -> TooManyRequests:
    seconds = max(1, math.ceil((clock.from_text(window_ends_at) - clock.now()).total_seconds()))
    return TooManyRequests(headers={"Retry-After": str(seconds), "RateLimit": f'"{what}";r=0;t={seconds}'})
