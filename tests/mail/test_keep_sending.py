"""The mail worker outlasts whatever happens; a letter waits for three days, or as long as its link."""

from collections.abc import Callable
from dataclasses import replace
from threading import Event

import pytest
import time_machine
from sqlalchemy import select

from bucketlist.accounts import service as accounts
from bucketlist.config import Settings
from bucketlist.kit.db.database import Statement, execute, transaction
from bucketlist.kit.errors import Unavailable
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.mail import notifications, worker
from bucketlist.mail.notifications import LinkKind
from bucketlist.mail.service import send_due_letters
from bucketlist.mail.worker import start_mail_worker
from bucketlist.models import outbox
from bucketlist.services import services_of
from tests.concurrency import wait_until
from tests.mailbox import Mailbox
from tests.patience import LONG
from tests.people import Person, make_person


def test_the_thread_goes_on_when_the_database_is_away_and_when_a_letter_breaks_it(
    app: ApiApp, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    problems, is_done = iter([Unavailable(), ValueError("no letter")]), Event()

    def send() -> None:
        for problem in problems:
            raise problem
        is_done.set()

    monkeypatch.setattr(worker, "SECONDS_BETWEEN", 0.01)
    monkeypatch.setattr(worker, "send_due_letters", send)
    thread = start_mail_worker(services_of(app))

    assert thread is not None
    assert is_done.wait(LONG)
    thread.stop()
    log = capfd.readouterr().err
    assert '"mail_failed"' in log
    assert "ValueError: no letter" in log


def test_without_mail_there_is_no_thread(app: ApiApp, settings: Settings) -> None:
    silent = settings.model_copy(update={"mail_url": ""})

    assert start_mail_worker(replace(services_of(app), settings=silent)) is None


def write_a_letter(app: ApiApp, email: str) -> None:
    make_person(app, email)
    assert app.test_client().post("/v1/auth/password/forgot", json={"email": email}).status_code == 202


@pytest.mark.in_process("wakes the thread of this process")
def test_a_worker_sends_at_once_what_its_process_has_committed(
    app_with: Callable[[str], ApiApp], mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "SECONDS_BETWEEN", 10 * LONG)
    app = app_with(mailbox.url)
    notifications.waiting.set()
    thread = start_mail_worker(services_of(app))
    assert thread is not None
    wait_until(lambda: not notifications.waiting.is_set())  # its first rounds, in which there is nothing, are over

    with services_of(app).at_work():
        write_a_letter(app, "ada@example.com")

    wait_until(lambda: len(mailbox.received) == 1)
    thread.stop()


@pytest.mark.in_process("wakes the thread of this process")
def test_a_mail_server_that_is_away_is_not_asked_anew_for_each_letter(
    app_with: Callable[[str], ApiApp], mailbox: Mailbox
) -> None:
    is_woken = []
    for number, url in enumerate(("smtp://127.0.0.1:1", mailbox.url)):
        with services_of(app := app_with(url)).at_work():
            write_a_letter(app, f"{number}@example.com")
            send_due_letters()
            notifications.waiting.clear()
            write_a_letter(app, f"{number}@example.org")
            is_woken.append(notifications.waiting.is_set())

    assert is_woken == [False, True]


GIVEN_UP_AT = Statement(select(outbox.c.given_up_at))


@pytest.mark.parametrize(
    ("kind", "until"), [("reset", "2026-11-24T13:00:00.000Z"), ("confirm", "2026-11-27T12:00:00.000Z")]
)
def test_a_link_is_kept_while_it_is_good_and_for_three_days_at_most(ada: Person, kind: LinkKind, until: str) -> None:
    with time_machine.travel("2026-11-24T12:00:00Z", tick=False), transaction():
        notifications.send_link(accounts.get_user_by_email(ada.email), kind)

    assert [row[0] for row in execute(GIVEN_UP_AT, {})] == [until]


def test_a_notice_is_kept_for_three_days(ada: Person) -> None:
    with time_machine.travel("2026-11-24T12:00:00Z", tick=False), transaction():
        notifications.notify(accounts.get_user_by_email(ada.email), "password_changed")

    assert [row[0] for row in execute(GIVEN_UP_AT, {})] == ["2026-11-27T12:00:00.000Z"]
