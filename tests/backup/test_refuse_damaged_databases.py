"""R13: a backup looks at the database first, at what it is about to write: no good file is replaced by a bad one."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from bucketlist.backup.backups import check_backup, make_backup
from bucketlist.config import Settings
from bucketlist.migrations import runner
from tests import citus
from tests.backup.steps import add_items, refused
from tests.backup.test_verify_a_database import spoil
from tests.raw_database import open_database

OLDER = "an older one"
ORPHANED = {
    "sqlite": "DELETE FROM buckets",
    "postgresql": "SET LOCAL citus.propagate_set_commands = 'local'; SET LOCAL session_replication_role = replica; "
    "DELETE FROM buckets",
}
BROKEN_ROWS = [
    ("UPDATE items SET position = 0", "Rows of items in which position does not count from 1: 24."),
    pytest.param(
        "DELETE FROM email_addresses", "Users who cannot be found by their email: 3.", marks=citus.makes_it_anew
    ),
    ("UPDATE users SET modified_at = '2020-01-01T00:00:00.000Z'", "modified_at is before created_at: 3."),
]
NO_VALUES = {  # that a backup could hold; only SQLite takes them
    "UPDATE items SET description = CAST('x' AS BLOB)": "The table items holds a row that a backup cannot keep;",
    "UPDATE items SET position = 0.5": "The table items holds a row that a backup cannot keep;",
    "UPDATE items SET description = CAST(x'ff' AS TEXT)": "The database cannot be used: Could not decode to UTF-8",
}
on_sqlite = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """Where a backup of yesterday is."""
    target = tmp_path / "backups" / "all.zip"
    target.parent.mkdir()
    target.write_text(OLDER)
    return target


def see_it_refused(settings: Settings, target: Path) -> str:
    """The sentence with which a backup is refused; the older one stays what it is, with nothing beside it."""
    told = refused(settings, target.parent, "backup", target.name)
    assert target.read_text() == OLDER
    assert [path.name for path in target.parent.iterdir()] == [target.name]
    return told


def shift_a_cell(settings: Settings) -> None:
    """Flip bits of a page of the items: of where its first row is."""
    page = page_of(settings, "items")
    with settings.sqlite_path.open("r+b") as file:
        file.seek(page + 8)
        pointer = file.read(2)
        file.seek(page + 8)
        file.write(bytes(byte ^ 0x0F for byte in pointer))


def make_no_page(settings: Settings) -> None:
    page = page_of(settings, "items")
    with settings.sqlite_path.open("r+b") as file:
        file.seek(page)
        file.write(b"\xff" * 512)


def leave_out_of_the_index(settings: Settings) -> None:
    """Rows that are added while the index is not in the catalog."""
    add_items(settings, 1)
    with open_database(settings) as connection:
        run = connection.exec_driver_sql
        (index,) = run("SELECT * FROM sqlite_master WHERE name LIKE 'ix_items_%_position_%'").all()
        run("PRAGMA writable_schema = ON")
        run("DELETE FROM sqlite_master WHERE name = ?", (index.name,))
    add_items(settings, 1)
    with open_database(settings) as connection:
        connection.exec_driver_sql("PRAGMA writable_schema = ON")
        connection.exec_driver_sql("INSERT INTO sqlite_master VALUES (?, ?, ?, ?, ?)", tuple(index))


def page_of(settings: Settings, table: str) -> int:
    """Where the first page of a table is in the file."""
    with open_database(settings) as connection:
        connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
        root = connection.scalar(text("SELECT rootpage FROM sqlite_master WHERE name = :name"), {"name": table})
        return (int(root) - 1) * int(connection.scalar(text("PRAGMA page_size")))


@pytest.mark.threat(row=56)
@on_sqlite
@pytest.mark.parametrize("damage", [shift_a_cell, make_no_page, leave_out_of_the_index])
def test_r13_a_damaged_file_is_not_backed_up(
    filled: Settings, damage: Callable[[Settings], None], target: Path
) -> None:
    damage(filled)

    told = see_it_refused(filled, target)

    assert told.startswith(("The file of the database is damaged: ", "The database cannot be used: "))


@pytest.mark.threat(row=56)
@pytest.mark.parametrize(("sql", "sentence"), BROKEN_ROWS)
def test_r13_broken_rows_are_not_backed_up(filled: Settings, sql: str, sentence: str, target: Path) -> None:
    spoil(filled, sql)

    told = see_it_refused(filled, target)

    assert sentence in told
    assert told.endswith("Nothing was backed up; see “bucketlist verify”.")


@pytest.mark.parametrize("revision", ["0003", "head"])
def test_r13_rows_that_refer_to_nothing_are_not_backed_up(
    filled: Settings, kind: str, revision: str, target: Path
) -> None:
    if revision != "head":
        runner.downgrade(filled, revision)
    spoil(filled, ORPHANED[kind])

    assert see_it_refused(filled, target).startswith("Rows of items without their buckets: 24.")


@on_sqlite
@pytest.mark.parametrize(("sql", "sentence"), NO_VALUES.items())
def test_r13_what_could_not_be_restored_is_not_backed_up(
    filled: Settings, sql: str, sentence: str, target: Path
) -> None:
    runner.downgrade(filled, "0003")  # whose rows are not asked one by one
    spoil(filled, sql)

    assert see_it_refused(filled, target).startswith(sentence)


@pytest.mark.parametrize(
    ("revision", "sql"),
    [("head", "UPDATE items SET name_folded = 'x'"), ("0003", "UPDATE items SET name_folded = 'x', position = 0")],
)
def test_r13_what_another_version_may_see_otherwise_is_no_damage(
    filled: Settings, revision: str, sql: str, target: Path
) -> None:
    """A newer Python folds a few letters otherwise, and an older revision may have had other rules."""
    if revision != "head":
        runner.downgrade(filled, revision)
    spoil(filled, sql)

    make_backup(filled, target)

    assert check_backup(target).members
