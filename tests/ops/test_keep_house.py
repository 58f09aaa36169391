"""What has to be done now and then is done without anybody asking for it."""

import pytest
import time_machine

from bucketlist.config import Settings
from bucketlist.kit.openapi import ApiApp
from bucketlist.models import refresh_tokens, sessions
from bucketlist.ops import housekeeping
from tests.auth.steps import count_rows, sign_up
from tests.crowd import wait_until


def test_a_worker_removes_what_has_expired_and_looks_at_its_database_again(
    app: ApiApp, settings: Settings, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(housekeeping, "uniform", lambda *_: 0.0)  # at once, instead of within minutes
    with time_machine.travel("2020-11-24T12:00:00Z"):
        sign_up(app.test_client())
    assert (count_rows(sessions), count_rows(refresh_tokens)) == (1, 1)
    log: list[str] = []

    def count_warnings() -> int:
        log.append(capfd.readouterr().err)
        return "".join(log).count('"setting":"full_page_writes"')  # which the suite has switched off

    housekeeping.start_housekeeping(app)

    wait_until(lambda: count_rows(sessions) + count_rows(refresh_tokens) == 0)
    wait_until(lambda: count_warnings() == (2 if settings.database_url else 0))
