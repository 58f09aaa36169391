"""F23: an upgrade that is killed at any of its calls leaves the database whole, and the next one goes on by itself."""

import subprocess
import sys
from pathlib import Path

import pytest

from bucketlist.config import Settings
from bucketlist.migrations import runner
from tests.migrations.steps import steps_with_data
from tests.power.cuts import CUTS
from tests.servers import environment

pytestmark = pytest.mark.slow

KILLS = max(2, CUTS // 2)


@pytest.mark.parametrize("revision", [below for _, below in steps_with_data()])
def test_an_upgrade_from_an_earlier_revision_is_killed_many_times_and_nothing_is_lost(
    filled: Settings, database: dict[str, str], revision: str, tmp_path: Path
) -> None:
    runner.downgrade(filled, revision)
    (tmp_path / "backups").mkdir()
    own = environment(tmp_path, **database, BACKUP_DIR=str(tmp_path / "backups"), COUNT_FILE=str(tmp_path / "calls"))

    told = subprocess.run(
        [sys.executable, "-m", "tests.migrations.killing", revision, str(KILLS)],
        env={name: value for name, value in own.items() if not name.startswith("COVERAGE")},
        stdout=subprocess.PIPE,
        timeout=300,
        check=True,
        text=True,
    ).stdout

    assert told == f"{KILLS} kills, then 0 at {runner.head()}\n"
