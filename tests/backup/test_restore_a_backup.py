"""Restore: what was backed up comes back as it was, on the same database, on the other one, from an older version."""

from pathlib import Path

import pytest

from bucketlist import migrations
from bucketlist.backup.backups import LEFT_OUT, check_backup, make_backup, restore_backup
from bucketlist.backup.verify import find_problems
from bucketlist.config import Settings
from bucketlist.migrations import runner
from bucketlist.models import metadata
from tests.backup.conftest import KINDS, NewDatabase
from tests.backup.steps import command, content_of, log_in, refused, restored_rows, rows_of
from tests.migrations.conftest import fill
from tests.raw_database import read_all_tables, set_revision

REVISIONS = sorted(path.name[:4] for path in Path(migrations.__file__).parent.glob("versions/[0-9]*.py"))


def test_all_that_was_there_comes_back(filled: Settings, empty: Settings, tmp_path: Path) -> None:
    made = command(filled, tmp_path, "backup", "all.zip")

    told = command(empty, tmp_path, "restore", "all.zip", "--keep-sessions")

    assert rows_of(empty) == rows_of(filled)
    assert [name for name, rows in read_all_tables(empty).items() if not rows] == list(LEFT_OUT)
    assert made.startswith("all.zip: of 20")
    assert "3 users" in made
    assert "3 users" in told
    assert find_problems(empty) == []
    assert log_in(empty) == 200


@pytest.mark.parametrize("other", KINDS)
def test_a_backup_fits_both_databases(filled: Settings, other: str, new_database: NewDatabase, tmp_path: Path) -> None:
    restored, back = new_database(other), new_database("postgresql" if filled.database_url else "sqlite")
    before = make_backup(filled, tmp_path / "1.zip")

    restore_backup(restored, tmp_path / "1.zip", are_sessions_kept=True)
    between = make_backup(restored, tmp_path / "2.zip")
    restore_backup(back, tmp_path / "2.zip", are_sessions_kept=True)

    assert content_of(between) == content_of(before)
    assert rows_of(back) == rows_of(filled)
    assert find_problems(restored) == []
    assert log_in(restored) == 200


@pytest.mark.parametrize(
    ("kind", "revision"),
    [*(("sqlite", revision) for revision in REVISIONS), ("postgresql", REVISIONS[0]), ("postgresql", REVISIONS[-2])],
    indirect=["kind"],
)
def test_a_backup_of_an_older_version_is_brought_up_to_date(
    filled: Settings, empty: Settings, revision: str, tmp_path: Path
) -> None:
    runner.downgrade(filled, revision)
    command(filled, tmp_path, "backup", "old.zip")

    command(empty, tmp_path, "restore", "old.zip", "--keep-sessions")

    runner.upgrade(filled)
    assert check_backup(tmp_path / "old.zip").revision == revision
    assert runner.revision_of(empty) == runner.head()
    assert rows_of(empty) == rows_of(filled)


def test_a_database_with_users_is_replaced_only_by_force(filled: Settings, empty: Settings, tmp_path: Path) -> None:
    make_backup(filled, tmp_path / "all.zip")
    runner.upgrade(empty)
    fill(empty)
    other = rows_of(empty)

    told = refused(empty, tmp_path, "restore", "all.zip")

    assert told == "The database has users, who would be replaced; --force does so."
    assert rows_of(empty) == other
    command(empty, tmp_path, "restore", "all.zip", "--force")
    assert rows_of(empty) == restored_rows(filled)


def test_a_database_with_a_schema_and_no_users_is_filled(filled: Settings, empty: Settings, tmp_path: Path) -> None:
    make_backup(filled, tmp_path / "all.zip")
    runner.upgrade(empty)

    command(empty, tmp_path, "restore", "all.zip")

    assert rows_of(empty) == restored_rows(filled)


def test_a_database_of_a_newer_version_is_neither_backed_up_nor_replaced(filled: Settings, tmp_path: Path) -> None:
    make_backup(filled, tmp_path / "all.zip")
    set_revision(filled, "9999")
    newer = "The database was made by a newer version of bucketlist; upgrade the software."

    assert refused(filled, tmp_path, "backup", "newer.zip") == newer
    assert refused(filled, tmp_path, "restore", "all.zip", "--force") == newer
    assert refused(filled, tmp_path, "verify") == newer
    assert sorted(path.name for path in tmp_path.glob("*.zip")) == ["all.zip"]


def test_an_empty_database_is_not_backed_up_and_none_is_made(empty: Settings, tmp_path: Path) -> None:
    told = refused(empty, tmp_path, "backup", "none.zip")

    assert "nothing to back up" in told or "There is no database" in told
    assert not (tmp_path / "none.zip").exists()
    assert not empty.sqlite_path.exists()


def test_every_column_can_be_carried(filled: Settings) -> None:
    kinds = {str(column.type) for table in metadata.sorted_tables for column in table.columns}

    assert kinds <= {"CHAR(32)", "TEXT", "DATETIME", "BIGINT", "INTEGER", 'TEXT COLLATE "C"'}, "see backup/rows.py"
