"""F23: with BACKUP_DIR the service makes a backup once a day, and a bad one never pushes out a good one."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from structlog.testing import capture_logs

from bucketlist.app import make_services
from bucketlist.backup.archive import BackupError
from bucketlist.backup.backups import check_backup
from bucketlist.backup.folder import BackupFolder, BackupInProgress, refuse_unusable_folder
from bucketlist.backup.making import make_in_folder
from bucketlist.config import Settings, SettingsError
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.ops.scheduled import BackupKeeper
from tests.conftest import on_sqlite
from tests.people import Person

NOON = "2026-11-24T12:00:00Z"


@pytest.fixture
def kept(settings: Settings, tmp_path: Path) -> Settings:
    return settings.model_copy(update={"backup_dir": tmp_path, "backup_keep": 2})


@pytest.fixture
def watch(app: ApiApp, kept: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[BackupKeeper]:
    """Makes backups in this process, for the clock of others stands not still."""
    ours = make_services(kept)
    keeper = BackupKeeper(ours)
    monkeypatch.setattr(keeper, "_make", lambda: make_in_folder(kept))
    yield keeper
    ours.database.pool.close()


def moments(folder: Path) -> list[str]:
    return sorted(path.name.partition(".")[0].rpartition("-")[2] for path in folder.glob("bucketlist-*.zip"))


def reasons(events: list[Any]) -> list[str]:
    return [event["reason"] for event in events if event["event"] == "backup_failed"]


def test_one_is_made_a_day_whenever_the_service_starts_and_the_last_are_kept(
    watch: BackupKeeper, ada: Person, tmp_path: Path
) -> None:
    for moment in ("24T12", "24T23", "25T11", "25T12", "26T13", "27T12", "27T13"):
        with time_machine.travel(f"2026-11-{moment}:00:00Z", tick=False):
            watch.look()

    assert moments(tmp_path) == ["20261126T130000Z", "20261127T130000Z"]
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}
    assert check_backup(min(tmp_path.glob("*.zip"))).taken_at == "2026-11-26T13:00:00.000Z"


def test_nothing_is_made_of_a_database_without_people(watch: BackupKeeper, kept: Settings, tmp_path: Path) -> None:
    with capture_logs() as events:
        watch.look()

    assert (moments(tmp_path), reasons(events)) == ([], [])
    with pytest.raises(BackupError, match="nobody"):
        make_in_folder(kept)


def test_a_damaged_or_empty_file_does_not_push_out_a_good_one(
    watch: BackupKeeper, ada: Person, kept: Settings, tmp_path: Path
) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        good = make_in_folder(kept)
        for days in range(3):
            clock.shift(86_400)
            make_in_folder(kept).write_bytes(b"PK, and then nothing" if days else b"")
        clock.shift(86_400)
        watch.look()

    assert good.exists()
    assert len(moments(tmp_path)) == 5


def test_names_of_the_future_and_of_other_installations_are_left_alone(
    watch: BackupKeeper, ada: Person, kept: Settings, tmp_path: Path
) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        ours = BackupFolder(kept).name
        strange = [f"{ours}-20991231T000000Z.zip", "bucketlist-01234567-20200101T000000Z.zip", "holiday.zip"]
        for name in strange:
            (tmp_path / name).write_bytes(b"PK")
        for _ in range(4):
            watch.look()
            clock.shift(86_400)

    assert {path.name for path in tmp_path.glob("*.zip")} >= set(strange)
    assert len(moments(tmp_path)) == 2 + 2


def test_a_failure_is_told_once_and_again_when_it_comes_back(watch: BackupKeeper, ada: Person, tmp_path: Path) -> None:
    with capture_logs() as events:
        shutil.rmtree(tmp_path)
        watch.look()
        watch.look()
        tmp_path.mkdir()
        watch.look()
        shutil.rmtree(tmp_path)
        watch.look()

    assert reasons(events) == ["No such file or directory"] * 2


def test_the_age_is_told_that_of_the_newest_or_since_the_start(
    watch: BackupKeeper, ada: Person, tmp_path: Path
) -> None:
    with time_machine.travel("2036-11-24T12:00:00Z", tick=False) as clock:
        assert watch.age_seconds() > 5 * 365 * 86_400
        watch.look()
        clock.shift(60)
        assert watch.age_seconds() == 60


@on_sqlite
def test_of_two_that_make_one_at_once_the_second_says_so(ada: Person, kept: Settings) -> None:
    with BackupFolder(kept).lock("lock"), pytest.raises(BackupInProgress, match=r"^Another backup is being made\.$"):
        make_in_folder(kept)


@on_sqlite
def test_a_folder_that_is_not_there_or_cannot_be_written_stops_the_start(kept: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    for path in (tmp_path / "nowhere", tmp_path / "file", Path("/proc")):
        with pytest.raises(SettingsError, match=r"^BACKUP_DIR: .*[^.]\.$"):
            refuse_unusable_folder(kept.model_copy(update={"backup_dir": path}))

    refuse_unusable_folder(kept)
    assert os.listdir(tmp_path) == ["file"]  # noqa: PTH208  # hidden ones too
