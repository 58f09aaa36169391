"""F8: mail messages, read from the wire of a real mail server as a mail program reads them."""

import re
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from bucketlist.kit.mail_url import read_mail_url
from bucketlist.kit.smtp import deliverable, send
from bucketlist.mail.messages import WORDS, Envelope, write_message
from tests.mailbox import mail_server

WRITTEN = datetime(2026, 11, 24, 22, 40, tzinfo=UTC)
SENDER = "lists@xn--bcher-kva.example.org"
HOME = "https://xn--bcher-kva.example.org"
LONG_HOME = f"https://{'.'.join(['a' * 60] * 4)}/{'p' * 200}"
LONGEST = f"{'l' * 64}@{'.'.join(['d' * 61] * 3)}.org"
RECIPIENTS = (
    "ada@example.com",
    "ada@b\u00fccher.example.com",
    "jos\u00e9@example.com",
    LONGEST,
    "!#$%&'*+-/=?^_`{|}~@example.com",
)
every_kind = pytest.mark.parametrize("kind", WORDS)


def sent(kind: str, recipient: str = "ada@example.com", home: str = HOME) -> tuple[bytes, EmailMessage]:
    """A letter as it came, and as it is read."""
    message = write_message(kind, "t" * 43, home, Envelope("letter-1", SENDER, recipient, WRITTEN))
    with mail_server() as mailbox:
        send(read_mail_url(mailbox.url), message, SENDER, recipient)
    return mailbox.wire[0], mailbox.received[0][1]


@pytest.mark.threat(row=60)
@every_kind
def test_f8_every_header_that_is_set_arrives(kind: str) -> None:
    _, letter = sent(kind)

    found = {name: str(letter[name]) for name in ("From", "To", "Subject", "Message-ID", "Date", "MIME-Version")}
    assert found == {
        "From": SENDER,
        "To": "ada@example.com",
        "Subject": WORDS[kind].subject,
        "Message-ID": f"<letter-1@{SENDER.rpartition('@')[2]}>",
        "Date": "Tue, 24 Nov 2026 22:40:00 +0000",
        "MIME-Version": "1.0",
    }
    assert (letter["Auto-Submitted"], letter["Content-Language"]) == ("auto-generated", "en")
    assert (letter["Content-Transfer-Encoding"], letter.get_content_type()) == ("7bit", "text/plain")
    assert [name for name in letter if len(letter.get_all(name) or []) != 1] == []
    assert letter.defects == []


@pytest.mark.parametrize("recipient", RECIPIENTS)
def test_f8_the_recipient_is_read_as_who_it_is(recipient: str) -> None:
    _, letter = sent("reset", recipient)

    assert [address.addr_spec for address in letter["To"].addresses] == [deliverable(recipient)]


@pytest.mark.threat(row=60)
def test_f8_a_recipient_that_looks_encoded_is_not_written_as_somebody_else() -> None:
    wire, _ = sent("reset", "=?utf-8?q?ada?=@example.com")

    assert b"\r\nTo: undisclosed-recipients:;\r\n" in wire
    assert b"ada@" not in wire


@every_kind
@pytest.mark.parametrize("home", [HOME, LONG_HOME])
def test_f8_no_line_is_longer_than_a_mail_server_takes_and_the_link_stays_whole(kind: str, home: str) -> None:
    wire, letter = sent(kind, LONGEST, home)

    lines = wire.split(b"\r\n")
    assert max(map(len, lines)) <= 998
    assert not re.search(rb"[^\r]\n|\r[^\n]", wire)
    assert wire.isascii()
    page = WORDS[kind].page
    assert not page or f"{home}/{page}?token={'t' * 43}" in letter.get_content().splitlines()
