"""Background jobs: what has to be done now and then is done without anybody asking for it."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import time_machine

from bucketlist.config import Settings
from bucketlist.kit.db import pruning
from bucketlist.kit.db.database import transaction
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.models import refresh_tokens, sessions, tombstones
from bucketlist.ops import housekeeping
from bucketlist.purging import queries as purge_queries
from bucketlist.purging.tombstones import Tombstone
from bucketlist.services import services_of
from tests.auth.steps import count_rows, sign_up
from tests.concurrency import wait_until
from tests.patience import LONG
from tests.people import Person


@contextmanager
def housekeeping_of(app: ApiApp) -> Iterator[None]:
    """The threads of a worker, which do not outlive the test: they would write into the next one's log."""
    threads = housekeeping.start_housekeeping(services_of(app))
    try:
        yield
    finally:
        for thread in threads:
            thread.stop()
        pruning.leftover.clear()


def test_a_worker_removes_what_has_expired_and_looks_at_its_database_again(
    app: ApiApp, settings: Settings, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(housekeeping, "uniform", lambda *_: 0.0)  # at once, instead of within minutes
    monkeypatch.setattr(housekeeping, "SECONDS_BETWEEN", 0.05)
    with time_machine.travel("2020-11-24T12:00:00Z"):
        sign_up(app.test_client())
    assert (count_rows(sessions), count_rows(refresh_tokens)) == (1, 1)
    log: list[str] = []

    def count_warnings() -> int:
        log.append(capfd.readouterr().err)
        return "".join(log).count('"setting":"full_page_writes"')  # which the suite has switched off

    with housekeeping_of(app):
        wait_until(lambda: count_rows(sessions) + count_rows(refresh_tokens) == 0)
        wait_until(lambda: count_warnings() >= (2 if settings.database_url else 0))


def test_r8_a_worker_prunes_at_once_when_a_request_has_left_something_to_it(
    app: ApiApp, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(housekeeping, "uniform", lambda *_: LONG)
    with transaction():
        purge_queries.add(Tombstone(ada.id, "tokens", ada.id))
    pruning.leftover.clear()
    with housekeeping_of(app):
        assert count_rows(tombstones) == 1

        pruning.leftover.set()

        wait_until(lambda: count_rows(tombstones) == 0)
