"""Known networks: from where an account was got into before, by a password or a link.

Whoever comes from there again is not kept out by what strangers spend. Addresses are kept as keyed hashes, for 90 days
since they were last used.
"""

import hmac
from ipaddress import IPv6Network
from typing import NamedTuple

from bucketlist import config
from bucketlist.kit import clock
from bucketlist.kit.http.clients import network_of
from bucketlist.kit.ids import NO_ID
from bucketlist.limits import network_queries

KEPT_DAYS = 90
NOTED_AFTER_DAYS = 1  # or every log-in would write
MOST = 20  # of one account
WIDER_BITS = 48  # of an IPv6 address: what one customer of a provider may have


class Place(NamedTuple):
    """The network that a request comes from: an IPv4 address or an IPv6 /64; and the /48 around that."""

    network: str
    wider: str | None


def place_of(address: str) -> Place:
    """`address` is the client's, in one spelling."""
    network = network_of(address)
    if "/" not in network:
        return Place(network, None)
    return Place(network, str(IPv6Network(network).supernet(new_prefix=WIDER_BITS)))


def is_known(user_id: str | None, place: Place) -> bool:
    """Has somebody got into this account from there before? For an account that does not exist it takes as long."""
    return network_queries.is_known(user_id or NO_ID, _hash(place), clock.now_text())


def remember(user_id: str, place: Place) -> None:
    """Somebody has got in from there. Part of the transaction that let them in."""
    expires_at = clock.text_from_now(days=KEPT_DAYS)
    noted_before = clock.text_from_now(days=KEPT_DAYS - NOTED_AFTER_DAYS)
    if network_queries.remember(user_id, _hash(place), expires_at, noted_before):
        network_queries.forget_oldest(user_id, MOST)


def forget_all(user_id: str) -> None:
    """Forget all known networks: nobody who got in before was shown to be the owner."""
    network_queries.forget_all(user_id)


def _hash(place: Place) -> str:
    return hmac.digest(config.current().key("network"), place.network.encode(), "sha256").hex()[:32]
