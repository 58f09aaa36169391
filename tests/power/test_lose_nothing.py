"""Crash recovery: kill -9 of every process of ours or of PostgreSQL, or a power cut, and nothing acknowledged is lost.

3 cuts each, in “make test-power” 50; what came of them is printed.
"""

from pathlib import Path
from random import Random

import pytest

from bucketlist.config import Settings
from tests.conftest import Tell
from tests.postgres_machine import PostgresMachine
from tests.power.cuts import CUTS, LEAST, AppKilled, PostgresKilled, PowerCut, Report, run_cuts
from tests.power.disk import Disk
from tests.power.town import settle
from tests.processes import service_on

pytestmark = pytest.mark.slow


def check(report: Report, tell: Tell) -> None:
    tell(str(report))
    assert (report.lost, report.damage) == ([], [])
    assert report.cuts == CUTS
    assert report.acknowledged >= LEAST


@pytest.mark.parametrize(("kind", "name"), [("sqlite", "SQLite"), ("postgres", "PostgreSQL")])
def test_nothing_is_lost_when_every_process_of_ours_is_killed(
    request: pytest.FixtureRequest, kind: str, name: str, tmp_path: Path, chance: Random, tell: Tell
) -> None:
    settings: Settings = request.getfixturevalue(kind)
    town = settle(settings, CUTS)

    with service_on(settings, tmp_path) as service:
        report = run_cuts(f"{name}, every process of ours killed", town, AppKilled(settings, service), chance)

    check(report, tell)


def test_nothing_is_lost_on_sqlite_when_the_power_fails(
    sqlite: Settings, tmp_path: Path, chance: Random, tell: Tell
) -> None:
    town = settle(sqlite, CUTS)
    disk = Disk(sqlite.data_dir, tmp_path / "synced")

    with service_on(sqlite, tmp_path, **disk.environment) as service:
        report = run_cuts("SQLite, power cut", town, PowerCut(sqlite, service, disk, chance), chance)

    check(report, tell)


def test_nothing_is_lost_when_every_process_of_postgresql_is_killed(
    postgres: Settings, machine: PostgresMachine, tmp_path: Path, chance: Random, tell: Tell
) -> None:
    town = settle(postgres, CUTS)

    with service_on(postgres, tmp_path) as service:
        service.start()
        workers = service.workers()
        cut = PostgresKilled(postgres, service, machine)
        report = run_cuts("PostgreSQL, every process of its own killed", town, cut, chance)
        assert service.workers() == workers, "ours had to be started again"

    check(report, tell)
