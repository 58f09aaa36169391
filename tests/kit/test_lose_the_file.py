"""SQLite's database file is taken away while it is in use: nothing is acknowledged that nobody will find (R11)."""

import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bucketlist.kit.db import sqlite_file
from bucketlist.kit.db.database import Database
from bucketlist.kit.db.errors import ConnectionLost
from bucketlist.kit.db.sqlite import SqliteDriver
from bucketlist.kit.errors import Unavailable
from tests.kit.conftest import add, ids, make_table


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "things.sqlite"


@pytest.fixture
def there(path: Path) -> Iterator[Database]:
    """A database with a row, in use."""
    database = Database(SqliteDriver(path), 2)
    make_table(database.driver)
    add(database, 1)
    yield database
    database.pool.close()


def remove(path: Path) -> None:
    path.unlink()


def move_away(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))


def replace_by_a_copy(path: Path) -> None:
    shutil.copy(path, path.with_name("copy"))
    path.with_name("copy").rename(path)


def rename_the_folder(path: Path) -> None:
    path.parent.rename(path.parent.with_name("renamed"))


def empty(path: Path) -> None:
    path.write_bytes(b"")


Happen = Callable[[Path], None]
accidents = pytest.mark.parametrize("happen", [remove, move_away, replace_by_a_copy, rename_the_folder, empty])


@pytest.mark.threat(row=61)
@accidents
def test_r11_what_is_written_to_a_lost_file_is_not_acknowledged(there: Database, path: Path, happen: Happen) -> None:
    happen(path)

    with pytest.raises(Unavailable):
        add(there, 2)
    with pytest.raises(Unavailable):
        add_in_a_unit(there, 3)


@pytest.mark.threat(row=61)
@accidents
def test_r11_nobody_reads_for_long_what_is_gone(there: Database, path: Path, happen: Happen) -> None:
    happen(path)
    time.sleep(sqlite_file.LOOK_SECONDS)

    with pytest.raises(Unavailable):
        ids(there)


@pytest.mark.threat(row=61)
@accidents
def test_r11_a_new_connection_makes_no_file(there: Database, path: Path, happen: Happen) -> None:
    happen(path)
    before = path.exists()

    with pytest.raises(Unavailable):
        there.driver.connect()

    assert path.exists() == before


@accidents
def test_r11_why_nothing_can_be_written_is_told(there: Database, path: Path, happen: Happen) -> None:
    happen(path)

    with pytest.raises(Unavailable) as caught:
        there.refuse_obstacles()

    sentences: dict[Happen, str] = {replace_by_a_copy: sqlite_file.REPLACED, empty: sqlite_file.DAMAGED}
    assert caught.value.detail == sentences.get(happen, sqlite_file.GONE)


@pytest.mark.parametrize("is_folder", [False, True])
def test_r11_a_file_that_was_put_back_is_used_again(there: Database, path: Path, *, is_folder: bool) -> None:
    taken = path.parent if is_folder else path
    taken.rename(taken.with_name("elsewhere"))
    with pytest.raises(Unavailable):
        add(there, 2)

    taken.with_name("elsewhere").rename(taken)
    add(there, 3)

    assert 3 in ids(there)
    there.refuse_obstacles()


@pytest.mark.threat(row=61)
def test_r11_the_wal_of_a_replaced_file_is_not_played_into_the_new_one(there: Database, path: Path) -> None:
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(path.with_name("copy"))) as copy:
        source.backup(copy)
    add(there, 2)
    path.with_name("copy").rename(path)

    with pytest.raises(Unavailable):
        there.driver.finish()
    there.pool.close()

    new = Database(SqliteDriver(path), 1)
    assert ids(new) == [1]
    assert path.with_name(path.name + "-wal.replaced").stat().st_size > 0
    new.pool.close()


@pytest.mark.threat(row=61)
@pytest.mark.parametrize("ending", ["-wal", "-shm"])
def test_r11_who_takes_the_wal_away_ends_writing(there: Database, path: Path, ending: str) -> None:
    path.with_name(path.name + ending).unlink()
    time.sleep(sqlite_file.LOOK_SECONDS)

    with pytest.raises(ConnectionLost):
        add(there, 2)
    with pytest.raises(Unavailable, match="WAL"):
        there.refuse_obstacles()


@pytest.mark.threat(row=61)
@pytest.mark.parametrize("kept_bytes", [0, 3, 2])
def test_r11_who_empties_the_wal_ends_writing(there: Database, path: Path, kept_bytes: int) -> None:
    os.truncate(path.with_name(f"{path.name}-wal"), kept_bytes)

    with pytest.raises(Unavailable):
        add(there, 2)
    with pytest.raises(Unavailable):
        add_in_a_unit(there, 3)
    with pytest.raises(Unavailable, match="WAL"):
        there.refuse_obstacles()


@pytest.mark.threat(row=61)
def test_r11_nobody_reads_for_long_what_an_emptied_wal_held(there: Database, path: Path) -> None:
    os.truncate(path.with_name(f"{path.name}-wal"), 0)
    time.sleep(sqlite_file.LOOK_SECONDS)

    with pytest.raises(Unavailable):
        ids(there)


@pytest.mark.threat(row=61)
@pytest.mark.parametrize("kept_bytes", [0, 3, 5_000])
def test_r11_nothing_that_a_cut_wal_lacks_is_moved_into_the_file(there: Database, path: Path, kept_bytes: int) -> None:
    """A checkpoint would, at the latest when the last connection is closed: zeros, in the place of pages."""
    with there.transaction():
        for number in range(2, 2_000):
            add(there, number)
    os.truncate(path.with_name(f"{path.name}-wal"), kept_bytes)

    with pytest.raises(Unavailable):
        add(there, 2_000)
    there.pool.close()
    with pytest.raises(Unavailable):
        there.driver.finish()

    assert ids(of_the_next_process(path)) in ([1], [])


def test_r11_a_checkpoint_of_somebody_else_that_truncates_the_wal_is_no_accident(there: Database, path: Path) -> None:
    for number in range(2, 6):
        with closing(sqlite3.connect(path)) as somebody:
            somebody.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        there.refuse_obstacles()
        add(there, number)
        time.sleep(sqlite_file.LOOK_SECONDS)

    assert ids(there) == [1, 2, 3, 4, 5]
    there.refuse_obstacles()


def test_r11_a_driver_never_makes_a_database(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        SqliteDriver(tmp_path / "none.sqlite").connect()

    assert list(tmp_path.iterdir()) == []


ODD = ("a?b", "a#b", "a%20b", "a b", "a\nb", "a&mode=memory", "ü", "a\udcff", "a'b\"", ":memory:")


@pytest.mark.parametrize("name", ODD)
def test_f13_a_path_is_never_read_as_an_address(tmp_path: Path, name: str) -> None:
    path = tmp_path / name / f"{name}.sqlite"
    database = Database(SqliteDriver(path), 1)
    make_table(database.driver)

    add(database, 1)

    assert sorted(found.name for found in path.parent.iterdir()) == [path.name, f"{path.name}-shm", f"{path.name}-wal"]
    database.pool.close()
    assert [found.name for found in path.parent.iterdir()] == [path.name]


def of_the_next_process(path: Path) -> Database:
    """What it finds in a copy, on which no lock of ours is: the file and the WAL, without the index."""
    copy = path.with_name("copy.sqlite")
    for ending in ("", "-wal"):
        shutil.copy(f"{path}{ending}", f"{copy}{ending}")
    return Database(SqliteDriver(copy), 1)


def add_in_a_unit(database: Database, thing_id: int) -> None:
    with database.transaction():
        add(database, thing_id)
