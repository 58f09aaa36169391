"""`bucketlist db`: up, down, and where it is."""

from pathlib import Path

import pytest

from bucketlist.migrations import NEWEST_REVISION
from tests.commands import refusal, succeed

AT_HEAD = f"The database is at revision {NEWEST_REVISION}.\n"
AT_BASE = "The database is at revision base.\n"


@pytest.fixture
def upgraded(empty_database: dict[str, str], tmp_path: Path) -> dict[str, str]:
    succeed(tmp_path, "db", "upgrade", **empty_database)
    return empty_database


def test_upgrade_says_where_it_has_come_to_and_may_be_repeated(empty_database: dict[str, str], tmp_path: Path) -> None:
    assert succeed(tmp_path, "db", "upgrade", **empty_database) == AT_HEAD
    assert succeed(tmp_path, "db", "upgrade", **empty_database) == AT_HEAD


def test_current_says_where_it_is_and_how_far_it_could_be(empty_database: dict[str, str], tmp_path: Path) -> None:
    before = succeed(tmp_path, "db", "current", **empty_database)
    succeed(tmp_path, "db", "upgrade", **empty_database)
    after = succeed(tmp_path, "db", "current", **empty_database)

    assert before == f"base (newest: {NEWEST_REVISION})\n"
    assert after == f"{NEWEST_REVISION} (newest: {NEWEST_REVISION})\n"


def test_downgrade_goes_to_the_bottom_and_upgrade_back(upgraded: dict[str, str], tmp_path: Path) -> None:
    assert succeed(tmp_path, "db", "downgrade", "base", **upgraded) == AT_BASE
    assert succeed(tmp_path, "db", "upgrade", NEWEST_REVISION, **upgraded) == AT_HEAD


def test_minus_one_is_one_step_and_no_option(upgraded: dict[str, str], tmp_path: Path) -> None:
    printed = succeed(tmp_path, "db", "downgrade", "-1", **upgraded)

    assert printed.startswith("The database is at revision ")
    assert printed != AT_HEAD


@pytest.mark.parametrize("move", ["upgrade", "downgrade"])
def test_a_revision_that_is_not_there_is_refused(move: str, upgraded: dict[str, str], tmp_path: Path) -> None:
    assert "0815" in refusal(tmp_path, "db", move, "0815", **upgraded)
