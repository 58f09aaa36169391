"""SQLite's database file is replaced under a server: nothing is acknowledged that nobody would find (R11)."""

import shutil
from pathlib import Path

import pytest

from bucketlist.config import Settings
from tests.raw_database import open_database
from tests.servers import start_server
from tests.serving.wire import Visitor, sign_up

pytestmark = pytest.mark.slow


def names_of_buckets(folder: Path) -> set[str]:
    with open_database(Settings(data_dir=folder)) as connection:
        return {name for (name,) in connection.exec_driver_sql("SELECT name FROM buckets")}


def write(somebody: Visitor, *names: str) -> set[str]:
    """Those of the buckets that were acknowledged."""
    return {name for name in names if somebody.ask("POST", "/v1/buckets", {"name": name}).status == 201}


@pytest.mark.threat(row=61)
def test_r11_what_people_write_to_a_file_that_was_replaced_is_refused(tmp_path: Path) -> None:
    file, copy = (tmp_path / "data" / name for name in ("bucketlist.sqlite", "copy"))
    with start_server(tmp_path) as server:
        somebody = sign_up(server)
        before = write(somebody, "before")
        shutil.copy(file, copy)
        file.rename(tmp_path / "taken away")
        copy.rename(file)
        meanwhile = write(somebody, *map(str, range(20)))
        unready = somebody.ask("GET", "/readyz")

    assert (before, meanwhile) == ({"before"}, set())
    assert (unready.status, "Another file" in unready.json["detail"]) == (503, True)
    assert before <= names_of_buckets(put_together(tmp_path / "taken away", file))


def put_together(taken_away: Path, file: Path) -> Path:
    """A folder with the file that was taken away and its WAL, which was set aside where the other file is now."""
    folder = taken_away.with_name("together")
    folder.mkdir()
    taken_away.rename(folder / file.name)
    file.with_name(f"{file.name}-wal.replaced").rename(folder / f"{file.name}-wal")
    return folder
