"""SMTP servers for the tests, real ones, and what came in there."""

import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_string, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.servers import free_port

LINK = re.compile(r"(\S+)/(reset|confirm|sign-up)\?token=(\S+)")


@dataclass
class Mailbox:
    """Takes every letter, unless it is told to `answer` otherwise: to all, to a sender, to some recipients.

    `login` is what somebody signed in with, `greeted_as` the name that they gave, `wire` each letter as it came.
    """

    port: int = 0
    answer: str = "250 OK"
    answer_to_recipient: str = "250 OK"
    answer_to_sender: str = "250 OK"
    answers: dict[str, str] = field(default_factory=dict)
    received: list[tuple[str, EmailMessage]] = field(default_factory=list)
    wire: list[bytes] = field(default_factory=list)
    options: list[str] = field(default_factory=list)
    login: tuple[str, str] | None = None
    greeted_as: str | None = None

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, _: Any) -> str:  # noqa: N802  # aiosmtpd looks for this name
        answer = self.answers.get(address, self.answer_to_recipient)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_MAIL(  # noqa: N802  # as above
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        self.options = options
        return self.answer_to_sender

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  # as above
        self.greeted_as = session.host_name
        if self.answer.startswith("250"):
            assert isinstance(envelope.content, bytes)
            self.wire.append(envelope.content)
            message = message_from_string(envelope.content.decode(), policy=policy.default)
            assert isinstance(message, EmailMessage)
            self.received += [(recipient, message) for recipient in envelope.rcpt_tos]
        return self.answer

    def sign_in(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: Any) -> AuthResult:
        assert isinstance(given, LoginPassword)
        self.login = (given.login.decode(), given.password.decode())
        return AuthResult(success=True)

    def subjects(self) -> list[tuple[str, str]]:
        """To whom, and what about, in the order in which they came."""
        return [(recipient, str(message["Subject"])) for recipient, message in self.received]


@contextmanager
def mail_server(mailbox: Mailbox | None = None, **options: Any) -> Iterator[Mailbox]:
    """A mail server that fills a mailbox as long as the block lasts."""
    mailbox = mailbox or Mailbox()
    mailbox.port = mailbox.port or free_port()
    controller = Controller(mailbox, hostname="127.0.0.1", port=mailbox.port, **options)
    controller.start()
    try:
        yield mailbox
    finally:
        controller.stop()


@contextmanager
def dripping_server() -> Iterator[str]:
    """The address of a mail server that greets a byte at a time, without end, and so never lets a time-out pass."""

    def drip() -> None:
        with suppress(OSError), closing(listening.accept()[0]) as call:
            while True:
                call.sendall(b"2")
                time.sleep(0.02)

    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        threading.Thread(target=drip, daemon=True).start()
        yield f"smtp://127.0.0.1:{listening.getsockname()[1]}"


@contextmanager
def silent_server() -> Iterator[str]:
    """The address of a mail server that takes calls and never says a word."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        yield f"smtp://127.0.0.1:{listening.getsockname()[1]}"


def text_of(message: EmailMessage) -> str:
    content: str = message.get_content()
    return content


def link_of(message: EmailMessage) -> tuple[str, str, str]:
    """The link of a letter: where it leads to, which page, the token."""
    found = LINK.search(text_of(message))
    assert found, text_of(message)
    return found[1], found[2], found[3]
