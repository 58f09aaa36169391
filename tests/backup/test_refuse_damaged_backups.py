"""A backup that is not what was written is refused before anything is touched, in one sentence."""

import hashlib
import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from bucketlist.backup.archive import BackupError
from bucketlist.backup.backups import check_backup, make_backup, restore_backup
from bucketlist.config import Settings
from tests.backup.conftest import NewDatabase
from tests.backup.steps import command, refused, rows_of
from tests.migrations.conftest import copy_filled
from tests.workers import Keeper

Members = dict[str, bytes]
Change = Callable[[Members], None]


@pytest.fixture(scope="module")
def backup(tmp_path_factory: pytest.TempPathFactory, keeper: Keeper) -> Path:
    """A backup in a folder of its own."""
    folder = tmp_path_factory.mktemp("backup")
    settings = Settings(app_setting="testing", secret_key="a-key-for-backups", data_dir=folder / "data")
    copy_filled(settings, keeper)
    make_backup(settings, folder / "whole.zip")
    return folder / "whole.zip"


@pytest.fixture
def damaged(backup: Path, tmp_path: Path) -> Path:
    """A copy that a test may damage."""
    return Path(shutil.copy(backup, tmp_path / "damaged.zip"))


def sign(path: Path, members: Members) -> None:
    """Write a backup whose checksums, as far as the file itself goes, fit."""
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
        archive.comment = b"0" * 64
    whole = path.read_bytes()[:-64]
    path.write_bytes(whole + hashlib.sha256(whole).hexdigest().encode())


def forge(path: Path, change: Change) -> None:
    """Change the members of a backup, and sign it anew."""
    with ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    sign(path, members)


def change_table(members: Members, table: str, content: bytes) -> None:
    """Replace the rows of a table and all that the manifest says of them."""
    manifest = json.loads(members["manifest.json"])
    (member,) = (each for each in manifest["members"] if each["table"] == table)
    member |= {"rows": content.count(b"\n"), "sha256": hashlib.sha256(content).hexdigest()}
    members[f"tables/{table}.jsonl"] = content
    members["manifest.json"] = json.dumps(manifest).encode()


def test_a_bit_that_flipped_anywhere_is_noticed(damaged: Path) -> None:
    whole = damaged.read_bytes()
    chance = random.Random(1)
    places = [*range(40), *range(len(whole) - 130, len(whole)), *chance.sample(range(len(whole)), 200)]

    for place in places:
        flipped = bytearray(whole)
        flipped[place] ^= 1 << chance.randrange(8)
        damaged.write_bytes(flipped)
        with pytest.raises(BackupError):
            check_backup(damaged)


def test_a_backup_that_was_cut_off_or_grew_is_noticed(damaged: Path) -> None:
    whole = damaged.read_bytes()

    for content in [
        *(whole[:length] for length in (0, 1, 63, 64, 65, 1000, len(whole) - 1)),
        whole + b"\n",
        b"PK" * 99,
    ]:
        damaged.write_bytes(content)
        with pytest.raises(BackupError, match=r"is not a backup of bucketlist|is damaged or cut off"):
            check_backup(damaged)


def test_a_file_that_only_looks_like_a_backup_is_none(damaged: Path) -> None:
    content = b"PK" + bytes(200)
    damaged.write_bytes(content + hashlib.sha256(content).hexdigest().encode())

    with pytest.raises(BackupError, match="is not a backup of bucketlist"):
        check_backup(damaged)


def drop_a_row(members: Members) -> None:
    members["tables/items.jsonl"] = members["tables/items.jsonl"].split(b"\n", 1)[1]


def swap_a_letter(members: Members) -> None:
    members["tables/items.jsonl"] = members["tables/items.jsonl"].replace(b"open", b"done", 1)


def lose_a_member(members: Members) -> None:
    del members["tables/items.jsonl"]


def lose_the_manifest(members: Members) -> None:
    del members["manifest.json"]


def lose_a_table(members: Members) -> None:
    manifest = json.loads(members["manifest.json"])
    members["manifest.json"] = json.dumps(manifest | {"members": manifest["members"][1:]}).encode()


