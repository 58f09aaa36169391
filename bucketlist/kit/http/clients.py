"""Client IP addresses: whose request it is behind proxies (`X-Forwarded-For`), and one spelling for each address.

Nothing else that a proxy may say is read: not `Forwarded`, `X-Real-IP`, `X-Forwarded-Proto` or `X-Forwarded-Host`.

Source: RFC 4291 (spellings of IPv6), RFC 6052 and RFC 3056 (IPv4 addresses within), RFC 7239 section 6 (with a port).
"""

import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any

from bucketlist.kit.http.middleware import App, Start

LONGEST = 80  # an IPv6 address with brackets, quotes, a zone and a port
NAT64 = IPv6Network("64:ff9b::/96")
HOLDER_BITS = 64  # of an IPv6 address: whoever has one has 2⁶⁴ of them

without_port = re.compile(r"\[([^\]]*)\](?::\w*)?|([^:]*):\w*|(.*?:.*?:.*):\d{1,5}").fullmatch


def read_address(text: str) -> IPv4Address | IPv6Address | None:
    """The address that `text` spells, without port, brackets, quotes and zone; an IPv4 address in IPv6 as itself."""
    if len(text) > LONGEST:
        return None
    spelled = text.strip(" \t")
    if len(spelled) > 1 and spelled[0] == spelled[-1] == '"':
        spelled = spelled[1:-1]
    if spelled.startswith("["):
        found = without_port(spelled)
        return _as_itself(found[1], is_bracketed=True) if found else None
    address = _as_itself(spelled)
    if address is None and (found := without_port(spelled)):
        return _as_itself(found[2] or found[3])
    return address


def network_of(address: str) -> str:
    """Whose address it is, in one spelling: an IPv4 address itself, of IPv6 the /64. What is no address stays it is."""
    found = read_address(address)
    if found is None:
        return address
    if isinstance(found, IPv4Address):
        return str(IPv4Network(found).network_address)
    return str(IPv6Network((found.packed, HOLDER_BITS), strict=False))


def forwarded_for(header: str, proxies: int) -> str | None:
    """The address that the outermost of `proxies` saw, in one spelling.

    Each proxy adds a place at the end, so what counts is counted from the right, and an empty place is one too. None
    when there are fewer places than proxies, or what stands there is no address. Takes no time for what is before it.
    """
    places = header.rsplit(",", proxies)
    address = read_address(places[-proxies]) if len(places) >= proxies else None
    return str(address) if address else None


class BehindProxies:
    """WSGI middleware that makes `REMOTE_ADDR` the client's; without a word of the proxy's it stays the proxy's."""

    def __init__(self, app: App, proxies: int) -> None:
        self._app = app
        self._proxies = proxies

    def __call__(self, environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        header = environ.get("HTTP_X_FORWARDED_FOR")
        if header and (address := forwarded_for(header, self._proxies)):
            environ["REMOTE_ADDR"] = address
        return self._app(environ, start_response)


def _as_itself(spelled: str, *, is_bracketed: bool = False) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(spelled)
    except ValueError:
        return None
    if isinstance(address, IPv4Address):
        return None if is_bracketed else address
    plain = IPv6Address(address.packed)  # a zone means something on the proxy's machine only
    if plain in NAT64:
        return IPv4Address(plain.packed[-4:])
    return plain.ipv4_mapped or plain.sixtofour or plain
