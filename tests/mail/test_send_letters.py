"""Outbox delivery: letters get to a real mail server, once, with the words and the link that they should have."""

from collections.abc import Callable

import pytest
import time_machine

from bucketlist.kit.db.database import Statement, execute
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.mail.service import LEASE_MINUTES, pause_seconds, send_due_letters
from bucketlist.models import outbox
from bucketlist.services import services_of
from tests.authentication import sign_up
from tests.concurrency import together
from tests.mail.conftest import HOME
from tests.mailbox import Mailbox, link_of, mail_server, silent_server, text_of
from tests.people import PASSWORD, make_person
from tests.rows import all_rows, count_rows

NEW = "a much better horse battery"
AddressOf = Callable[[str], ApiApp]


def forget(app: ApiApp, email: str = "ada@example.com") -> None:
    elsewhere = dict.fromkeys(("Host", "X-Forwarded-Host", "Origin", "Referer"), "evil.test")
    response = app.test_client().post("/v1/auth/password/forgot", json={"email": email}, headers=elsewhere)
    assert response.status_code == 202


def reset(app: ApiApp, token: str) -> int:
    return app.test_client().post("/v1/auth/password/reset", json={"token": token, "newPassword": NEW}).status_code


@pytest.mark.threat(row=46)
def test_ada_gets_a_letter_with_a_link_that_works(mailing_app: ApiApp, mailbox: Mailbox) -> None:
    make_person(mailing_app, "ada@example.com")
    forget(mailing_app)

    assert send_due_letters() == 1

    ((recipient, letter),) = mailbox.received
    home, page, token = link_of(letter)
    assert (recipient, letter["To"], home, page) == ("ada@example.com", "ada@example.com", HOME, "reset")
    assert reset(mailing_app, token) == 204
    assert count_rows(outbox) == 1  # which tells of the new password


def test_a_letter_is_plain_short_and_says_that_nobody_wrote_it(mailing_app: ApiApp, mailbox: Mailbox) -> None:
    make_person(mailing_app, "ada@example.com", "<b>Ada</b>")
    forget(mailing_app)
    send_due_letters()

    letter = mailbox.received[0][1]

    assert letter.get_content_type() == "text/plain"
    assert letter["From"] == "bucketlist@lists.example.org"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Message-ID"].endswith("@lists.example.org>")
    assert len(text_of(letter)) < 700
    assert all(len(line) <= 78 for line in text_of(letter).splitlines() if "://" not in line)
    assert "Ada" not in text_of(letter)


def test_every_occasion_has_its_letter(mailing_app: ApiApp, mailbox: Mailbox) -> None:
    client = mailing_app.test_client()
    session = sign_up(client, "dora@example.com")
    header = {"Authorization": f"Bearer {session['accessToken']}"}
    client.put("/v1/auth/password", json={"currentPassword": PASSWORD, "newPassword": NEW}, headers=header)
    client.patch("/v1/users/me", json={"email": "dora@example.org", "currentPassword": NEW}, headers=header)

    send_due_letters()

    assert sorted(mailbox.subjects()) == [
        ("dora@example.com", "Your bucketlist account has a new address"),
        ("dora@example.com", "Your bucketlist password has changed"),
        ("dora@example.org", "Is this your address?"),
    ]  # the link for the old address is worthless, so that letter is not sent


def test_a_link_that_a_newer_one_has_killed_is_not_sent(mailing_app: ApiApp, mailbox: Mailbox) -> None:
    make_person(mailing_app, "ada@example.com")
    for _ in range(3):
        forget(mailing_app)

    send_due_letters()

    ((_, letter),) = mailbox.received
    assert reset(mailing_app, link_of(letter)[2]) == 204


def test_no_token_is_in_the_database_before_or_after_it_is_sent(mailing_app: ApiApp, mailbox: Mailbox) -> None:
    sign_up(mailing_app.test_client(), "ada@example.com")
    forget(mailing_app)
    before = "\n".join(str(list(row)) for _, row in all_rows())
    send_due_letters()
    after = "\n".join(str(list(row)) for _, row in all_rows())

    tokens = [link_of(letter)[2] for _, letter in mailbox.received]

    assert len(tokens) == 2
    assert not [token for token in tokens if token in before or token in after]
    assert all(len(token) == 43 for token in tokens)


