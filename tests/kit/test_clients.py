"""F6: client IP addresses: one has many spellings, and counts as one; what is no address counts as the proxy's."""

from typing import Any

import pytest

from bucketlist.kit.http.clients import BehindProxies, forwarded_for, network_of

PROXY = "10.0.0.1"

ONE_ADDRESS = {
    "203.0.113.8": [
        "203.0.113.8",
        " 203.0.113.8\t",
        "203.0.113.8:50001",
        '"203.0.113.8:50001"',
        "203.0.113.8:_hidden",
        "203.0.113.8:",
        "::ffff:203.0.113.8",
        "::FFFF:203.0.113.8",
        "0:0:0:0:0:ffff:203.0.113.8",
        "::ffff:cb00:7108",
        "[::ffff:203.0.113.8]:443",
        "64:ff9b::203.0.113.8",
        "64:ff9b::cb00:7108",
        "2002:cb00:7108::1",
        "2002:cb00:7108:ffff::5",
    ],
    "2001:db8:0:1::/64": [
        "2001:db8:0:1::1",
        "2001:DB8:0:1::1",
        "2001:0db8:0000:0001:0000:0000:0000:0001",
        "2001:db8:0:1:ffff::203.0.113.8",
        "[2001:db8:0:1::1]",
        "[2001:db8:0:1::1]:443",
        "[2001:db8:0:1::1]:_hidden",
        '"[2001:db8:0:1::1]:443"',
        "2001:db8:0:1:2:3:4:5:443",
        "2001:db8:0:1::1:50001",
        "2001:db8:0:1::1%eth0",
        "[2001:db8:0:1::1%25eth0]:443",
    ],
    "2001:db8::/64": ["2001:db8::", "2001:db8:::443"],
    "fe80::/64": ["fe80::1", "fe80::1%eth0", "fe80::1%eth1", "[FE80::1%eth0]:1"],
}

NO_ADDRESS = [
    "",
    " ",
    ",",
    "203.0.113.8,",
    "unknown",
    "_hidden",
    "unix:",
    "localhost",
    "example.com:443",
    "999.1.1.1",
    "203.0.113",
    "203.0.113.010",
    "0xcb.0.113.8",
    "0313.0.0161.010",
    "3405803784",
    "203.0.113.8/32",
    "203.0.113.8 203.0.113.9",
    "203.0.113.8:1:2",
    "[203.0.113.8]",
    "[2001:db8::1",
    "2001:db8::1]",
    "[2001:db8::1]443",
    "[]:443",
    '"',
    '"2001:db8::1',
    "02001:db8::1",
    "\u0661.\u0662.\u0663.\u0664",
    "for=203.0.113.8",
    "203.0.113.8\x00",
    "1" * 100,
]


@pytest.mark.parametrize(
    ("spelled", "network"), [(text, network) for network, texts in ONE_ADDRESS.items() for text in texts]
)
def test_f6_every_spelling_of_an_address_counts_as_one(spelled: str, network: str) -> None:
    said = forwarded_for(spelled, 1)

    assert said is not None
    assert network_of(said) == network
    assert network_of(spelled) == network
    assert forwarded_for(said, 1) == said


@pytest.mark.parametrize("said", NO_ADDRESS)
def test_f6_what_is_no_address_counts_as_that_of_the_proxy(said: str) -> None:
    assert client_of(said, 1) == PROXY


@pytest.mark.parametrize(
    ("said", "proxies", "client"),
    [
        ("192.0.2.1, 192.0.2.2, 192.0.2.3", 1, "192.0.2.3"),
        ("192.0.2.1,192.0.2.2,192.0.2.3", 2, "192.0.2.2"),
        ("192.0.2.1, 192.0.2.2, 192.0.2.3", 3, "192.0.2.1"),
        ("192.0.2.1, 192.0.2.2, 192.0.2.3", 4, PROXY),
        ("192.0.2.1", 10, PROXY),
        ("192.0.2.1, , 192.0.2.3", 2, PROXY),
        ('"192.0.2.1, 192.0.2.2', 1, "192.0.2.2"),
        ("192.0.2.1, unknown", 1, PROXY),
        ("unknown, 192.0.2.2", 1, "192.0.2.2"),
    ],
)
def test_f6_places_are_counted_from_the_right(said: str, proxies: int, client: str) -> None:
    assert client_of(said, proxies) == client


def test_f6_of_a_very_long_list_only_the_end_is_read() -> None:
    long = "203.0.113.9, " * 100_000

    assert client_of(f"{long}192.0.2.2, 192.0.2.3", 2) == "192.0.2.2"
    assert client_of("," * 1_000_000, 3) == PROXY
    assert client_of("[" * 1_000_000, 1) == PROXY
    assert client_of(f"{':' * 1_000_000}8", 1) == PROXY


def test_f6_a_socket_file_has_no_address_until_a_proxy_tells_one() -> None:
    assert client_of("192.0.2.1", 1, peer=None) == "192.0.2.1"
    assert client_of("unknown", 1, peer=None) is None
    assert network_of("") == ""


def client_of(said: str, proxies: int, peer: str | None = PROXY) -> str | None:
    """What the application takes for the address of the client."""
    seen: dict[str, Any] = {}
    environ = {"HTTP_X_FORWARDED_FOR": said} | ({"REMOTE_ADDR": peer} if peer else {})

    def note(given: dict[str, Any], _: object) -> list[bytes]:
        seen.update(given)
        return []

    BehindProxies(note, proxies)(environ, lambda *_: None)
    return seen.get("REMOTE_ADDR")
