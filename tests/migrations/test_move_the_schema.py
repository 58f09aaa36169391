"""Migrations go up and down, on both databases, and the data stay what they were."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from sqlalchemy import Connection, inspect, text

from bucketlist.config import Settings
from bucketlist.migrations import NEWEST_REVISION, runner
from bucketlist.migrations.runner import MigrationError
from bucketlist.models import metadata
from tests.commands import refusal, succeed
from tests.migrations.conftest import empty_trash
from tests.migrations.releases import make_release
from tests.migrations.steps import all_steps
from tests.raw_database import Rows, open_database, read_all_tables, set_revision

TABLES = sorted(metadata.tables)

Borrow = Callable[[Settings], AbstractContextManager[Connection]]
WORKS_ON_ALL = pytest.mark.parametrize(
    ("database", "borrow"),
    [("postgresql", runner.transaction), ("postgresql", runner.snapshot)],
    indirect=["database"],
)


def rows_of(settings: Settings) -> dict[str, Rows]:
    """All rows of all tables but the one that tells the revision."""
    tables = read_all_tables(settings)
    del tables["alembic_version"]
    return tables


def test_the_tests_have_rows_in_every_table(filled: Settings) -> None:
    empty = [name for name, rows in rows_of(filled).items() if not rows]

    assert empty == []


def test_upgrading_again_changes_nothing(filled: Settings) -> None:
    before = rows_of(filled)

    runner.upgrade(filled)

    assert rows_of(filled) == before


def test_downgrading_to_base_leaves_nothing_and_upgrading_makes_all_again(filled: Settings) -> None:
    runner.downgrade(filled, "base")

    with open_database(filled) as connection:
        assert inspect(connection).get_table_names() == ["alembic_version"]
    assert runner.revision_of(filled) is None
    runner.upgrade(filled)
    assert rows_of(filled) == {name: [] for name in TABLES}


def test_f27_every_step_down_and_up_again_keeps_all_that_there_was_below_it(filled: Settings) -> None:
    """What is in a table or column that is new with the step is lost on the way down, which says so."""
    empty_trash(filled)
    for step, below in all_steps():
        survives = {} if below == "base" else columns_at(below)
        before = read_all_tables(filled, survives)
        runner.downgrade(filled, below)
        runner.upgrade(filled, step)
        assert read_all_tables(filled, survives) == before
        runner.downgrade(filled, below)


def columns_at(revision: str) -> dict[str, list[str]]:
    return {table.name: table.columns.keys() for table in runner.tables_of(revision)}


@pytest.mark.slow
def test_a_parent_with_children_is_altered_and_no_row_of_any_table_changes(
    filled: Settings, database: dict[str, str], tmp_path: Path
) -> None:
    before = rows_of(filled)
    later = make_release(tmp_path, database)

    later.succeed("db", "upgrade", "--no-backup")
    altered = rows_of(filled)
    later.succeed("db", "downgrade", "-1", "--yes", "--no-backup")

    assert rows_of(filled) == before
    assert altered.pop("users") == sorted((*row, "none") for row in before["users"])
    assert altered.pop("buckets") == sorted((*row, "None") for row in before["buckets"])
    assert altered == {name: rows for name, rows in before.items() if name not in ("users", "buckets")}


def test_what_a_later_release_has_altered_this_one_does_not_touch(
    filled: Settings, database: dict[str, str], tmp_path: Path
) -> None:
    set_revision(filled, "9999")
    before = rows_of(filled)

    for command in (("db", "upgrade"), ("db", "downgrade", "base"), ("serve", "--port", "0"), ("prune",)):
        assert "newer version" in refusal(tmp_path, *command, **database)

    assert succeed(tmp_path, "db", "current", **database) == f"9999 (newest: {NEWEST_REVISION})\n"
    assert rows_of(filled) == before


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_rows_that_refer_to_nothing_are_found_before_anything_is_committed(filled: Settings) -> None:
    with open_database(filled) as connection:
        connection.execute(text("DELETE FROM buckets"))

    with pytest.raises(MigrationError, match="refer to nothing"):
        runner.upgrade(filled)


@pytest.mark.parametrize("revision", ["0815", "-5", "+5"])
def test_a_revision_that_is_not_there_is_refused(revision: str, filled: Settings) -> None:
    before = rows_of(filled)

    with pytest.raises(MigrationError, match=r"^[A-Z].*[^.]\.$"):
        runner.upgrade(filled, revision)

    assert rows_of(filled) == before


@WORKS_ON_ALL
def test_what_works_on_all_of_the_database_leaves_nothing_on_a_connection_that_a_pooler_lends_to_others(
    settings: Settings, borrow: Borrow
) -> None:
    with borrow(settings) as connection:
        for number in range(10):
            connection.execute(text("SELECT :number"), {"number": number})

        assert connection.execute(text("SELECT count(*) FROM pg_prepared_statements")).scalar_one() == 0


@WORKS_ON_ALL
def test_what_works_on_all_of_the_database_may_take_longer_than_a_statement_of_its_role(
    settings: Settings, borrow: Borrow
) -> None:
    with open_database(settings) as connection:
        name = connection.execute(text("SELECT current_database()")).scalar_one()
        connection.execute(text(f"ALTER DATABASE \"{name}\" SET statement_timeout = '300ms'"))

    with borrow(settings) as connection:
        assert connection.execute(text("SELECT 1 FROM pg_sleep(0.5)")).scalar_one() == 1
