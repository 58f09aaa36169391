"""F11: mail server settings: what MAIL_URL and MAIL_FROM may say."""

import pytest

from bucketlist.kit.mail_url import MailServer, check_mail_url, check_sender, read_mail_url


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


def test_a_mail_server_that_is_printed_shows_no_password() -> None:
    assert "hunter2" not in f"{read_mail_url('smtp://ada:hunter2@mail.example.com')!r}"


def test_nothing_is_fine_where_there_is_no_mail() -> None:
    assert (check_mail_url(""), check_sender(""), check_sender("a@example.com")) == ("", "", "a@example.com")
