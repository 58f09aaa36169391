"""Nobody beyond this machine is called while tests run, neither by them nor by what they test in this process.

Source: https://docs.python.org/3/library/audit_events.html; a hook sees every library's sockets but those of libpq,
which talks to the database.
"""

import ipaddress
import sys
from typing import Any


class CalledOut(AssertionError):
    """Somebody wanted to reach the world outside."""


def guard_the_network() -> None:
    """From now on, in this process; there is no way back."""
    sys.addaudithook(_refuse)


def is_here(host: object) -> bool:
    """Is it an address or a name of this machine?"""
    if host in (None, "", b"", "localhost"):
        return True
    try:
        return ipaddress.ip_address(str(host)).is_loopback
    except ValueError:
        return False


def is_looked_up_here(host: object) -> bool:
    """Is it an address, or a name that leads nowhere (RFC 6761) or here?"""
    try:
        ipaddress.ip_address(str(host))
    except ValueError:
        return is_here(host) or str(host).endswith(".invalid")
    return True


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event in ("socket.connect", "socket.sendto"):
        address = arguments[1]
        if isinstance(address, tuple) and not is_here(address[0]):
            raise CalledOut(event)
    elif event in ("socket.getaddrinfo", "socket.gethostbyname") and not is_looked_up_here(arguments[0]):
        raise CalledOut(event)
