"""Mail by SMTP: what an operator's `MAIL_URL` says, and one message sent that way.

Source: RFC 5321 (SMTP), RFC 3207 (STARTTLS), RFC 8314 (TLS from the start), RFC 3834 (mail that nobody wrote by hand).
"""

import smtplib
import ssl
from contextlib import closing, suppress
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import parseaddr
from urllib.parse import parse_qsl, unquote, urlsplit

TIMEOUT_SECONDS = 10.0  # for each answer of the mail server
PORTS = {"smtp": 25, "smtps": 465}
STARTTLS_PORT = 587
REFUSED_FOR_GOOD = 500  # from this reply code on


class NotSent(Exception):
    """It did not get to the mail server, or not through; the message tells what happened, and never to whom.

    `is_final` says that another try would end alike.
    """

    def __init__(self, reason: str, *, is_final: bool = False) -> None:
        super().__init__(reason)
        self.is_final = is_final


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
    if not parts.hostname or parts.path not in ("", "/") or parts.fragment or "@" in unquote(parts.hostname):
        raise ValueError("must be smtp://user:password@host:port; special characters of the password are encoded")
    if options not in ({}, {"starttls": "1"}) or (options and parts.scheme == "smtps"):
        raise ValueError("takes no parameter but starttls=1, and that with smtp://")
    has_starttls = bool(options)
    return MailServer(
        parts.hostname,
        port or (STARTTLS_PORT if has_starttls else PORTS[parts.scheme]),
        unquote(parts.username or ""),
        unquote(parts.password or ""),
        parts.scheme == "smtps",
        has_starttls,
    )


def check_mail_url(url: str) -> str:
    """Give `url` back. Raises: `ValueError` unless it is empty or can be read."""
    if url:
        read_mail_url(url)
    return url


def check_sender(sender: str) -> str:
    """Give `sender` back. Raises: `ValueError` unless it is empty or an email address and nothing else."""
    local, _, domain = sender.rpartition("@")
    if sender and not (
        local and domain and sender.isascii() and sender.isprintable() and parseaddr(sender)[1] == sender
    ):
        raise ValueError("must be an email address, such as lists@example.com")
    return sender


def address_of(email: str) -> Address:
    """As the library takes it: taken apart here, so that nothing in it is read as a comment or as a second address."""
    local, _, domain = email.rpartition("@")
    return Address(username=local, domain=domain)


def send(server: MailServer, message: EmailMessage, sender: str, recipient: str) -> None:
    """Hand `message` in. Takes `TIMEOUT_SECONDS` for each answer at most. Raises: `NotSent`."""
    own_name = sender.rpartition("@")[2]
    secure = ssl.create_default_context() if server.has_tls or server.has_starttls else None
    try:
        with closing(_connect(server, own_name, secure)) as connection:
            if server.has_starttls:
                connection.starttls(context=secure)
            if server.user:
                connection.login(server.user, server.password)
            connection.send_message(message, sender, [recipient])
            with suppress(OSError):  # it is sent, whatever becomes of the farewell
                connection.quit()
    except smtplib.SMTPRecipientsRefused as error:
        code = max(code for code, _ in error.recipients.values())
        raise NotSent(f"recipient refused, {code}", is_final=code >= REFUSED_FOR_GOOD) from None
    except smtplib.SMTPNotSupportedError:
        raise NotSent("not supported by the mail server", is_final=not server.user) from None
    except smtplib.SMTPResponseException as error:
        raise NotSent(f"{type(error).__name__}, {error.smtp_code}") from None
    except (OSError, UnicodeError) as error:  # SMTPException is an OSError
        raise NotSent(type(error).__name__) from None


def _connect(server: MailServer, own_name: str, secure: ssl.SSLContext | None) -> smtplib.SMTP:
    if server.has_tls:
        return smtplib.SMTP_SSL(server.host, server.port, own_name, timeout=TIMEOUT_SECONDS, context=secure)
    return smtplib.SMTP(server.host, server.port, own_name, timeout=TIMEOUT_SECONDS)
