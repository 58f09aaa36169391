"""What MAIL_URL may say, and how mail is handed in at a real mail server."""

import ssl
import subprocess
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from bucketlist.kit import smtp
from bucketlist.kit.smtp import MailServer, NotSent, address_of, check_mail_url, check_sender, read_mail_url, send
from tests.mailbox import Mailbox, mail_server, silent_server

SENDER, ADA = "lists@example.org", "ada@example.com"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """One that nobody but this test trusts, for 127.0.0.1, and its key."""
    folder = tmp_path_factory.mktemp("certificate")
    paths = folder / "cert.pem", folder / "key.pem"
    command = (
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1"
    )
    arguments = [*command.split(), "-out", str(paths[0]), "-keyout", str(paths[1])]
    subprocess.run(arguments, check=True, capture_output=True)
    return paths


@pytest.fixture
def server_side(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    return context


@pytest.fixture
def is_trusted(certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))


def letter(recipient: str = ADA) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = address_of(SENDER), address_of(recipient)
    message["Subject"] = "Hello"
    message.set_content("Hello.\n")
    return message


def send_to(url: str, recipient: str = ADA) -> None:
    send(read_mail_url(url), letter(recipient), SENDER, recipient)


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example.com", ("mail.example.com", 25, "", "", False, False)),
        ("smtp://mail.example.com:2525/", ("mail.example.com", 2525, "", "", False, False)),
        ("smtp://a%40b:c%2Fd@mail.example.com?starttls=1", ("mail.example.com", 587, "a@b", "c/d", False, True)),
        ("smtps://a:b@[::1]", ("::1", 465, "a", "b", True, False)),
    ],
)
def test_an_address_says_where_and_how(url: str, server: tuple[str, int, str, str, bool, bool]) -> None:
    assert read_mail_url(url) == MailServer(*server)


@pytest.mark.parametrize(
    "url",
    [
        "mail.example.com",
        "http://hunter2@mail.example.com",
        "smtp://",
        "smtp://ada:hunter2@",
        "smtp://ada:hun@ter2%40mail.example.com",
        "smtp://ada:12/hunter2@mail.example.com",
        "smtp://ada:hunter2#@mail.example.com",
        "smtp://ada:hunter2@mail.example.com:port",
        "smtp://ada:hunter2@mail.example.com:70000",
        "smtp://ada:hunter2@mail.example.com?starttls=0",
        "smtp://ada:hunter2@mail.example.com?tls=1",
        "smtp://ada:hunter2@mail.example.com?starttls",
        "smtps://ada:hunter2@mail.example.com?starttls=1",
        "smtp://[hunter2",
    ],
)
def test_an_address_that_is_not_clear_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(ValueError, match=r"^(must|takes|cannot)") as refused:
        check_mail_url(url)

    assert "hunter2" not in str(refused.value)


def test_a_mail_server_that_is_printed_shows_no_password() -> None:
    assert "hunter2" not in f"{read_mail_url('smtp://ada:hunter2@mail.example.com')!r}"


@pytest.mark.parametrize("sender", ["lists", "@example.com", "a@", "Lists <a@example.com>", "a@b\n", "é@example.com"])
def test_a_sender_that_is_no_address_is_refused(sender: str) -> None:
    with pytest.raises(ValueError, match="email address"):
        check_sender(sender)


def test_nothing_is_fine_where_there_is_no_mail() -> None:
    assert (check_mail_url(""), check_sender(""), check_sender("a@example.com")) == ("", "", "a@example.com")


def test_a_letter_gets_there() -> None:
    with mail_server() as mailbox:
        send_to(mailbox.url)

    assert mailbox.subjects() == [(ADA, "Hello")]
    assert mailbox.greeted_as == SENDER.rpartition("@")[2]


