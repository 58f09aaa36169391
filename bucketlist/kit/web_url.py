"""URL validation and normalisation: the public URL and the origins of CORS, in the one spelling that browsers send.

Source: RFC 3986 section 6.2.2 (normalisation), RFC 6454 section 6.2 (how an origin is written).
"""

import re
from typing import NamedTuple

from bucketlist.kit.hostnames import ascii_host, in_brackets

DEFAULT_PORTS = {"http": 80, "https": 443}
LONGEST_URL = 500

has_odd_character = re.compile(r"[\s\\\x00-\x1f\x7f]").search
is_plain_path = re.compile(r"(?:/(?!\.{1,2}(?:/|$))[A-Za-z0-9._~-]+)*").fullmatch
is_authority = re.compile(r"(\[[^\]]*\]|[^:\[\]]*)(?::([0-9]{0,5}))?").fullmatch


class WebUrl(NamedTuple):
    """Its parts, each in its usual spelling."""

    origin: str  # scheme, host and port, without a port that goes without saying
    rest: str  # what stands behind


def check_public_url(url: str) -> str:
    """`url` as browsers write it, without a slash at the end; a path may stand in it. Raises: `ValueError`."""
    if not url.strip():
        return ""
    found = _read(url, "https://lists.example.com")
    if "?" in found.rest or "#" in found.rest:
        raise ValueError("takes no query and no fragment; what stands behind it is added by the service")
    path = found.rest.rstrip("/")
    if not is_plain_path(path):
        raise ValueError("takes a path of letters, digits and - . _ ~ only, such as /lists, without // and dots alone")
    if len(found.origin + path) > LONGEST_URL:
        raise ValueError(f"is too long; it takes {LONGEST_URL} characters")
    return found.origin + path


def check_origin(origin: str) -> str:
    """`origin` as browsers send it. Raises: `ValueError`."""
    found = _read(origin, "https://lists.example.com")
    if found.rest not in ("", "/"):
        raise ValueError("takes origins such as https://lists.example.com, without anything behind the host")
    return found.origin


def _read(url: str, example: str) -> WebUrl:
    """Raises: `ValueError`, which does not repeat the address: somebody may have put a password into it."""
    url = url.strip()
    if has_odd_character(url):
        raise ValueError("has a space, a backslash or a control character in it")
    scheme, _, behind = url.partition("://")
    if scheme.lower() not in DEFAULT_PORTS or not behind:
        raise ValueError(f"must begin with http:// or https:// and name a host, such as {example}; * is not one")
    authority = re.split(r"[/?#]", behind, maxsplit=1)[0]
    if "@" in authority:
        raise ValueError("takes no user and no password")
    found = is_authority(authority)
    if not found:
        raise ValueError(f"must name a host, and a port at most, such as {example}")
    return WebUrl(_origin(scheme.lower(), found[1], found[2]), behind[len(authority) :])


def _origin(scheme: str, host: str, port: str | None) -> str:
    if port and not 0 < int(port) < 65536:
        raise ValueError("has a port that there is not; ports go from 1 to 65535")
    try:
        name = in_brackets(ascii_host(host.strip("[]")))
    except ValueError:
        if not host.isascii():
            raise ValueError(
                "names a host in characters that not every program takes; write it in ASCII, as xn--…"
            ) from None
        raise ValueError("does not name a host that a browser could find") from None
    is_usual = not port or int(port) == DEFAULT_PORTS[scheme]
    return f"{scheme}://{name}" if is_usual else f"{scheme}://{name}:{int(port or 0)}"
