"""Durability: a database server that may lose what it has acknowledged is named in the log."""

import json
from pathlib import Path

import pytest

from bucketlist.app import create_app, make_services
from bucketlist.config import Settings
from bucketlist.kit.db import address
from bucketlist.ops import housekeeping
from bucketlist.services import services_of
from tests.concurrency import wait_until
from tests.servers import LiveServer

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


def test_a_database_that_is_away_is_looked_at_later(
    settings: Settings, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    away = settings.model_copy(update={"database_url": "postgresql://nobody@127.0.0.1:1/nothing"})

    log: list[str] = []

    def is_told() -> bool:
        log.append(capfd.readouterr().err)
        lines = [json.loads(line) for line in "".join(log).splitlines()]
        return ("durability_check_failed", "warning") in [(line["event"], line["level"]) for line in lines]

    threads = housekeeping.start_housekeeping(make_services(away))
    wait_until(is_told)
    for thread in threads:
        thread.stop()
