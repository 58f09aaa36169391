"""The mail worker outlasts whatever happens to one round."""

from dataclasses import replace
from threading import Event

import pytest

from bucketlist.config import Settings
from bucketlist.kit.errors import Unavailable
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.mail import worker
from bucketlist.mail.worker import start_mail_worker
from bucketlist.services import services_of
from tests.patience import LONG


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
