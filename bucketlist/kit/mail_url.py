"""Mail server settings: what an operator's `MAIL_URL` and `MAIL_FROM` say.

Source: RFC 3986 (percent-encoding), RFC 5321 section 4.1.2 (an address).
"""

from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

from email_validator import validate_email

from bucketlist.kit.hostnames import ascii_host

PORTS = {"smtp": 25, "smtps": 465}
STARTTLS_PORT = 587
LONGEST_ADDRESS = 254


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed in, and how."""

    host: str
    port: int
    user: str
    password: str
    has_tls: bool
    has_starttls: bool

    def __repr__(self) -> str:
        return "MailServer(…)"  # the password is nobody's business


def read_mail_url(url: str) -> MailServer:
    """Raises: `ValueError`, which never tells the address: there may be a password in any part of it."""
    try:
        parts = urlsplit(url)
        port = parts.port
        options = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
    except ValueError:
        raise ValueError("cannot be understood; special characters of the password have to be encoded") from None
    if parts.scheme not in PORTS:
        raise ValueError("must begin with smtp:// or smtps://; leave it empty for no mail")
    if not parts.hostname or parts.path not in ("", "/") or parts.fragment or url != url.strip() or port == 0:
        raise ValueError("must be smtp://user:password@host:port; special characters of the password are encoded")
    if options not in ({}, {"starttls": "1"}) or (options and parts.scheme == "smtps"):
        raise ValueError("takes no parameter but starttls=1, and that with smtp://")
    user, password = _credentials(parts.username or "", parts.password or "")
    default = STARTTLS_PORT if options else PORTS[parts.scheme]
    return MailServer(_host(parts.hostname), port or default, user, password, parts.scheme == "smtps", bool(options))


def check_mail_url(url: str) -> str:
    """Give `url` back. Raises: `ValueError` unless it is empty or can be read."""
    if url:
        read_mail_url(url)
    return url


def check_sender(sender: str) -> str:
    """`sender` with its domain in ASCII. Raises: `ValueError` unless it is empty or an address and nothing else."""
    if not sender:
        return ""
    local, _, domain = sender.rpartition("@")
    is_literal = domain.startswith("[")  # of an IP address
    try:
        plain = f"{local}@{domain if is_literal else ascii_host(domain)}"
        validate_email(
            plain if is_literal else f"{local}@example.com",  # an own mail server may know names that nobody else does
            allow_smtputf8=False,
            allow_quoted_local=True,
            allow_domain_literal=True,
            check_deliverability=False,
        )
    except ValueError:
        plain = ""
    if not 0 < len(plain) <= LONGEST_ADDRESS:
        raise ValueError("must be an email address, such as lists@example.com, in ASCII before the @")
    return plain


def _host(host: str) -> str:
    try:
        return ascii_host(host)
    except ValueError:
        raise ValueError("must name a host behind the @") from None


def _credentials(user: str, password: str) -> tuple[str, str]:
    """Decoded. Raises: `ValueError`."""
    try:
        pair = unquote(user, errors="strict"), unquote(password, errors="strict")
    except UnicodeDecodeError:
        raise ValueError("must have its user and password encoded as UTF-8") from None
    if any(not text.isprintable() for text in pair):
        raise ValueError("must have no control character in its user or password")
    if bool(pair[0]) != bool(pair[1]):
        raise ValueError("takes a user and a password, or neither")
    return pair