def test_a_letter_is_sent_once_by_many_at_once(app_with: AddressOf, mailbox: Mailbox) -> None:
    workers = [app_with(mailbox.url) for _ in range(4)]
    for number in range(12):
        make_person(workers[0], f"{number}@example.com")
        forget(workers[0], f"{number}@example.com")

    def send(number: int) -> int:
        with services_of(workers[number]).at_work():
            return sum(send_due_letters() for _ in range(3))

    sent = together(4, send)

    assert sum(sent) == 12
    assert len({recipient for recipient, _ in mailbox.received}) == len(mailbox.received) == 12


def test_who_dies_with_a_letter_in_hand_loses_it_when_the_lease_ends(
    mailing_app: ApiApp, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_person(mailing_app, "ada@example.com")
    with time_machine.travel("2026-11-24T12:00:00Z", tick=False) as clock:
        forget(mailing_app)
        with monkeypatch.context() as patch:
            patch.setattr("bucketlist.kit.smtp.send", None)
            with pytest.raises(TypeError):
                send_due_letters()
        clock.shift(LEASE_MINUTES * 60 - 1)
        too_early = send_due_letters()
        clock.shift(1)

        assert (too_early, send_due_letters()) == (0, 1)


@pytest.mark.parametrize("kind", ["away", "silent", "busy"])
def test_a_letter_waits_for_a_mail_server_that_does_not_take_it(
    app_with: AddressOf, mailbox: Mailbox, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bucketlist.kit.smtp.TIMEOUT_SECONDS", 0.2)
    there = app_with(mailbox.url)
    make_person(there, "ada@example.com")
    with time_machine.travel("2026-11-24T12:00:00Z", tick=False) as clock:
        forget(there)
        with mail_server(Mailbox(answer="451 Later")) as busy, silent_server() as silent:
            url = {"away": "smtp://127.0.0.1:1", "silent": silent, "busy": busy.url}[kind]
            with services_of(app_with(url)).at_work():
                assert send_due_letters() == 0
        with services_of(there).at_work():
            too_early = send_due_letters()
            clock.shift(pause_seconds(1))

            assert (too_early, send_due_letters()) == (0, 1)
    assert len(mailbox.received) == 1


def test_each_pause_is_twice_as_long_up_to_an_hour() -> None:
    pauses = [pause_seconds(tries) for tries in range(1, 100)]

    assert pauses[:4] == [5, 10, 20, 40]
    assert max(pauses) == pauses[-1] == 3600


@pytest.mark.parametrize(("kind", "hours"), [("reset", 1), ("password_changed", 72)])
def test_a_letter_is_given_up_in_the_end_and_the_log_says_so_without_an_address(
    app_with: AddressOf, kind: str, hours: int, capfd: pytest.CaptureFixture[str]
) -> None:
    app, tries = app_with("smtp://127.0.0.1:1"), 0
    with time_machine.travel("2026-11-24T12:00:00Z", tick=False) as clock, services_of(app).at_work():
        ada = make_person(app, "ada@example.com")
        if kind == "reset":
            forget(app)
        else:
            ada.put("/v1/auth/password", {"currentPassword": PASSWORD, "newPassword": NEW})
        while count_rows(outbox) and tries < 200:
            send_due_letters()
            tries += 1
            clock.shift(pause_seconds(tries))

    log = capfd.readouterr().err
    assert '"letter_given_up"' in log
    assert "too old" in log
    assert "ada@" not in log
    assert tries == {1: 11, 72: 82}[hours]


def test_a_recipient_that_is_refused_for_good_is_not_tried_again(
    app_with: AddressOf, capfd: pytest.CaptureFixture[str]
) -> None:
    with mail_server(Mailbox(answer_to_recipient="550 <ada@example.com> is unknown here")) as strict:
        app = app_with(strict.url)
        make_person(app, "ada@example.com")
        forget(app)
        with services_of(app).at_work():
            send_due_letters()

    log = capfd.readouterr().err
    assert "recipient refused, 550" in log
    assert "ada@" not in log
    assert count_rows(outbox) == 0


def test_nobody_waits_for_a_letter_to_be_claimed_when_none_is_due(mailing_app: ApiApp) -> None:
    held: list[str] = []
    database = services_of(mailing_app).database
    database.on_execute = lambda statement, _: held.append(statement.sql)

    assert send_due_letters() == 0

    assert [sql.split()[0] for sql in held] == ["SELECT"]


def test_letters_go_with_the_account(mailing_app: ApiApp, mailbox: Mailbox) -> None:
    ada = make_person(mailing_app, "ada@example.com")
    forget(mailing_app)
    ada.delete("/v1/users/me", {"password": PASSWORD})

    assert send_due_letters() == 0
    assert mailbox.received == []
    assert execute(Statement(outbox.select()), {}) == []
