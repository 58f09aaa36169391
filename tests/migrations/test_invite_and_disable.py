"""F28: revision 0008 keeps what is there, and what it adds is in backups, and told when it is taken away."""

from pathlib import Path

from sqlalchemy import text

from bucketlist.backup.backups import make_backup, restore_backup
from bucketlist.backup.verify import find_problems
from bucketlist.config import Settings
from bucketlist.migrations import runner
from tests.raw_database import open_database, read_all_tables

BEFORE, SINCE = "0007", "0010"  # and what came later loses more
MOMENT = "2026-11-24T12:00:00.000Z"


def disable_all(settings: Settings, moment: str = MOMENT) -> None:
    with open_database(settings) as connection:
        connection.execute(text("UPDATE users SET disabled_at = :moment"), {"moment": moment})


def marks(settings: Settings) -> list[str]:
    """When each was disabled, or "None"."""
    return [str(row[-1]) for row in read_all_tables(settings)["users"]]


def test_f28_nobody_is_disabled_or_invited_by_the_upgrade(filled: Settings) -> None:
    runner.downgrade(filled, SINCE)
    before = read_all_tables(filled)
    runner.downgrade(filled, BEFORE)

    runner.upgrade(filled)

    assert find_problems(filled) == []
    runner.downgrade(filled, SINCE)
    assert read_all_tables(filled) == {**before, "invitations": [], "tombstones": []}
    assert marks(filled) == ["None"] * 3


def test_f28_a_downgrade_says_that_it_would_lose_both(filled: Settings) -> None:
    disable_all(filled)

    lost = runner.rehearse_downgrade(filled, BEFORE)

    assert {"invitations (1 row)", "users.disabled_at (in 3 rows)"} <= set(lost)


def test_f28_a_restore_keeps_the_mark_and_brings_no_invitation_back(filled: Settings, tmp_path: Path) -> None:
    disable_all(filled)
    make_backup(filled, tmp_path / "all.zip")

    restore_backup(filled, tmp_path / "all.zip", is_forced=True)

    assert "None" not in marks(filled)
    assert read_all_tables(filled)["invitations"] == []
