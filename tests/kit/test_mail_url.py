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
        "smtp://mail.example.com#x",
        "smtp://mail.example.com:0",
        "smtp://mail.example.com/x",
        "smtp://mail.example.com?starttls=",
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
