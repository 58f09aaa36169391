"""R10: bounces: one bad recipient keeps nobody else waiting; only a mail server that is away ends a round."""

from collections.abc import Callable

import pytest
import time_machine

from bucketlist.kit.db.database import Statement, execute
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.mail.service import pause_seconds, send_due_letters
from bucketlist.models import outbox
from bucketlist.services import services_of
from tests.mail.test_send_letters import NEW, forget
from tests.mailbox import Mailbox, mail_server
from tests.people import PASSWORD, Person, make_person
from tests.rows import count_rows

AddressOf = Callable[[str], ApiApp]
REFUSALS = ("550 5.1.1 Unknown", "450 4.2.0 Later", "554 5.7.1 Relay access denied", "421 4.7.0 Too many")


def people(app: ApiApp, count: int) -> list[Person]:
    return [make_person(app, f"{number}@example.com") for number in range(count)]


@pytest.mark.threat(row=59)
@pytest.mark.parametrize("refusal", REFUSALS)
def test_r10_the_letter_behind_one_that_is_refused_goes_in_the_same_round(
    mailing_app: ApiApp, mailbox: Mailbox, refusal: str
) -> None:
    refused = [person.email for person in people(mailing_app, 5)]
    mailbox.answers = dict.fromkeys(refused, refusal)
    make_person(mailing_app, "ada@example.com")
    for email in (*refused, "ada@example.com"):
        forget(mailing_app, email)

    assert send_due_letters() == 1
    assert [to for to, _ in mailbox.received] == ["ada@example.com"]


def test_r10_what_was_refused_is_tried_again_later_and_what_is_unknown_is_not(
    mailing_app: ApiApp, mailbox: Mailbox
) -> None:
    people(mailing_app, 3)
    with time_machine.travel("2026-11-24T12:00:00Z", tick=False) as clock:
        mailbox.answers = {"0@example.com": REFUSALS[0], "1@example.com": REFUSALS[1], "2@example.com": REFUSALS[2]}
        for number in range(3):
            forget(mailing_app, f"{number}@example.com")
        send_due_letters()
        waiting = count_rows(outbox)
        mailbox.answers.clear()
        clock.shift(pause_seconds(1))

        assert (waiting, send_due_letters()) == (2, 2)


@pytest.mark.threat(row=59)
@pytest.mark.parametrize("answer", ["530 5.7.0 Must issue a STARTTLS command first", "421 4.3.2 Going down"])
def test_r10_a_mail_server_that_takes_nothing_from_us_ends_the_round(
    mailing_app: ApiApp, mailbox: Mailbox, answer: str
) -> None:
    for person in people(mailing_app, 3):
        forget(mailing_app, person.email)
    mailbox.answer_to_sender = answer

    send_due_letters()

    tries = sorted(row[0] for row in execute(Statement(outbox.select().with_only_columns(outbox.c.tries)), {}))
    assert tries == [0, 0, 1]


@pytest.mark.threat(row=59)
def test_r10_links_go_before_notices_and_new_letters_before_refused_ones(mailing_app: ApiApp, mailbox: Mailbox) -> None:
    with time_machine.travel("2026-11-24T12:00:00Z", tick=False) as clock:
        ben, ada, cleo = (make_person(mailing_app, f"{name}@example.com") for name in ("ben", "ada", "cleo"))
        mailbox.answers = {ben.email: "450 Later"}
        ben.put("/v1/auth/password", {"currentPassword": PASSWORD, "newPassword": NEW})
        send_due_letters()
        mailbox.answers.clear()
        clock.shift(pause_seconds(1))
        ada.put("/v1/auth/password", {"currentPassword": PASSWORD, "newPassword": NEW})
        forget(mailing_app, cleo.email)
        send_due_letters()

    assert [to for to, _ in mailbox.received] == [cleo.email, ada.email, ben.email]


def test_r10_a_notice_that_waits_speaks_for_the_next_of_its_kind(mailing_app: ApiApp, mailbox: Mailbox) -> None:
    ada, now = make_person(mailing_app, "ada@example.com"), PASSWORD
    for wanted in (NEW, PASSWORD, NEW):
        ada.put("/v1/auth/password", {"currentPassword": now, "newPassword": wanted})
        now = wanted

    assert (send_due_letters(), count_rows(outbox)) == (1, 0)
    ada.put("/v1/auth/password", {"currentPassword": now, "newPassword": PASSWORD})
    assert send_due_letters() == 1


def test_f8_a_mistake_of_the_operators_is_told_once_with_its_code_and_ends_no_letter(
    app_with: AddressOf, capfd: pytest.CaptureFixture[str]
) -> None:
    with mail_server(Mailbox(answer_to_recipient="554 5.7.1 <x@example.com>: Relay access denied")) as relay:
        app = app_with(relay.url)
        for person in people(app, 4):
            forget(app, person.email)
        with services_of(app).at_work():
            send_due_letters()

    log = [line for line in capfd.readouterr().err.splitlines() if "letter_" in line]
    assert len(log) == 1
    assert '"reason":"recipient refused, 554 5.7.1"' in log[0]
    assert "example.com" not in log[0]
    assert count_rows(outbox) == 4
