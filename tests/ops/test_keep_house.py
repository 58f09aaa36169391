"""Background jobs: what has to be done now and then is done without anybody asking for it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import time_machine
from structlog.testing import capture_logs

from bucketlist.app import create_app, make_services
from bucketlist.config import Settings
from bucketlist.kit.db import address, pruning
from bucketlist.kit.db.database import transaction
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.models import refresh_tokens, sessions, tombstones
from bucketlist.ops import housekeeping
from bucketlist.purging import queries as purge_queries
from bucketlist.purging.tombstones import Tombstone
from bucketlist.services import Services, services_of
from tests.authentication import sign_up
from tests.concurrency import wait_until
from tests.patience import LONG
from tests.people import Person
from tests.rows import count_rows
from tests.servers import LiveServer


@contextmanager
def housekeeping_of(services: Services) -> Iterator[None]:
    """The threads of a worker, which do not outlive the test: they would write into the next one's log."""
    threads = housekeeping.start_housekeeping(services)
    try:
        yield
    finally:
        for thread in threads:
            thread.stop()
        pruning.leftover.clear()


def test_a_worker_removes_what_has_expired_and_looks_at_its_database_again(
    app: ApiApp, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(housekeeping, "uniform", lambda *_: 0.0)  # at once, instead of within minutes
    monkeypatch.setattr(housekeeping, "SECONDS_BETWEEN", 0.05)
    with time_machine.travel("2020-11-24T12:00:00Z"):
        sign_up(app.test_client())
    assert (count_rows(sessions), count_rows(refresh_tokens)) == (1, 1)

    with capture_logs() as told, housekeeping_of(services_of(app)):
        wait_until(lambda: count_rows(sessions) + count_rows(refresh_tokens) == 0)
        weak = "full_page_writes"  # which the suite has switched off
        wait_until(lambda: [line.get("setting") for line in told].count(weak) >= (2 if settings.database_url else 0))


def test_r8_a_worker_prunes_at_once_when_a_request_has_left_something_to_it(
    app: ApiApp, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(housekeeping, "uniform", lambda *_: LONG)
    with transaction():
        purge_queries.add(Tombstone(ada.id, "tokens", ada.id))
    pruning.leftover.clear()
    with housekeeping_of(services_of(app)):
        assert count_rows(tombstones) == 1

        pruning.leftover.set()

        wait_until(lambda: count_rows(tombstones) == 0)


WEAK = '"event":"durability_is_weak"'


def warnings(settings: Settings, capfd: pytest.CaptureFixture[str]) -> list[str]:
    """The settings that are warned of."""
    app = create_app(settings)
    with services_of(app).at_work():
        housekeeping.warn_of_weak_settings()
    database = services_of(app).database
    database.pool.close()
    return [json.loads(line)["setting"] for line in capfd.readouterr().err.splitlines() if WEAK in line]


def test_the_server_of_this_suite_trades_safety_for_speed_and_that_is_told(
    settings: Settings, capfd: pytest.CaptureFixture[str]
) -> None:
    weak = ["fsync", "full_page_writes"] if settings.database_url else []

    assert warnings(settings, capfd) == weak


def test_commits_that_do_not_wait_for_the_disk_are_told(
    settings: Settings, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(address.OPTIONS, "synchronous_commit", "off")

    assert ("synchronous_commit" in warnings(settings, capfd)) == bool(settings.database_url)


@pytest.mark.slow
def test_a_worker_tells_when_it_starts(settings: Settings, live_server: LiveServer) -> None:
    if settings.database_url:
        wait_until(lambda: WEAK in live_server.log)
    else:
        assert WEAK not in live_server.log


def test_a_database_that_is_away_is_looked_at_later(settings: Settings) -> None:
    away = settings.model_copy(update={"database_url": "postgresql://nobody@127.0.0.1:1/nothing"})

    with capture_logs() as told, housekeeping_of(make_services(away)):
        failed = ("durability_check_failed", "warning")
        wait_until(lambda: failed in [(line["event"], line["log_level"]) for line in told])