@pytest.mark.parametrize("recipient", ["jos\u00e9@example.com", "ada@b\u00fccher.example.com", "o'brien+x@example.com"])
def test_a_letter_gets_to_every_kind_of_address_as_it_is(recipient: str) -> None:
    with mail_server() as mailbox:
        send_to(mailbox.url, recipient)

    assert [to for to, _ in mailbox.received] == [recipient]


def test_an_address_that_the_mail_server_cannot_write_is_refused_for_good() -> None:
    with mail_server(enable_SMTPUTF8=False) as old, pytest.raises(NotSent) as refused:
        send_to(old.url, "jos\u00e9@example.com")

    assert refused.value.is_final


def test_a_letter_goes_encrypted_and_signed_in_by_starttls(server_side: ssl.SSLContext, is_trusted: None) -> None:
    mailbox = Mailbox()
    options: dict[str, Any] = {"tls_context": server_side, "require_starttls": True, "auth_required": True}
    with mail_server(mailbox, **options, authenticator=mailbox.sign_in):
        send_to(f"smtp://ada%40example.org:hun%2Fter2@127.0.0.1:{mailbox.port}?starttls=1")

    assert mailbox.login == ("ada@example.org", "hun/ter2")
    assert len(mailbox.received) == 1


def test_a_letter_goes_encrypted_from_the_start(server_side: ssl.SSLContext, is_trusted: None) -> None:
    with mail_server(ssl_context=server_side) as mailbox:
        send_to(f"smtps://127.0.0.1:{mailbox.port}")

    assert len(mailbox.received) == 1


@pytest.mark.parametrize("how", ["smtps://127.0.0.1:{}", "smtp://127.0.0.1:{}?starttls=1"])
def test_no_letter_and_no_password_goes_to_a_server_that_nobody_vouches_for(
    server_side: ssl.SSLContext, how: str
) -> None:
    options: dict[str, Any] = {"tls_context": server_side} if "starttls" in how else {"ssl_context": server_side}
    with mail_server(**options) as mailbox, pytest.raises(NotSent, match="SSL"):
        send_to(how.format(mailbox.port))

    assert mailbox.received == []


def test_no_password_goes_where_starttls_is_not_offered() -> None:
    with mail_server() as mailbox, pytest.raises(NotSent) as refused:
        send_to(f"smtp://ada:hunter2@127.0.0.1:{mailbox.port}?starttls=1")

    assert not refused.value.is_final
    assert (mailbox.login, mailbox.received) == (None, [])


@pytest.mark.parametrize(
    ("answer", "to_recipient", "reason", "is_final"),
    [
        ("451 Later, ada@example.com", "250 OK", "SMTPDataError, 451", False),
        ("554 Spam of ada@example.com", "250 OK", "SMTPDataError, 554", False),
        ("250 OK", "450 Busy is ada@example.com", "recipient refused, 450", False),
        ("250 OK", "500 What is ada@example.com", "recipient refused, 500", True),
        ("250 OK", "550 Unknown is ada@example.com", "recipient refused, 550", True),
    ],
)
def test_a_refusal_is_told_without_the_address(answer: str, to_recipient: str, reason: str, is_final: bool) -> None:
    with mail_server(Mailbox(answer=answer, answer_to_recipient=to_recipient)) as mailbox, pytest.raises(NotSent) as no:
        send_to(mailbox.url)

    assert (str(no.value), no.value.is_final) == (reason, is_final)


def test_nobody_waits_for_ever_for_a_silent_server(monkeypatch: pytest.MonkeyPatch) -> None:
    assert smtp.TIMEOUT_SECONDS <= 10
    monkeypatch.setattr(smtp, "TIMEOUT_SECONDS", 0.1)

    with silent_server() as url, pytest.raises(NotSent, match=r"Disconnected|Timeout"):
        send_to(url)


def test_a_server_that_is_away_is_told() -> None:
    with pytest.raises(NotSent, match="ConnectionRefusedError"):
        send_to("smtp://127.0.0.1:1")
