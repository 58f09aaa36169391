"""Rate limits, in figures: login attempts and all else that can be guessed or flooded; by account, network, in all.

Nothing that strangers spend keeps the owner of an account out. Whoever comes from a network from which they got in
before meets limits of their own, and is looked at before the count of their network is; so does a session. A secret of
256 bits from a letter is looked up first, and only a miss counts.
"""

import hmac

from bucketlist import config
from bucketlist.kit.queues import Flow
from bucketlist.limits import rate_limits
from bucketlist.limits.networks import Place
from bucketlist.limits.rate_limits import Bounds, Limit
from bucketlist.limits.route_limits import What

WINDOW_SECONDS = 5 * 60
HOUR_SECONDS = 3600
DAY_SECONDS = 24 * 3600

PER_NETWORK = 10  # wrong guesses at anything of one kind, in a window
PER_SESSION = 10  # wrong guesses at the password of whoever is signed in, in a window
IN_ALL = 1000  # by everybody, in a window
WIDER = 5  # times as many from an IPv6 /48 as from a /64
ACCOUNT_FROM_NETWORK = 20  # wrong guesses at one account in an hour, from one network that never got in
ACCOUNT_FROM_STRANGERS = 100  # the same, from all of them
ACCOUNT_FROM_KNOWN = 100  # the same, from one network that got in before
LOG_INS = 60  # that succeed, of an account in a window
LOG_INS_FROM_NETWORK = 300  # the same, from a network, of accounts that it is new to
SIGN_UPS = 100  # in an hour from one network
SIGN_UPS_IN_ALL = 1000  # in an hour
LINKS_FROM_NETWORK = 20  # that are not good, in an hour
RESETS_FROM_NETWORK = 3  # letters with a link to a new password that one network can have sent to an address a day
RESETS = 6  # the same, of all networks that never got in
SPARE_RESETS = 1  # in an hour to an address, past all these, whoever asks
OTHER_LETTERS = 5  # to an address that nobody has confirmed, a day


def of_log_in(email_folded: str, place: Place, *, is_known: bool) -> Bounds:
    """Rate limits of a login. `is_known`: has somebody got into this account from there before?"""
    per_account = Limit(_key("login", "success", email_folded), LOG_INS, WINDOW_SECONDS)
    from_network = _per_network("login", place)
    if is_known:
        hour = [Limit(_of_pair(email_folded, place, is_known=True), ACCOUNT_FROM_KNOWN, HOUR_SECONDS)]
        return Bounds("login", failures=hour, misses=from_network, successes=[per_account])
    failures = [
        Limit(_of_pair(email_folded, place, is_known=False), ACCOUNT_FROM_NETWORK, HOUR_SECONDS),
        Limit(_key("login", "account", email_folded), ACCOUNT_FROM_STRANGERS, HOUR_SECONDS),
        *from_network,
        _in_all("login"),
    ]
    many = Limit(_key("login", "successes", place.network), LOG_INS_FROM_NETWORK, WINDOW_SECONDS)
    return Bounds("login", failures=failures, successes=[per_account, many])


def of_sign_up(email_folded: str, place: Place) -> Bounds:
    """Rate limits of a sign-up, which fails when there is an account already."""
    failures = [
        Limit(_key("register", "account", email_folded), PER_NETWORK, WINDOW_SECONDS),
        *_per_network("register", place),
        _in_all("register"),
    ]
    everybody = Limit(_key("register", "successes", ""), SIGN_UPS_IN_ALL, HOUR_SECONDS)
    return Bounds(
        "register",
        failures=failures,
        successes=[*_per_network("register", place, "successes", SIGN_UPS, HOUR_SECONDS), everybody],
    )


def of_password(session_id: str) -> Bounds:
    """Rate limits of a password, for whoever is signed in: others cannot spend them."""
    return Bounds("password", failures=[Limit(_key("password", "session", session_id), PER_SESSION, WINDOW_SECONDS)])


def of_link(place: Place) -> Bounds:
    """Rate limits of one-time links; one that is good is never refused."""
    return Bounds("link", misses=_per_network("link", place, "network", LINKS_FROM_NETWORK, HOUR_SECONDS))


def of_asking(place: Place) -> list[Limit]:
    """Rate limits of asking for a password reset: each time counts, whoever it is for."""
    return _per_network("forgot", place)


