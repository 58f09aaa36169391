"""F23: crash recovery of migrations: one killed at any call leaves the database whole, and the next goes on."""

import subprocess
import sys
from pathlib import Path

import pytest

from bucketlist.config import Settings
from bucketlist.migrations import runner
from tests.migrations.steps import steps_with_data
from tests.patience import LONG
from tests.power.cuts import CUTS
from tests.servers import environment

pytestmark = pytest.mark.slow

EARLIER = [below for _, below in steps_with_data()]
REVISIONS = EARLIER if CUTS >= 50 else EARLIER[-1:]  # on the way from the oldest are all of the others
KILLS = max(5, CUTS // 2)


def test_upgrades_from_earlier_revisions_are_killed_many_times_and_nothing_is_lost(
    filled: Settings, database: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "backups").mkdir()
    own = environment(tmp_path, **database, BACKUP_DIR=str(tmp_path / "backups"), COUNT_FILE=str(tmp_path / "calls"))

    told = subprocess.run(
        [sys.executable, "-m", "tests.migrations.killing", str(KILLS), *REVISIONS],
        env={name: value for name, value in own.items() if not name.startswith("COVERAGE")},
        stdout=subprocess.PIPE,
        timeout=LONG * len(REVISIONS) * max(1, KILLS // 10),
        check=True,
        text=True,
    ).stdout

    assert told.splitlines() == [f"{revision}: {KILLS} kills, then 0 at {runner.head()}" for revision in REVISIONS]
