"""Host name normalisation: one spelling for each, in ASCII (IDNA, A-labels), as it stands in headers and addresses.

Source: RFC 5890 and UTS #46 (names beyond ASCII), RFC 1123 section 2.1 (what a name may hold), RFC 3986 section 3.2.2.
"""

import re
from ipaddress import IPv4Address, IPv6Address

import idna

LONGEST_NAME = 253

is_label = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)").fullmatch


def ascii_host(host: str) -> str:
    """A name in lower case and in ASCII, without a dot at its end; or an IP address as it is usually written.

    An IPv6 address comes and goes without its brackets. Raises: `ValueError` for what is neither.
    """
    if ":" in host:
        return str(IPv6Address(host)) if "%" not in host else _refuse()
    name = host.lower() if host.isascii() else _encode(host)
    name = name.removesuffix(".")
    labels = name.split(".")
    if labels[-1].isdecimal() or labels[-1].startswith("0x"):  # a browser would take it for an IPv4 address
        return str(IPv4Address(name))
    if len(name) > LONGEST_NAME or not all(map(is_label, labels)):
        _refuse()
    return name


def in_brackets(host: str) -> str:
    """As a host stands in an address of the web: an IPv6 address in brackets."""
    return f"[{host}]" if ":" in host else host


def _encode(host: str) -> str:
    try:
        return idna.encode(host, uts46=True).decode()
    except (idna.IDNAError, UnicodeError):
        return _refuse()


def _refuse() -> str:
    raise ValueError("is not the name of a host")
