"""File storage and housekeeping: rows and files agree, whatever happens in between."""

from datetime import timedelta
from pathlib import Path

import pytest
import time_machine

from bucketlist.config.files_url import read_files_url
from bucketlist.kit import clock
from bucketlist.kit.file_storage import FileKey, FileStorage, files
from bucketlist.kit.folder_storage import FolderStorage
from bucketlist.kit.object_storage import ObjectStorage
from bucketlist.ops.pruning import prune
from bucketlist.photos import service
from tests.people import Person
from tests.pictures import add_photo

KEY = FileKey("019abcde-0000-7000-8000-000000000001", "019abcde-0000-7000-8000-000000000002", "original")


def keys_in(storage: FileStorage) -> list[FileKey]:
    return list(storage.find_keys(clock.now() + timedelta(days=1000)))


def paths_in(storage: FileStorage) -> list[str]:
    """Of all that there is, what was set aside as well."""
    return sorted(path for path, _ in storage._find(""))


@pytest.fixture(params=["folder", "object store"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> FileStorage:
    if request.param == "folder":
        return FolderStorage(tmp_path / "files")
    return ObjectStorage(read_files_url(request.getfixturevalue("new_files_url")()), tmp_path / "files")


def read(storage: FileStorage, key: FileKey, start: int, stop: int) -> bytes:
    return b"".join(storage.open(key, start, stop))


def test_a_file_is_kept_read_in_parts_and_removed(storage: FileStorage) -> None:
    with storage.temporary() as content:
        content.write(b"0123456789" * 1_000_000)
        content.seek(0)
        storage.put(KEY, content)

    assert (storage.find_size(KEY), read(storage, KEY, 5, 12)) == (10_000_000, b"5678901")
    assert keys_in(storage) == [KEY]
    storage.remove([KEY, KEY])
    assert storage.find_size(KEY) is None
    with pytest.raises(FileNotFoundError):
        storage.open(KEY, 0, 1)


def test_an_orphan_is_set_aside_for_a_week_and_then_gone(storage: FileStorage) -> None:
    storage.put(KEY, b"x")
    storage.set_aside(KEY)
    storage.set_aside(KEY)

    storage.forget_orphans(clock.now())
    assert [path.endswith(KEY.path) for path in paths_in(storage)] == [True]
    assert keys_in(storage) == []
    with time_machine.travel(clock.now() + timedelta(days=9)):
        storage.forget_orphans(clock.now())
    assert paths_in(storage) == []


def test_all_that_somebody_has_is_removed_and_nothing_of_others(storage: FileStorage) -> None:
    other, aside = KEY._replace(owner_id=KEY.file_id), KEY._replace(file_id=KEY.owner_id)
    for key in (KEY, other, aside):
        storage.put(key, b"x")
    storage.set_aside(aside)

    storage.remove_owner(KEY.owner_id)

    assert paths_in(storage) == [other.path]


def test_what_was_begun_and_never_put_is_removed(tmp_path: Path) -> None:
    storage = FolderStorage(tmp_path / "files")
    storage.put(KEY, b"x")
    begun = tmp_path / "files" / KEY.owner_id / "half#1"
    begun.write_bytes(b"half")

    storage.forget_orphans(clock.now() - timedelta(hours=1))
    assert begun.exists()
    storage.forget_orphans(clock.now() + timedelta(hours=1))
    assert not begun.exists()
    assert keys_in(storage) == [KEY]


def test_files_of_which_no_row_tells_are_swept_and_others_stay(ada: Person) -> None:
    photo = add_photo(ada.actor, ada.make_item(ada.make_bucket()["id"])["id"])
    lost = FileKey(ada.id, KEY.file_id, "original")
    files().put(lost, b"of somebody who was killed before the row was written")

    prune()
    assert files().find_size(lost)  # it may be of a request that is under way
    with time_machine.travel(clock.now() + timedelta(days=2)):
        prune()

    assert files().find_size(lost) is None
    assert [files().find_size(key) is not None for key in service.keys_of(ada.id, photo.id)] == [True, True, True]


def test_all_files_go_with_an_account_at_once(ada: Person, ben: Person) -> None:
    add_photo(ada.actor, ada.make_item(ada.make_bucket()["id"])["id"])
    other = add_photo(ben.actor, ben.make_item(ben.make_bucket()["id"])["id"])
    files().put(FileKey(ada.id, KEY.file_id, "original"), b"x")
    files().set_aside(FileKey(ada.id, KEY.file_id, "original"))

    assert ada.delete("/v1/users/me", {"password": ada.password}).status_code == 204

    owners = {key.owner_id for key in keys_in(files())}
    assert ada.id not in owners
    assert ada.id not in str(paths_in(files()))
    assert files().find_size(service.keys_of(ben.id, other.id)[0])
