"""R7: what long texts take is counted for whoever had them before there was a storage quota."""

from pathlib import Path

from sqlalchemy import text

from bucketlist.backup.backups import make_backup, restore_backup
from bucketlist.backup.verify import find_problems
from bucketlist.config import Settings
from bucketlist.limits.storage import size_of
from bucketlist.migrations import runner
from bucketlist.models import users
from tests.raw_database import open_database, read_all_tables

BEFORE = "0006"
LONG = "x" * 5_000


def lengthen(settings: Settings) -> None:
    """All items, and of the buckets those in which nothing can be folded to anything else."""
    with open_database(settings) as connection:
        for table in ("items", "buckets"):
            command = f"UPDATE {table} SET description = :long, description_folded = :long"  # noqa: S608  # names of ours
            connection.execute(text(command), {"long": LONG})


def counted(settings: Settings) -> int:
    place = list(users.c.keys()).index("text_bytes")
    return sum(int(str(row[place])) for row in read_all_tables(settings)["users"])


def expected(settings: Settings) -> int:
    """A name stands behind the ids: one of a bucket, two of an item."""
    tables = read_all_tables(settings)
    names = [str(row[2]) for row in tables["buckets"]] + [str(row[3]) for row in tables["items"]]
    return sum(size_of(name, LONG) for name in names)


def test_r7_what_was_there_before_is_counted(filled: Settings) -> None:
    runner.downgrade(filled, BEFORE)
    lengthen(filled)

    runner.upgrade(filled)

    assert counted(filled) == expected(filled) > 24 * 2 * len(LONG)
    assert find_problems(filled) == []


def test_r7_what_an_older_backup_holds_is_counted(filled: Settings, tmp_path: Path) -> None:
    runner.downgrade(filled, BEFORE)
    lengthen(filled)
    make_backup(filled, tmp_path / "old.zip")

    restore_backup(filled, tmp_path / "old.zip", is_forced=True)

    assert counted(filled) == expected(filled)


def test_r7_what_is_not_counted_as_it_should_be_is_told(filled: Settings) -> None:
    lengthen(filled)

    assert find_problems(filled) == ["Accounts whose text_bytes are not what their long texts take: 3."]
