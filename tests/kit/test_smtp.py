"""F8: how mail is handed in at a real mail server, and what comes of a refusal."""

import ssl
import subprocess
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult

from bucketlist.kit import smtp
from bucketlist.kit.mail_url import read_mail_url
from bucketlist.kit.smtp import NotSent, address_of, send
from tests.mailbox import Mailbox, dripping_server, mail_server, silent_server

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


def test_a_letter_gets_there() -> None:
    with mail_server() as mailbox:
        send_to(mailbox.url)

    assert mailbox.subjects() == [(ADA, "Hello")]
    assert mailbox.greeted_as == SENDER.rpartition("@")[2]


@pytest.mark.threat(row=60)
@pytest.mark.parametrize(
    ("recipient", "sent_to", "needs_utf8"),
    [
        ("o'brien+x@example.com", "o'brien+x@example.com", False),
        ("ada@b\u00fccher.example.com", "ada@xn--bcher-kva.example.com", False),
        ("ada@B\u00dcCHER.example.com", "ada@xn--bcher-kva.example.com", False),
        ("jos\u00e9@example.com", "jos\u00e9@example.com", True),
        ("jos\u00e9@b\u00fccher.example.com", "jos\u00e9@xn--bcher-kva.example.com", True),
    ],
)
def test_f8_a_domain_beyond_ascii_needs_nothing_of_the_mail_server(
    recipient: str, sent_to: str, needs_utf8: bool
) -> None:
    with mail_server() as mailbox:
        send_to(mailbox.url, recipient)

    assert [(to, message["To"].addresses[0].addr_spec) for to, message in mailbox.received] == [(sent_to, sent_to)]
    assert ("SMTPUTF8" in mailbox.options) == needs_utf8


def test_f8_a_domain_beyond_ascii_goes_to_an_old_mail_server() -> None:
    with mail_server(enable_SMTPUTF8=False) as old:
        send_to(old.url, "ada@b\u00fccher.example.com")

    assert [to for to, _ in old.received] == ["ada@xn--bcher-kva.example.com"]


def test_an_address_that_the_mail_server_cannot_write_is_refused_for_good() -> None:
    with mail_server(enable_SMTPUTF8=False) as old, pytest.raises(NotSent) as refused:
        send_to(old.url, "jos\u00e9@example.com")

    assert (refused.value.is_final, refused.value.is_away) == (True, False)
    assert "SMTPUTF8" in str(refused.value)
    assert "jos" not in str(refused.value)


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

    assert (refused.value.is_final, refused.value.is_away) == (False, True)
    assert "STARTTLS" in str(refused.value)
    assert (mailbox.login, mailbox.received) == (None, [])


@pytest.mark.threat(row=60)
@pytest.mark.parametrize(
    ("stage", "answer", "reason", "is_final", "is_away"),
    [
        ("answer", "451 Later, ada@example.com", "message refused, 451", False, False),
        ("answer", "554 5.7.1 Spam of ada@example.com", "message refused, 554 5.7.1", False, False),
        ("answer", "550 5.1.1 Nobody is ada@example.com", "message refused, 550 5.1.1", True, False),
        ("answer_to_recipient", "450 Busy is ada@example.com", "recipient refused, 450", False, False),
        ("answer_to_recipient", "550 Unknown is ada@example.com", "recipient refused, 550", True, False),
        ("answer_to_recipient", "554 5.7.1 Relay access denied", "recipient refused, 554 5.7.1", False, False),
        ("answer_to_recipient", "421 4.7.0 Too many for ada@example.com", "recipient refused, 421 4.7.0", False, False),
        ("answer_to_sender", "530 5.7.0 Must issue a STARTTLS command first", "sender refused, 530 5.7.0", False, True),
        ("answer_to_sender", "550 5.1.8 Sender address rejected", "sender refused, 550 5.1.8", False, True),
        ("answer_to_sender", "421 4.3.2 Going down", "sender refused, 421 4.3.2", False, True),
    ],
)  # fmt: skip
def test_f8_only_what_is_about_the_recipient_is_final(
    stage: str, answer: str, reason: str, is_final: bool, is_away: bool
) -> None:
    with mail_server(Mailbox(**{stage: answer})) as mailbox, pytest.raises(NotSent) as no:  # type: ignore[arg-type]  # they are texts
        send_to(mailbox.url)

    assert (str(no.value), no.value.is_final, no.value.is_away) == (reason, is_final, is_away)


def test_f8_a_wrong_password_is_the_operators_mistake() -> None:
    refuse: dict[str, Any] = {
        "authenticator": lambda *_: AuthResult(success=False, handled=False),
        "auth_require_tls": False,
    }
    with mail_server(**refuse) as mailbox, pytest.raises(NotSent, match=r"^sign-in refused, 535") as no:
        send_to(f"smtp://ada:hunter2@127.0.0.1:{mailbox.port}")

    assert (no.value.is_final, no.value.is_away) == (False, True)


def test_f8_a_mail_server_that_knows_no_passwords_gets_none() -> None:
    with mail_server(auth_exclude_mechanism=["LOGIN", "PLAIN"]) as mailbox, pytest.raises(NotSent, match="password"):
        send_to(f"smtp://ada:hunter2@127.0.0.1:{mailbox.port}")


def test_f8_lines_that_begin_with_a_dot_arrive_as_they_are() -> None:
    message = letter()
    message.set_content(".\n..\n.hidden\nThe end.\n")

    with mail_server() as mailbox:
        send(read_mail_url(mailbox.url), message, SENDER, ADA)

    assert mailbox.wire[0].endswith(b"\r\n\r\n.\r\n..\r\n.hidden\r\nThe end.\r\n")


@pytest.mark.threat(row=59)
def test_r10_a_mail_server_that_drips_holds_nobody_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "LONGEST_SECONDS", 0.3)

    with dripping_server() as url, pytest.raises(NotSent) as no:
        send_to(url)

    assert no.value.is_away


def test_nobody_waits_for_ever_for_a_silent_server(monkeypatch: pytest.MonkeyPatch) -> None:
    assert smtp.TIMEOUT_SECONDS <= 10
    monkeypatch.setattr(smtp, "TIMEOUT_SECONDS", 0.1)

    with silent_server() as url, pytest.raises(NotSent, match=r"Disconnected|[Tt]ime"):
        send_to(url)


def test_a_server_that_is_away_is_told() -> None:
    with pytest.raises(NotSent, match="ConnectionRefusedError") as no:
        send_to("smtp://127.0.0.1:1")

    assert not no.value.is_final


def test_f8_a_password_beyond_ascii_is_told_as_utf_8() -> None:
    mailbox = Mailbox()
    with mail_server(mailbox, auth_require_tls=False, authenticator=mailbox.sign_in):
        send_to(f"smtp://ada:p%C3%A4ss@127.0.0.1:{mailbox.port}")

    assert mailbox.login == ("ada", "p\u00e4ss")