def add_a_column(members: Members) -> None:
    members["manifest.json"] = (
        members["manifest.json"]
        .replace(b'"columns":[', b'"columns":["shoe_size",')
        .replace(b'"columns": [', b'"columns": ["shoe_size",')
    )


def come_from_the_future(members: Members) -> None:
    members["manifest.json"] = members["manifest.json"].replace(b'"version": 3', b'"version": 4')


def come_from_a_later_schema(members: Members) -> None:
    manifest = json.loads(members["manifest.json"])
    members["manifest.json"] = json.dumps(manifest | {"revision": "9999"}).encode()


def hold_no_rows(members: Members) -> None:
    change_table(members, "items", b'{"id": 1}\n')


def hold_a_row_of_lists(members: Members) -> None:
    change_table(members, "items", json.dumps([[]] * 11).encode() + b"\n")


def hold_no_json(members: Members) -> None:
    change_table(members, "items", b"[1, 2\n")


def end_without_a_line_break(members: Members) -> None:
    change_table(members, "items", members["tables/items.jsonl"].rstrip(b"\n"))


FORGERIES: dict[Change, str] = {
    drop_a_row: "table items is not what the manifest says.",
    swap_a_letter: "table items is not what the manifest says.",
    lose_a_member: "table items cannot be read.",
    lose_the_manifest: "is not a backup of bucketlist.",
    lose_a_table: "the tables are not those of revision",
    add_a_column: "the tables are not those of revision",
    come_from_the_future: "was made by a newer version of bucketlist; upgrade the software.",
    come_from_a_later_schema: "was made by a newer version of bucketlist; upgrade the software.",
    hold_no_rows: "table items holds something that is no row.",
    hold_a_row_of_lists: "table items holds something that is no row.",
    hold_no_json: "table items cannot be read.",
    end_without_a_line_break: "table items holds something that is no row.",
}


@pytest.mark.parametrize(("change", "sentence"), FORGERIES.items(), ids=lambda value: getattr(value, "__name__", ""))
def test_a_backup_that_somebody_changed_is_refused(
    damaged: Path, change: Change, sentence: str, tmp_path: Path, new_database: NewDatabase
) -> None:
    forge(damaged, change)
    settings = new_database("sqlite")

    told = refused(settings, tmp_path, "verify", str(damaged))

    assert sentence in told
    assert told.startswith(str(damaged))
    assert refused(settings, tmp_path, "restore", str(damaged)) == told
    assert not settings.data_dir.exists()


def refer_to_nothing(members: Members) -> None:
    change_table(members, "buckets", b"")


def come_twice(members: Members) -> None:
    change_table(members, "users", members["tables/users.jsonl"] * 2)


def have_no_name(members: Members) -> None:
    first = members["tables/users.jsonl"].split(b"\n")[0]
    row = json.loads(first)
    change_table(members, "users", json.dumps([row[0], None, *row[2:]]).encode() + b"\n")


@pytest.mark.parametrize("change", [refer_to_nothing, come_twice, have_no_name])
def test_rows_that_break_the_rules_of_the_database_leave_it_as_it_was(
    damaged: Path, change: Change, filled: Settings, tmp_path: Path
) -> None:
    forge(damaged, change)
    before = rows_of(filled)

    told = refused(filled, tmp_path, "restore", str(damaged), "--force")

    assert "refused" in told or "refer to nothing" in told
    assert rows_of(filled) == before
    assert "All is well" in command(filled, tmp_path, "verify")


def test_a_file_that_is_not_there_is_told(filled: Settings, tmp_path: Path) -> None:
    for arguments in (("restore", "none.zip", "--force"), ("verify", "none.zip")):
        assert refused(filled, tmp_path, *arguments) == "none.zip: No such file or directory."


def test_what_was_signed_anew_without_a_change_is_as_good(damaged: Path, empty: Settings) -> None:
    forge(damaged, lambda members: change_table(members, "items", members["tables/items.jsonl"]))

    restore_backup(empty, damaged)

    assert len(rows_of(empty)["items"]) == 24
