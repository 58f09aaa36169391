"""The file of a backup: there as a whole or not at all, for its owner only, and checked by anybody's tools."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest
from sqlalchemy import text

from bucketlist.backup.backups import make_backup, restore_backup
from bucketlist.config import Settings
from tests.backup.steps import add_items, command, refused, rows_of
from tests.commands import sentence_of
from tests.patience import LONG
from tests.raw_database import environment_of, open_database
from tests.servers import environment

KIB = 1024


def test_a_backup_is_for_its_owner_only_and_alone_in_its_folder(filled: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()

    command(filled, folder, "backup", "all.zip")

    assert [path.name for path in folder.iterdir()] == ["all.zip"]
    assert (folder / "all.zip").stat().st_mode & 0o777 == 0o600


def test_a_newer_backup_takes_the_place_of_an_older_one(filled: Settings, tmp_path: Path) -> None:
    (tmp_path / "real.zip").write_text("an older one")
    (tmp_path / "link.zip").symlink_to("real.zip")

    command(filled, tmp_path, "backup", "link.zip")

    assert (tmp_path / "link.zip").is_symlink()
    assert "All is well" in command(filled, tmp_path, "verify", "real.zip")


def test_the_checksums_can_be_checked_with_any_tool(filled: Settings, tmp_path: Path) -> None:
    make_backup(filled, tmp_path / "all.zip")

    whole = (tmp_path / "all.zip").read_bytes()
    assert hashlib.sha256(whole[:-64]).hexdigest().encode() == whole[-64:]
    with ZipFile(tmp_path / "all.zip") as archive:
        assert archive.testzip() is None
        for member in json.loads(archive.read("manifest.json"))["members"]:
            table = archive.read(f"tables/{member['table']}.jsonl")
            assert hashlib.sha256(table).hexdigest() == member["sha256"]
            assert table.count(b"\n") == member["rows"]


@pytest.mark.parametrize("damage", ["DROP TABLE outbox", "ALTER TABLE outbox DROP COLUMN tries"])
def test_a_database_that_lacks_something_is_not_backed_up_as_if_it_were_whole(
    filled: Settings, damage: str, tmp_path: Path
) -> None:
    with open_database(filled) as connection:
        connection.execute(text(damage))

    assert refused(filled, tmp_path, "backup", "all.zip").startswith("The table outbox is not as revision")
    assert not (tmp_path / "all.zip").exists()


@pytest.mark.parametrize("target", ["missing/all.zip", "folder", "/dev/null", "file/all.zip"])
def test_a_target_that_cannot_be_written_is_told(filled: Settings, target: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()

    assert target in refused(filled, tmp_path, "backup", target)


def test_a_disk_without_room_is_told_and_the_older_backup_kept(filled: Settings, tmp_path: Path) -> None:
    add_items(filled, 5_000)
    (tmp_path / "all.zip").write_text("an older one")

    ended = run_with_room(filled, tmp_path, 48 * KIB, "backup", "all.zip")

    assert sentence_of(ended.returncode, ended.stderr).endswith("all.zip: File too large.")
    assert (tmp_path / "all.zip").read_text() == "an older one"
    assert list(tmp_path.glob(".*.part")) == []


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_a_restore_without_room_is_told_and_changes_nothing(filled: Settings, tmp_path: Path) -> None:
    make_backup(filled, tmp_path / "small.zip")
    before = rows_of(filled)
    add_items(filled, 5_000)
    make_backup(filled, tmp_path / "all.zip")
    restore_backup(filled, tmp_path / "small.zip", is_forced=True, are_sessions_kept=True)

    ended = run_with_room(filled, tmp_path, 512 * KIB, "restore", "all.zip", "--force")

    assert sentence_of(ended.returncode, ended.stderr)
    assert rows_of(filled) == before


def run_with_room(
    settings: Settings, folder: Path, room_bytes: int, *arguments: str
) -> subprocess.CompletedProcess[str]:
    """What a command does when no file can get larger than `room_bytes`."""
    own = environment(folder, **environment_of(settings))
    own = {name: value for name, value in own.items() if not name.startswith("COVERAGE")}  # its file grows too
    limit = f"import resource as r; r.setrlimit(r.RLIMIT_FSIZE, ({room_bytes}, {room_bytes}))"
    return subprocess.run(
        [sys.executable, "-B", "-c", f"from bucketlist.cli import main; {limit}; main()", *arguments],
        cwd=folder,
        env=own,
        capture_output=True,
        text=True,
        timeout=LONG,
        check=False,
    )
