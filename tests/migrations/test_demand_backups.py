"""F23: before the schema of PostgreSQL moves there is a backup of this very database that is younger than an hour."""

import time
from pathlib import Path

import pytest
import time_machine

from bucketlist.backup import moves
from bucketlist.backup.archive import BackupError
from bucketlist.backup.backups import check_backup, make_backup, restore_backup
from bucketlist.backup.moves import Safety
from bucketlist.config import Settings
from bucketlist.migrations import runner
from bucketlist.migrations.runner import MigrationError
from tests import databases
from tests.migrations.steps import steps_with_data
from tests.raw_database import read_all_tables

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)
EARLIER = [below for _, below in steps_with_data()]
HEAD = runner.head()


@pytest.fixture
def older(filled: Settings) -> Settings:
    runner.downgrade(filled, EARLIER[0])
    return filled


def test_without_a_backup_nothing_moves(older: Settings) -> None:
    with pytest.raises(MigrationError, match=r"--backup FILE, or set BACKUP_DIR .*--no-backup\.$"):
        moves.upgrade(older)

    assert runner.revision_of(older) == EARLIER[0]
    assert moves.upgrade(older, safety=Safety(is_off=True)).kept is None
    assert runner.revision_of(older) == HEAD


def test_a_backup_that_is_fresh_will_do_and_an_older_one_not(older: Settings, tmp_path: Path) -> None:
    make_backup(older, tmp_path / "all.zip")
    safety = Safety(tmp_path / "all.zip")

    with time_machine.travel(time.time() + 3601), pytest.raises(MigrationError, match="within the last hour"):
        moves.upgrade(older, safety=safety)

    assert moves.upgrade(older, safety=safety).kept == tmp_path / "all.zip"


def test_a_backup_of_another_database_will_not_do_nor_one_that_is_damaged(
    older: Settings, postgres_url: str, tmp_path: Path
) -> None:
    twin = older.model_copy(update={"database_url": databases.create_database(postgres_url, like=older.database_url)})
    make_backup(twin, tmp_path / "twin.zip")
    (tmp_path / "cut.zip").write_bytes((tmp_path / "twin.zip").read_bytes()[:-1])

    with pytest.raises(MigrationError, match="of another database"):
        moves.upgrade(older, safety=Safety(tmp_path / "twin.zip"))
    with pytest.raises(BackupError, match="damaged or cut off"):
        moves.upgrade(older, safety=Safety(tmp_path / "cut.zip"))

    assert runner.revision_of(older) == EARLIER[0]


@pytest.mark.parametrize("revision", EARLIER)
def test_a_backup_is_made_in_the_folder_from_every_earlier_revision(
    filled: Settings, revision: str, tmp_path: Path
) -> None:
    runner.downgrade(filled, revision)
    settings = filled.model_copy(update={"backup_dir": tmp_path})

    kept = moves.upgrade(settings).kept

    assert kept
    assert check_backup(kept).revision == revision
    after = read_all_tables(filled)
    restore_backup(filled, kept, is_forced=True, are_sessions_kept=True)
    restored = read_all_tables(filled)
    assert {**restored, "attempts": 0} == {**after, "attempts": 0}


def test_one_in_the_folder_that_is_fresh_is_not_made_again(older: Settings, tmp_path: Path) -> None:
    settings = older.model_copy(update={"backup_dir": tmp_path})
    kept = moves.upgrade(settings).kept
    runner.downgrade(settings, EARLIER[0])

    assert moves.upgrade(settings).kept == kept
    assert list(tmp_path.glob("*.zip")) == [kept]


def test_a_database_without_people_needs_none(settings: Settings) -> None:
    runner.upgrade(settings, EARLIER[0])

    assert moves.upgrade(settings).kept is None
    assert runner.revision_of(settings) == HEAD