def is_flood_of_asking() -> bool:
    """Global rate limit: do all together ask for more password resets than people do? It counts one more."""
    return not rate_limits.is_within_rate_limit(_in_all("forgot"))


def may_send_reset(email_folded: str, place: Place, *, is_known: bool, is_flood: bool) -> bool:
    """Rate limit of mail: may one more password reset go to an address? It counts, in the transaction that is open.

    One an hour may whatever was asked for before, and in a flood no more than that, so that the owner, whose links may
    have ended or been lost, never waits longer.
    """
    is_in_budget = (is_known or not is_flood) and _may_send_today(email_folded, place, is_known=is_known)
    return is_in_budget or rate_limits.is_within_rate_limit(_spare(email_folded))


def _may_send_today(email_folded: str, place: Place, *, is_known: bool) -> bool:
    pair = _resets_of_pair(email_folded, place, is_known=is_known)
    return rate_limits.is_within_rate_limit(pair) and (
        is_known or rate_limits.is_within_rate_limit(_resets(email_folded))
    )


def may_send_other(email_folded: str) -> bool:
    """Rate limit of mail: may one more go to an address nobody has confirmed? It counts, in the open transaction."""
    return rate_limits.is_within_rate_limit(Limit(_key("forgot", "letter", email_folded), OTHER_LETTERS, DAY_SECONDS))


def forget_account(email_folded: str, place: Place | None) -> None:
    """Reset the rate limits of an account whose owner has just shown who they are, from `place`.

    Of what was sent to a recipient nothing is forgotten: who signs up and leaves again and again must not fill
    somebody's mailbox.
    """
    keys = [_key("login", scope, email_folded) for scope in ("account", "success")]
    keys.append(_key("register", "account", email_folded))
    if place:
        keys += [_of_pair(email_folded, place, is_known=is_known) for is_known in (True, False)]
    rate_limits.reset_attempts(keys)


def forget_resets(email_folded: str, place: Place) -> None:
    """Reset the rate limit of links to an address, as its owner has used one, from `place`."""
    pairs = [_resets_of_pair(email_folded, place, is_known=is_known) for is_known in (True, False)]
    rate_limits.reset_attempts([limit.key for limit in (_resets(email_folded), _spare(email_folded), *pairs)])


def flow_of(person: str, place: Place, *, is_known: bool) -> Flow:
    """The flow (fair queuing) that a hash is of. `is_known`: they got in from there before, or have a good link."""
    return Flow(f"{person}\n{place.network}", place.network, is_known)


def _resets(email_folded: str) -> Limit:
    return Limit(_key("forgot", "recipient", email_folded), RESETS, DAY_SECONDS)


def _spare(email_folded: str) -> Limit:
    return Limit(_key("forgot", "spare", email_folded), SPARE_RESETS, HOUR_SECONDS)


def _resets_of_pair(email_folded: str, place: Place, *, is_known: bool) -> Limit:
    scope = "known" if is_known else "network"
    return Limit(_key("forgot", scope, f"{email_folded}\n{place.network}"), RESETS_FROM_NETWORK, DAY_SECONDS)


def _in_all(what: What) -> Limit:
    return Limit(_key(what, "global", ""), IN_ALL, WINDOW_SECONDS)


def _per_network(
    what: What, place: Place, scope: str = "network", attempts: int = 0, seconds: int = WINDOW_SECONDS
) -> list[Limit]:
    """Of an IPv6 address both its /64 and its /48 count. Without `attempts` it takes `PER_NETWORK`."""
    attempts = attempts or PER_NETWORK
    limits_of = [Limit(_key(what, scope, place.network), attempts, seconds)]
    if place.wider:
        limits_of.append(Limit(_key(what, scope, place.wider), attempts * WIDER, seconds))
    return limits_of


def _of_pair(email_folded: str, place: Place, *, is_known: bool) -> str:
    return _key("login", "known" if is_known else "stranger", f"{email_folded}\n{place.network}")


def _key(what: What, scope: str, name: str) -> str:
    """Hashed with a key, so that the table tells nobody's address: there are not many of IPv4."""
    digest = hmac.digest(config.current().key("attempts"), name.encode(), "sha256")
    return f"{what}:{scope}:{digest.hex()[:32]}"
