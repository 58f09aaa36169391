"""Boundary values: what lies just on one side of a limit, and just on the other."""

from email.message import EmailMessage

import pytest
from sqlalchemy import bindparam, func, select

from bucketlist.config.strength import check_token, refuse_weak_secret
from bucketlist.kit.db import postgres as driver
from bucketlist.kit.db.database import Database, Statement
from bucketlist.kit.errors import Unavailable
from bucketlist.kit.mail_url import read_mail_url
from bucketlist.kit.smtp import NotSent, send
from tests.kit.conftest import add, things
from tests.mailbox import Mailbox, mail_server

WITHOUT_RUNS = "abacbdaecfbagcdbaefcbdgaecbadfgbecda"


def test_a_secret_of_eight_letters_is_varied_enough_and_one_of_seven_is_not() -> None:
    assert len(set(WITHOUT_RUNS)) == 7

    refuse_weak_secret(WITHOUT_RUNS + "h")
    with pytest.raises(ValueError, match="repeats itself"):
        refuse_weak_secret(WITHOUT_RUNS)


def test_a_secret_with_a_third_of_its_pieces_twice_is_not_varied() -> None:
    letters = "gkbiuhdmwoqzxvtrpyca"

    refuse_weak_secret((letters * 2)[:32])
    with pytest.raises(ValueError, match="repeats itself"):
        refuse_weak_secret((letters[:19] * 2)[:32])


def test_a_secret_of_32_bytes_is_long_enough_and_one_of_31_is_not() -> None:
    refuse_weak_secret((WITHOUT_RUNS + "hij")[-32:])
    with pytest.raises(ValueError, match="too short"):
        refuse_weak_secret((WITHOUT_RUNS + "hij")[-31:])


def test_a_token_of_32_characters_is_long_enough_and_one_of_31_is_not() -> None:
    token = "7fq0zL2mXc8vBn4kRt6yWs1dHg9jPe3u"
    assert check_token(token) == token
    with pytest.raises(ValueError, match="too short"):
        check_token(token[:31])


@pytest.mark.parametrize("url", ["smtp://mail.example.com#x", "smtp://mail.example.com:0", "smtp://mail.example.com/x"])
def test_one_thing_too_many_in_the_address_of_a_mail_server_is_enough(url: str) -> None:
    with pytest.raises(ValueError, match="must be smtp://"):
        read_mail_url(url)


def test_a_parameter_without_a_value_is_no_value_of_its_own() -> None:
    with pytest.raises(ValueError, match="takes no parameter but starttls=1"):
        read_mail_url("smtp://mail.example.com?starttls=")


def test_f8_a_password_beyond_ascii_is_told_as_utf_8() -> None:
    mailbox = Mailbox()
    with mail_server(mailbox, auth_require_tls=False, authenticator=mailbox.sign_in):
        send(
            read_mail_url(f"smtp://ada:p%C3%A4ss@127.0.0.1:{mailbox.port}"),
            EmailMessage(),
            "a@example.org",
            "b@example.org",
        )

    assert mailbox.login == ("ada", "p\u00e4ss")


def test_who_has_no_time_left_does_not_wait(postgres: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver, "ANSWER_SECONDS", -5.0)

    with pytest.raises(Unavailable):
        postgres.execute(Statement(select(func.pg_sleep(bindparam("seconds")))), {"seconds": 1})


def test_a_value_that_no_line_takes_at_once_gets_there(postgres: Database) -> None:
    add(postgres, 1, words="x" * 20_000_000)

    length = Statement(select(func.length(things.c.words)))
    assert [list(row) for row in postgres.execute(length, {})] == [[20_000_000]]


def test_a_mail_server_that_is_away_may_come_back() -> None:
    with pytest.raises(NotSent) as refused:
        send(read_mail_url("smtp://127.0.0.1:1"), EmailMessage(), "a@example.org", "ada@example.com")

    assert not refused.value.is_final
