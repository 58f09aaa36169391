"""F23: before the schema of SQLite moves there is a verified copy of the file beside it."""

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from bucketlist.backup import moves
from bucketlist.backup.moves import Safety
from bucketlist.cli.schema import prepare_to_serve
from bucketlist.config import Settings
from bucketlist.migrations import copies, runner
from bucketlist.migrations.copies import copies_of, keep_copy
from bucketlist.migrations.runner import MigrationError
from tests.migrations.steps import steps_with_data
from tests.raw_database import read_all_tables

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
EARLIER = [below for _, below in steps_with_data()]
HEAD = runner.head()


@pytest.fixture
def events() -> Iterator[list[Any]]:
    with capture_logs() as events:
        yield events


def opened(copy: Path, folder: Path) -> Settings:
    """The settings of a database that is `copy`, put in place."""
    folder.mkdir()
    shutil.copy(copy, folder / "bucketlist.sqlite")
    return Settings(data_dir=folder)


@pytest.mark.parametrize("revision", EARLIER)
def test_a_copy_of_every_earlier_revision_is_what_was_there_before(
    filled: Settings, revision: str, tmp_path: Path, events: list[Any]
) -> None:
    runner.downgrade(filled, revision)
    before = read_all_tables(filled)

    moved = moves.upgrade(filled)

    assert moved.kept
    assert events[-1] == {"event": "schema_moved", "log_level": "warning", "from": revision, "to": HEAD} | {
        "copy": str(moved.kept)
    }
    assert moved.kept.stat().st_mode & 0o777 == 0o600
    assert read_all_tables(opened(moved.kept, tmp_path / "back")) == before
    assert copies_of(filled.sqlite_path) == [moved.kept]


def test_a_copy_that_is_put_back_is_brought_up_to_date(filled: Settings, tmp_path: Path) -> None:
    runner.downgrade(filled, EARLIER[-1])
    kept = moves.upgrade(filled).kept
    assert kept

    back = opened(kept, tmp_path / "back")
    moves.upgrade(back)

    assert read_all_tables(back) == read_all_tables(filled)


def test_no_copy_is_made_of_what_has_nobody_in_it_or_does_not_move(settings: Settings, filled: Settings) -> None:
    assert moves.upgrade(filled).kept is None
    runner.downgrade(filled, "base")

    assert moves.upgrade(filled).kept is None
    assert copies_of(filled.sqlite_path) == []


def test_the_last_three_are_kept(filled: Settings) -> None:
    kept = [moves.downgrade(filled, revision).kept for revision in EARLIER[:4]]

    assert copies_of(filled.sqlite_path) == kept[1:]


def test_a_move_that_fails_again_and_again_keeps_one_copy_and_the_others(filled: Settings) -> None:
    others = [moves.downgrade(filled, revision).kept for revision in EARLIER[:2]]
    copy = [keep_copy(filled.sqlite_path, EARLIER[1]) for _ in range(4)][-1]

    assert copies_of(filled.sqlite_path) == [*others, copy]


def test_without_room_for_a_copy_nothing_moves(filled: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    runner.downgrade(filled, EARLIER[0])
    monkeypatch.setattr(copies, "ROOM_FACTOR", 1 << 40)

    with pytest.raises(MigrationError, match=r"no room for a copy.* MiB are free; make room, or .*--no-backup\.$"):
        moves.upgrade(filled)

    assert runner.revision_of(filled) == EARLIER[0]
    assert moves.upgrade(filled, safety=Safety(is_off=True)).kept is None
    assert list(filled.data_dir.glob("*.at-*")) == []


def test_a_damaged_database_does_not_move_and_its_older_copies_stay(filled: Settings) -> None:
    older = moves.downgrade(filled, EARLIER[0]).kept
    whole = filled.sqlite_path.read_bytes()
    page = int.from_bytes(whole[16:18], "big")
    with closing(sqlite3.connect(filled.sqlite_path)) as connection:
        (root,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'items'").fetchone()
    filled.sqlite_path.write_bytes(whole[: (root - 1) * page] + bytes(page) + whole[root * page :])

    with pytest.raises(MigrationError, match=r"(damaged|malformed)"):
        moves.upgrade(filled)

    assert copies_of(filled.sqlite_path) == [older]
    assert list(filled.data_dir.glob("*copying*")) == []


def test_a_leftover_of_a_copy_that_was_killed_is_in_nobodys_way(filled: Settings) -> None:
    runner.downgrade(filled, EARLIER[0])
    leftover = filled.sqlite_path.with_name("bucketlist.sqlite.copying")
    leftover.write_bytes(b"SQLite format 3" + bytes(5000))

    assert moves.upgrade(filled).kept
    assert not leftover.exists()


def test_a_start_that_moves_the_schema_says_so_in_the_log(filled: Settings, capfd: pytest.CaptureFixture[str]) -> None:
    runner.downgrade(filled, EARLIER[0])

    prepare_to_serve(filled)

    (line,) = capfd.readouterr().err.splitlines()
    told = json.loads(line)
    assert (told["event"], told["level"], told["from"], told["to"]) == ("schema_moved", "warning", EARLIER[0], HEAD)
    assert [Path(told["copy"])] == copies_of(filled.sqlite_path)
