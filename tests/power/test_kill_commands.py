"""A command that changes everything is killed, on SQLite with a power cut: all of it has happened, or nothing has."""

import os
import subprocess
import time
from pathlib import Path
from random import Random

import pytest

from bucketlist.backup.backups import make_backup
from bucketlist.backup.verify import find_problems
from bucketlist.cli.dummy import make_dummy_data
from bucketlist.config import Settings
from tests import fork_server
from tests.backup.steps import rows_of
from tests.concurrency import wait_until
from tests.migrations.releases import UPGRADE, make_release
from tests.migrations.test_survive_accidents import WAIT_ONCE
from tests.power.cuts import CUTS, copied
from tests.power.disk import Disk
from tests.power.town import at_work, settle
from tests.raw_database import Rows, environment_of
from tests.servers import environment

pytestmark = pytest.mark.slow

KILLS = max(3, CUTS // 2)


@pytest.fixture(params=["sqlite", "postgres"])
def settings(request: pytest.FixtureRequest) -> Settings:
    settings: Settings = request.getfixturevalue(request.param)
    settle(settings, 1)
    return settings


@pytest.fixture
def disk(settings: Settings, tmp_path: Path) -> Disk | None:
    """That of SQLite; PostgreSQL has its own."""
    return None if settings.database_url else Disk(settings.data_dir, tmp_path / "synced")


def after_a_cut(settings: Settings, disk: Disk | None, torn: Random) -> dict[str, Rows]:
    """The rows that are there when whoever worked on it was killed."""
    if disk is None:
        return rows_of(settings)
    disk.cut_power(settings.sqlite_path.name, torn)
    return rows_of(copied(settings))


def test_an_upgrade_that_is_killed_has_done_nothing_and_can_be_run_again(
    settings: Settings, disk: Disk | None, tmp_path: Path, chance: Random
) -> None:
    before = after_a_cut(settings, disk, chance)
    later = make_release(tmp_path, environment_of(settings), UPGRADE + WAIT_ONCE)
    later.environment |= disk.environment if disk else {}

    with later.killed("db", "upgrade", "--no-backup"):
        wait_until((settings.data_dir / "half-way").exists)

    assert after_a_cut(settings, disk, chance) == before
    later.succeed("db", "upgrade", "--no-backup")
    after = after_a_cut(settings, disk, chance)
    assert {name: len(rows) for name, rows in after.items()} == {name: len(rows) for name, rows in before.items()}


def test_a_restore_that_is_killed_has_put_back_all_or_nothing(
    settings: Settings, disk: Disk | None, tmp_path: Path, chance: Random
) -> None:
    backups = {"small.zip": rows_of(settings)}
    make_backup(settings, tmp_path / "small.zip")
    with at_work(settings):
        list(make_dummy_data(1, 10, 400, seed=1))
    backups["large.zip"] = rows_of(settings)
    make_backup(settings, tmp_path / "large.zip")
    if disk:
        disk = Disk(settings.data_dir, tmp_path / "synced again")
    is_there, seconds = "large.zip", restore(settings, disk, tmp_path / "large.zip", 60)

    for _ in range(KILLS):
        wanted = "small.zip" if is_there == "large.zip" else "large.zip"
        restore(settings, disk, tmp_path / wanted, seconds * chance.uniform(0.4, 1))
        found = after_a_cut(settings, disk, chance)
        assert found in (backups[is_there], backups[wanted])
        is_there = wanted if found == backups[wanted] else is_there

    assert find_problems(settings if disk is None else copied(settings)) == []


def restore(settings: Settings, disk: Disk | None, backup: Path, seconds: float) -> float:
    """For so many seconds at most, after which it is killed. How long it took."""
    own = environment(backup.parent, **environment_of(settings)) | (disk.environment if disk else {})
    wanted = {name: value for name, value in own.items() if not name.startswith("COVERAGE_")}
    command = ("restore", str(backup), "--force", "--keep-sessions")
    started = time.monotonic()
    with Path(os.devnull).open("r+") as nothing:
        process = fork_server.start(backup.parent, *command, environment=wanted, streams=(nothing, nothing, nothing))
    try:
        assert process.wait(timeout=seconds) == 0
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    return time.monotonic() - started
