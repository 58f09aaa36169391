"""Files in backups: what people uploaded comes back to the byte, and what is lost or damaged is told."""

from datetime import timedelta
from pathlib import Path

import pytest

from bucketlist.backup import files as backup_files
from bucketlist.backup.archive import BackupError
from bucketlist.backup.backups import check_backup, make_backup, restore_backup
from bucketlist.backup.verify import find_problems
from bucketlist.config import Settings
from bucketlist.config.storage import file_storage_of
from bucketlist.kit import clock
from bucketlist.kit.file_storage import FileKey, FileStorage
from tests.backup.conftest import NewDatabase
from tests.object_stores import NewFilesUrl


def keys_in(storage: FileStorage) -> list[FileKey]:
    return list(storage.find_keys(clock.now() + timedelta(days=1)))


def read(storage: FileStorage, key: FileKey) -> bytes:
    return b"".join(storage.open(key, 0, storage.find_size(key) or 0))


def test_a_backup_brings_photos_back_to_the_byte(filled: Settings, empty: Settings, tmp_path: Path) -> None:
    before, after = file_storage_of(filled), file_storage_of(empty)
    path = tmp_path / "all.zip"

    manifest = make_backup(filled, path)
    restored = restore_backup(empty, path)

    assert (manifest.has_files, manifest.count("files"), restored.lost_files) == (True, 1, 0)
    assert len(keys_in(after)) == 3
    for key in keys_in(before):
        assert read(after, key) == read(before, key)
    assert find_problems(empty) == []


def test_a_backup_without_files_says_so_and_restore_tells_what_is_missing(
    filled: Settings,
    empty: Settings,
    tmp_path: Path,
) -> None:
    path = tmp_path / "rows.zip"

    manifest = make_backup(filled.model_copy(update={"backup_files": False}), path)

    assert "the bytes of the files are not in it" in str(manifest)
    assert restore_backup(filled, path, is_forced=True).lost_files == 0
    assert restore_backup(empty, path).lost_files == 3
    assert find_problems(empty) == ["Files that are lost: 3."]


def test_damage_is_found_and_not_backed_up(filled: Settings, tmp_path: Path) -> None:
    storage = file_storage_of(filled)
    original = next(key for key in keys_in(storage) if key.form == "original")
    whole = read(storage, original)

    storage.put(original, whole[:-1] + b"x")
    assert find_problems(filled) == ["Files that are not what their rows say: 1."]
    with pytest.raises(BackupError, match="not what its row says"):
        make_backup(filled, tmp_path / "damaged.zip")
    storage.remove([original])
    assert find_problems(filled) == ["Files that are lost: 1."]
    with pytest.raises(BackupError, match="is lost"):
        make_backup(filled, tmp_path / "lost.zip")
    storage.put(original, whole)
    assert find_problems(filled) == []


def test_a_photo_that_is_deleted_while_a_backup_is_made_is_not_in_it(
    filled: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file_storage_of(filled).remove(keys_in(file_storage_of(filled)))
    monkeypatch.setattr("bucketlist.backup.checks.is_file_known", lambda *_: False)  # its row has gone since

    manifest = make_backup(filled, tmp_path / "all.zip")

    assert manifest.count("files") == 0
    assert check_backup(tmp_path / "all.zip") == manifest
    assert backup_files.TABLE in {member.table for member in manifest.members}


def test_photos_move_into_an_object_store_and_back(
    filled: Settings, kind: str, new_database: NewDatabase, new_files_url: NewFilesUrl, tmp_path: Path
) -> None:
    before = {key: read(file_storage_of(filled), key) for key in keys_in(file_storage_of(filled))}
    away, back = new_database(kind).model_copy(update={"files_url": new_files_url()}), new_database(kind)

    make_backup(filled, tmp_path / "1.zip")
    restore_backup(away, tmp_path / "1.zip")
    storage = file_storage_of(away)
    assert find_problems(away) == []
    assert {key: read(storage, key) for key in keys_in(storage)} == before
    make_backup(away, tmp_path / "2.zip")
    restore_backup(back, tmp_path / "2.zip")

    assert {key: read(file_storage_of(back), key) for key in keys_in(file_storage_of(back))} == before
    storage.remove(list(before)[:1])
    assert find_problems(away) == ["Files that are lost: 1."]
