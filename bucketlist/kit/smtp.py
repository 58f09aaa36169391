"""SMTP client: one message, handed in at a mail server.

Source: RFC 5321 (SMTP), RFC 3207 (STARTTLS), RFC 8314 (TLS from the start), RFC 4616 (signing in), RFC 6531 (addresses
beyond ASCII).
"""

import base64
import smtplib
import socket
import ssl
import threading
from contextlib import closing, suppress
from email.headerregistry import Address
from email.message import EmailMessage
from typing import Any

from bucketlist.kit.hostnames import ascii_host
from bucketlist.kit.mail_url import MailServer
from bucketlist.kit.replies import code_of, is_final

TIMEOUT_SECONDS = 10.0  # for each answer of the mail server
ACCEPT_SECONDS = 60.0  # for its last: some look at a whole message before they take it
LONGEST_SECONDS = 120.0  # for all of it: an answer can come a byte at a time
READY, SIGNED_IN, SIGNED_IN_BEFORE = 220, 235, 503
MESSAGE_LENGTH = 200


class NotSent(Exception):
    """It did not get to the mail server, or not through; the message tells what happened, and never to whom.

    `is_final` says that this recipient would be refused again; `is_away` that no other message would get through now.
    """

    def __init__(self, reason: str, *, is_final: bool = False, is_away: bool = False) -> None:
        super().__init__(reason)
        self.is_final = is_final
        self.is_away = is_away


def address_of(email: str) -> Address:
    """As the library takes it: taken apart here, so that nothing in it is read as a comment or as a second address."""
    local, _, domain = deliverable(email).rpartition("@")
    return Address(username=local, domain=domain)


def deliverable(email: str) -> str:
    """The address with its domain in ASCII, as every mail server takes it; only what is before the @ may need more."""
    local, _, domain = email.rpartition("@")
    try:
        return f"{local}@{ascii_host(domain)}"
    except ValueError:
        return email


def send(server: MailServer, message: EmailMessage, sender: str, recipient: str) -> None:
    """Hand `message` in. Takes `LONGEST_SECONDS` at most, once there is a connection. Raises: `NotSent`."""
    is_begun = False  # is the mail server there, and does it take our messages?
    try:
        with closing(_connect(server, own_name=sender.rpartition("@")[2])) as connection:
            _open(connection, server)
            _sign_in(connection, server)
            is_begun = True
            _hand_in(connection, message, sender, deliverable(recipient))
            with suppress(OSError):  # it is sent, whatever becomes of the farewell
                connection.quit()
    except smtplib.SMTPSenderRefused as error:
        raise NotSent(f"sender refused, {_code(error)}", is_away=True) from None
    except smtplib.SMTPAuthenticationError as error:
        raise NotSent(f"sign-in refused, {_code(error)}", is_away=True) from None
    except smtplib.SMTPResponseException as error:
        raise NotSent(f"connection refused, {_code(error)}", is_away=True) from None
    except (OSError, UnicodeError) as error:  # SMTPException is an OSError
        raise NotSent(_tell(error), is_away=not is_begun) from None


class Connection(smtplib.SMTP):
    """An SMTP connection with a timeout: it ends, whatever the mail server does, as a deadline hangs up on it."""

    _host: str  # whose certificate is wanted
    _alarm: threading.Timer | None = None
    _twin: socket.socket | None = None  # of the same connection, which TLS does not take over

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        plain: socket.socket = super()._get_socket(host, port, timeout)  # type: ignore[misc]  # no stub
        self._twin = plain.dup()
        self._alarm = threading.Timer(LONGEST_SECONDS, _hang_up, (self._twin,))
        self._alarm.daemon = True
        self._alarm.start()
        return plain

    def data(self, msg: Any) -> tuple[int, bytes]:
        """The message itself, whose answer may take longer than others."""
        if self.sock:
            self.sock.settimeout(max(ACCEPT_SECONDS, TIMEOUT_SECONDS))
        return super().data(msg)

    def close(self) -> None:
        super().close()
        if self._alarm and self._twin:
            self._alarm.cancel()
            self._twin.close()


class SecureConnection(smtplib.SMTP_SSL, Connection):
    """The same with TLS from the start."""


def _hang_up(connection: socket.socket) -> None:
    with suppress(OSError):  # it was closed at this moment
        connection.shutdown(socket.SHUT_RDWR)


def _connect(server: MailServer, own_name: str) -> Connection:
    """Not connected yet, so that it is closed whatever happens then."""
    if server.has_tls:
        context = ssl.create_default_context()
        connection: Connection = SecureConnection("", 0, own_name, timeout=TIMEOUT_SECONDS, context=context)
    else:
        connection = Connection("", 0, own_name, timeout=TIMEOUT_SECONDS)
    connection._host = server.host
    return connection


def _open(connection: Connection, server: MailServer) -> None:
    """Encrypted when the operator wants it so, or not at all."""
    code, text = connection.connect(server.host, server.port)
    if code != READY:
        raise smtplib.SMTPConnectError(code, text)
    if server.has_starttls:
        connection.ehlo_or_helo_if_needed()
        if not connection.has_extn("starttls"):
            raise NotSent("the mail server does not offer STARTTLS, which MAIL_URL asks for", is_away=True)
        connection.starttls(context=ssl.create_default_context())
    connection.ehlo_or_helo_if_needed()


def _sign_in(connection: Connection, server: MailServer) -> None:
    if not server.user:
        return
    if not connection.has_extn("auth"):
        raise NotSent("the mail server takes no password (here)", is_away=True)
    if f"{server.user}{server.password}".isascii():
        connection.login(server.user, server.password)
        return
    secret = base64.b64encode(f"\0{server.user}\0{server.password}".encode()).decode()  # smtplib takes ASCII only
    code, text = connection.docmd("AUTH", f"PLAIN {secret}")
    if code not in (SIGNED_IN, SIGNED_IN_BEFORE):
        raise smtplib.SMTPAuthenticationError(code, text)


def _hand_in(connection: Connection, message: EmailMessage, sender: str, recipient: str) -> None:
    if not recipient.isascii() and not connection.has_extn("smtputf8"):
        raise NotSent("the address needs SMTPUTF8, which the mail server does not offer", is_final=True)
    try:
        connection.send_message(message, sender, [recipient])
    except smtplib.SMTPRecipientsRefused as error:
        ((code, text),) = error.recipients.values()
        final = is_final(code, text, to_recipient=True)
        raise NotSent(f"recipient refused, {code_of(code, text)}", is_final=final) from None
    except smtplib.SMTPDataError as error:
        final = is_final(error.smtp_code, _text(error), to_recipient=False)
        raise NotSent(f"message refused, {_code(error)}", is_final=final) from None


def _text(error: smtplib.SMTPResponseException) -> bytes:
    return error.smtp_error.encode() if isinstance(error.smtp_error, str) else error.smtp_error


def _code(error: smtplib.SMTPResponseException) -> str:
    return code_of(error.smtp_code, _text(error))


def _tell(error: Exception) -> str:
    """What the system says of it. Never what the mail server says: that may name the recipient."""
    name = type(error).__name__
    if isinstance(error, smtplib.SMTPException):
        return name
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"{name}: {error.verify_message}"[:MESSAGE_LENGTH]
    return f"{name}: {error.strerror}" if isinstance(error, OSError) and error.strerror else name
