"""Migration 0010 renames two tables: every row stays, and a downgrade loses none."""

from bucketlist.backup.verify import find_problems
from bucketlist.config import Settings
from bucketlist.migrations import RENAMED, runner
from tests.raw_database import Rows, read_all_tables


def rows_by_new_name(settings: Settings) -> dict[str, Rows]:
    """The rows of both tables, whatever they are called; none of one that is not there yet."""
    tables = read_all_tables(settings)
    return {new: tables.get(new, tables.get(old, [])) for new, old in RENAMED.items()}


def test_every_row_is_there_under_the_new_name_after_an_upgrade_from_below_it(filled: Settings) -> None:
    for revision in ("0009", "0003", "0001"):
        runner.downgrade(filled, revision)
        before = rows_by_new_name(filled)

        runner.upgrade(filled)

        assert before["email_addresses"] != []
        assert rows_by_new_name(filled) == before
        assert not set(RENAMED.values()) & set(read_all_tables(filled))
    assert find_problems(filled) == []


def test_going_back_loses_nothing_and_says_so(filled: Settings) -> None:
    runner.downgrade(filled, "0010")
    before = rows_by_new_name(filled)

    assert runner.rehearse_downgrade(filled, "0009") == []
    runner.downgrade(filled, "0009")

    tables = read_all_tables(filled)
    assert {new: tables[old] for new, old in RENAMED.items()} == before
    assert all(before.values())
