"""Migrations are atomic: whatever goes wrong while the schema moves, it is all there, or nothing is."""

from pathlib import Path

import pytest

from bucketlist.config import Settings
from bucketlist.migrations import runner
from tests.commands import sentence_of
from tests.concurrency import together, wait_until
from tests.migrations.releases import UPGRADE, make_release
from tests.raw_database import read_all_tables, settings_of

pytestmark = pytest.mark.slow

WAIT_ONCE = """
flag = Path(os.environ["DATA_DIR"]) / "half-way"
flag.parent.mkdir(parents=True, exist_ok=True)
if not flag.exists():
    flag.touch()
    time.sleep(60)
"""


def test_a_step_that_fails_is_undone_with_all_that_came_before_it(
    filled: Settings, database: dict[str, str], tmp_path: Path
) -> None:
    before = read_all_tables(filled)
    later = make_release(tmp_path, database, UPGRADE + 'op.drop_table("nothing")')

    ended = later.run("db", "upgrade", "--no-backup")

    assert "nothing" in sentence_of(ended.returncode, ended.stderr)
    assert read_all_tables(filled) == before


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_step_that_would_leave_orphans_is_refused_and_undone(
    filled: Settings, database: dict[str, str], tmp_path: Path
) -> None:
    before = read_all_tables(filled)
    later = make_release(tmp_path, database, 'op.execute("DELETE FROM buckets")')

    ended = later.run("db", "upgrade", "--no-backup")

    assert "refer to nothing" in sentence_of(ended.returncode, ended.stderr)
    assert read_all_tables(filled) == before


def test_a_step_that_is_killed_half_way_can_be_run_again(
    filled: Settings, database: dict[str, str], tmp_path: Path
) -> None:
    before = read_all_tables(filled)
    later = make_release(tmp_path, database, UPGRADE + WAIT_ONCE)

    with later.killed("db", "upgrade", "--no-backup"):
        wait_for(Path(database["DATA_DIR"]) / "half-way")

    assert read_all_tables(filled) == before
    assert later.succeed("db", "upgrade", "--no-backup") == "The database is at revision next.\n"
    assert len(read_all_tables(filled)["items"]) == len(before["items"])


def test_two_who_upgrade_an_empty_database_at_once_both_succeed(database: dict[str, str], tmp_path: Path) -> None:
    release = make_release(tmp_path, database)

    told = together(2, lambda _: release.run("db", "upgrade"))

    assert [ended.returncode for ended in told] == [0, 0], told
    assert runner.revision_of(settings_of(database)) == "next"


def wait_for(path: Path) -> None:
    wait_until(path.exists, seen=lambda: f"{path} has not come")
