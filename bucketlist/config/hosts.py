"""Setting of trusted hosts, TRUSTED_HOSTS: as an operator writes them and as browsers send them."""

from bucketlist.kit.hostnames import ascii_host, in_brackets


def split_hosts(hosts: str) -> frozenset[str]:
    return frozenset(host.strip() for host in hosts.split(",") if host.strip())


def check_hosts(hosts: str) -> str:
    """A list of hosts, each as browsers send it. Raises: `ValueError` for what is none."""
    return ", ".join(_as_sent(host.strip()) for host in hosts.split(",") if host.strip())


def _as_sent(host: str) -> str:
    is_bracketed = host.startswith("[") and host.endswith("]")
    try:
        return in_brackets(ascii_host(host[1:-1] if is_bracketed else host))
    except ValueError:
        raise ValueError("must be hosts such as lists.example.com or [::1], without a port or a wildcard") from None
