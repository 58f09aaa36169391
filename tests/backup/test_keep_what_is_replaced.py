"""`restore --force` keeps what it replaces: a copy beside the file of SQLite, a backup in BACKUP_DIR of PostgreSQL."""

from pathlib import Path

import pytest

from bucketlist.backup import moves
from bucketlist.backup.backups import make_backup, restore_backup
from bucketlist.config import Settings
from bucketlist.migrations.copies import copies_of
from bucketlist.migrations.runner import MigrationError
from tests.backup.conftest import NewDatabase
from tests.backup.steps import rows_of
from tests.raw_database import open_database, read_all_tables

only_on = pytest.mark.parametrize


@pytest.fixture
def backup(filled: Settings, tmp_path: Path) -> Path:
    """Of a moment before somebody changed their name."""
    make_backup(filled, tmp_path / "all.zip")
    with open_database(filled) as connection:
        connection.exec_driver_sql("UPDATE users SET name = 'Somebody else'")
    return tmp_path / "all.zip"


def restore(settings: Settings, backup: Path, **how: bool) -> Path | None:
    return moves.restore(settings, backup, is_forced=True, are_sessions_kept=True, **how).kept


@only_on("kind", ["sqlite"], indirect=True)
def test_on_sqlite_there_is_a_copy_of_what_was_replaced(filled: Settings, backup: Path) -> None:
    before = read_all_tables(filled)

    kept = restore(filled, backup)

    assert kept is not None
    assert [kept] == copies_of(filled.sqlite_path)
    kept.replace(filled.sqlite_path)
    assert read_all_tables(filled) == before


@only_on("kind", ["postgresql"], indirect=True)
def test_on_postgresql_there_is_a_backup_that_pushes_none_out(filled: Settings, backup: Path, tmp_path: Path) -> None:
    settings = filled.model_copy(update={"backup_dir": tmp_path, "backup_keep": 1})
    before = rows_of(filled)

    kept = restore(settings, backup)

    assert kept is not None
    assert backup.exists()
    assert rows_of(filled) != before
    restore_backup(filled, kept, is_forced=True, are_sessions_kept=True)
    assert rows_of(filled) == before


def test_nothing_is_kept_where_there_is_nobody_or_it_is_not_wanted(
    filled: Settings, empty: Settings, backup: Path
) -> None:
    assert restore(empty, backup) is None
    assert restore(filled, backup, is_kept=False) is None
    assert copies_of(filled.sqlite_path) == []


@only_on("kind", ["sqlite"], indirect=True)
def test_what_cannot_be_kept_is_not_replaced_unasked(
    filled: Settings, backup: Path, monkeypatch: pytest.MonkeyPatch, new_database: NewDatabase
) -> None:
    monkeypatch.setattr("bucketlist.migrations.copies.ROOM_FACTOR", 2**50)
    before = read_all_tables(filled)

    with pytest.raises(MigrationError, match=r"no room for a copy .*--no-backup"):
        restore(filled, backup)

    assert read_all_tables(filled) == before
