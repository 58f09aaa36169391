"""Network guard, against SSRF and stray calls: nobody beyond this machine is called while tests run.

Not by `sys.addaudithook`: a hook in Python runs inside `sys.settrace` as well, and on Python 3.11 threads that begin to
be traced at once are then lost (“Cannot install a trace function while another trace function is being installed”).
"""

import ipaddress
import socket
from collections.abc import Callable
from functools import wraps
from typing import Any


class CalledOut(AssertionError):
    """Somebody wanted to reach the world outside."""


def guard_the_network() -> None:
    """From now on, in this process. libpq, which talks to the database, has sockets of its own."""
    for name in ("connect", "connect_ex", "sendto"):
        setattr(socket.socket, name, _guarded(getattr(socket.socket, name), is_address_here))
    for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex"):
        setattr(socket, name, _guarded(getattr(socket, name), is_looked_up_here, position=0))


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


def is_address_here(address: object) -> bool:
    """Is it this machine's, or no address of the internet at all?"""
    return not isinstance(address, tuple) or is_here(address[0])


def _guarded(call: Callable[..., Any], is_allowed: Callable[[object], bool], position: int = -1) -> Callable[..., Any]:
    """`call`, with one argument looked at first."""

    @wraps(call)
    def guarded(*arguments: Any, **named: Any) -> Any:
        where = arguments[position] if arguments else named.get("host")
        if not is_allowed(where):
            raise CalledOut(call.__name__)
        return call(*arguments, **named)

    return guarded
