"""Several hosts in a connection URL of PostgreSQL: a primary and its standbys, of which one takes writes at a time.

Source: https://www.postgresql.org/docs/current/libpq-connect.html section 32.1.1.3 (multiple hosts)
"""

from collections.abc import Mapping
from typing import NamedTuple

from bucketlist.kit.hostnames import in_brackets

WRITABLE = "read-write"
SESSIONS = (WRITABLE, "primary")  # what target_session_attrs may be where several hosts are named
SESSION = (
    "has a target_session_attrs (or PGTARGETSESSIONATTRS is one) by which a standby may be asked to write; "
    f"leave it out, or write {WRITABLE}"
)
EMPTY = "names a host that is empty, between its commas"
BLANK = "has a blank in the name of a host"


class Host(NamedTuple):
    """Where one server is: the name of a host or the folder of a socket, its address if that is told too, a port."""

    host: str
    hostaddr: str
    port: str

    def __str__(self) -> str:
        name = self.host or self.hostaddr
        if not self.port:
            return name
        return f"{in_brackets(name)}:{self.port}" if name else f"port {self.port}"


def split_hosts(parts: Mapping[str, object]) -> list[Host]:
    """Every server that the parameters of a connection name, in their order; one port is that of all."""
    lists = [values_of(parts, name) for name in Host._fields]
    number = max(len(values) for values in lists[:2])
    return [Host(*(values[place if len(values) > 1 else 0] for values in lists)) for place in range(number)]


def refuse_unclear_hosts(parts: Mapping[str, object]) -> None:
    """Raises: `ValueError`, which tells no value: any of them may be a piece of a password."""
    hosts, addresses, ports = (len(values_of(parts, name)) for name in Host._fields)
    if parts.get("host") and parts.get("hostaddr") and hosts != addresses:
        raise ValueError(f"names {hosts} hosts and {addresses} addresses as hostaddr; there has to be one for each")
    servers = max(hosts, addresses)
    if ports not in (1, servers):
        raise ValueError(f"names {ports} ports for {servers} hosts; give one for all of them, or one for each")
    found = split_hosts(parts)
    if servers > 1 and not all(host.host or host.hostaddr for host in found):
        raise ValueError(EMPTY)
    if any(host.host.strip() != host.host for host in found):
        raise ValueError(BLANK)


def refuse_standbys(attributes: str | None, *, are_several: bool) -> None:
    """Raises: `ValueError` when `target_session_attrs` lets us to a server that takes no writes; None is not said."""
    if attributes is not None and attributes not in (SESSIONS if are_several else (*SESSIONS, "any")):
        raise ValueError(SESSION)


def values_of(parts: Mapping[str, object], name: str) -> list[str]:
    """A list of one empty text, where there is nothing."""
    return str(parts.get(name) or "").split(",")
