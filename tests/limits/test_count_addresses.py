"""Rate limits by client IP address: whose attempt is it?

The address of the connection counts, or what a trusted proxy says of it.
"""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address
from random import Random
from secrets import token_hex

import pytest
from flask.testing import FlaskClient

from bucketlist.kit.http.openapi import ApiApp
from bucketlist.limits import bounds
from bucketlist.models import attempts
from tests.rows import all_rows
from tests.workers import WorkerWith, at_work

PROXY = "10.0.0.1"
TRIES = 200


@pytest.fixture
def proxied_client(migrated_app: ApiApp, worker_with: WorkerWith) -> Iterator[FlaskClient]:
    """Behind one proxy that is trusted, with the limits on."""
    for app in at_work(worker_with(ratelimit_enabled=True, trusted_proxies=1)):
        yield app.test_client()


def anywhere() -> str:
    """An address that somebody made up, of either kind, at times with others before it."""
    chance = Random()
    kinds = (lambda: IPv4Address(chance.getrandbits(32)), lambda: IPv6Address(chance.getrandbits(128)))
    return ", ".join(str(chance.choice(kinds)()) for _ in range(chance.randint(1, 3)))


def guess(client: FlaskClient, address: str, email: str = "", **headers: str) -> int:
    """At the password of `email`, or of somebody else each time."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    body = {"email": email or f"{token_hex(8)}@example.com", "password": "wrong horse"}
    return client.post("/v1/auth/login", json=body, headers=sent, environ_base={"REMOTE_ADDR": address}).status_code


@pytest.mark.threat(row=11)
def test_a_hundred_accounts_cannot_be_tried_from_one_address(limited_client: FlaskClient) -> None:
    statuses = [guess(limited_client, "192.0.2.1") for _ in range(100)]

    assert statuses == [401] * 10 + [429] * 90
    assert guess(limited_client, "192.0.2.2") == 401


@pytest.mark.threat(row=10)
def test_whoever_is_refused_uses_up_nobody_elses_attempts(
    limited_client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "IN_ALL", 15)

    statuses = [guess(limited_client, "192.0.2.1") for _ in range(10)]
    statuses += [guess(limited_client, "192.0.2.1", "ada@example.com") for _ in range(20)]

    assert statuses == [401] * 10 + [429] * 20
    counts = {row[0].rpartition(":")[0]: row[1] for table, row in all_rows() if table is attempts}
    assert (counts["login:global"], counts["login:network"], counts["login:account"]) == (10, 10, 1)
    assert [guess(limited_client, f"192.0.2.{n}", "ada@example.com") for n in (2, 3)] == [401, 401]


@pytest.mark.threat(row=12)
def test_a_made_up_header_does_not_help(limited_client: FlaskClient) -> None:
    names = ("X_Forwarded_For", "Forwarded", "X_Real_IP", "X_Client_IP", "True_Client_IP", "CF_Connecting_IP")

    statuses = [guess(limited_client, "192.0.2.1", **dict.fromkeys(names, anywhere())) for _ in range(TRIES)]

    assert statuses == [401] * 10 + [429] * (TRIES - 10)


@pytest.mark.threat(row=12)
def test_behind_a_proxy_the_rightmost_address_counts(proxied_client: FlaskClient) -> None:
    statuses = [guess(proxied_client, PROXY, X_Forwarded_For=f"{anywhere()}, 192.0.2.1") for _ in range(TRIES)]

    assert statuses == [401] * 10 + [429] * (TRIES - 10)
    assert guess(proxied_client, PROXY, X_Forwarded_For="192.0.2.1, 192.0.2.2") == 401


@pytest.mark.threat(row=12)
def test_f6_what_is_no_address_counts_as_the_proxy_does(proxied_client: FlaskClient) -> None:
    made_up = [f"unknown-{number}" for number in range(5)] + [f"999.1.1.{number}" for number in range(5)]

    statuses = [guess(proxied_client, PROXY, X_Forwarded_For=said) for said in made_up]

    assert statuses == [401] * 10
    assert guess(proxied_client, PROXY) == 429
    assert guess(proxied_client, PROXY, X_Forwarded_For="192.0.2.1") == 401


@pytest.mark.threat(row=12)
@pytest.mark.parametrize(
    "spelling",
    [
        "192.0.2.1:{}",
        '"192.0.2.1:{}"',
        "[2001:db8::{0}]:{0}",
        "2001:db8::{}%eth0",
        "::ffff:192.0.2.1",
        "2002:c000:201:{}::1",
    ],
)
def test_f6_no_spelling_of_an_address_switches_its_limit_off(proxied_client: FlaskClient, spelling: str) -> None:
    statuses = [guess(proxied_client, PROXY, X_Forwarded_For=spelling.format(50_00 + number)) for number in range(12)]

    assert statuses == [401] * 10 + [429] * 2


@pytest.mark.threat(row=11)
def test_all_addresses_of_one_ipv6_network_count_as_one(limited_client: FlaskClient) -> None:
    statuses = [guess(limited_client, f"2001:db8:0:1:{n << 12:x}::{n:x}") for n in range(12)]

    assert statuses == [401] * 10 + [429] * 2
    assert guess(limited_client, "2001:db8:0:0::1") == 401


@pytest.mark.threat(row=11)
def test_r4_all_networks_of_one_customer_count_together(
    limited_client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "PER_NETWORK", 1)

    statuses = [guess(limited_client, f"2001:db8:0:{number:x}::1") for number in range(7)]

    assert statuses == [401] * bounds.WIDER + [429] * 2
    assert guess(limited_client, "2001:db8:1::1") == 401
