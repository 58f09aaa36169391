"""WAL checkpoint at shutdown: when the server has ended well, all of SQLite is in one file, to be copied (F2)."""

import os
import shutil
import signal
from pathlib import Path

import pytest

from bucketlist.config import Settings
from tests.commands import succeed
from tests.patience import LONG
from tests.processes import Service
from tests.raw_database import open_database
from tests.servers import SECRET
from tests.serving.wire import sign_up

pytestmark = pytest.mark.slow


def people_in_a_copy(folder: Path) -> int:
    """Of the one file, without what lies beside it."""
    copy = folder / "copy"
    copy.mkdir()
    shutil.copy(folder / "data" / "bucketlist.sqlite", copy)
    with open_database(Settings(data_dir=copy)) as connection:
        return len(connection.exec_driver_sql("SELECT id FROM users").fetchall())


@pytest.mark.threat(row=63)
@pytest.mark.parametrize(("how", "workers"), [(signal.SIGTERM, 1), (signal.SIGTERM, 3), (signal.SIGINT, 2)])
def test_f2_after_a_clean_end_the_file_has_everything(how: signal.Signals, workers: int, tmp_path: Path) -> None:
    service = Service(tmp_path, WORKERS=str(workers))
    server = service.start()
    for _ in range(5):
        sign_up(server)

    server.process.send_signal(how)
    server.process.wait(timeout=LONG)

    assert sorted(path.name for path in (tmp_path / "data").iterdir()) == ["bucketlist.sqlite"]
    assert people_in_a_copy(tmp_path) == 5


@pytest.mark.threat(row=63)
def test_f2_a_worker_that_was_killed_leaves_nothing_behind_either(tmp_path: Path) -> None:
    service = Service(tmp_path)
    server = service.start()
    sign_up(server)
    os.kill(service.workers()[0], signal.SIGKILL)

    service.stop()

    assert sorted(path.name for path in (tmp_path / "data").iterdir()) == ["bucketlist.sqlite"]
    assert people_in_a_copy(tmp_path) == 1


def test_f2_what_a_killed_server_left_beside_the_file_is_in_its_backup_and_the_next_command_puts_it_in(
    tmp_path: Path,
) -> None:
    service = Service(tmp_path)
    sign_up(service.start())
    service.kill()
    world = {"SECRET_KEY": SECRET, "DATA_DIR": str(tmp_path / "data")}
    assert (tmp_path / "data" / "bucketlist.sqlite-wal").stat().st_size > 0

    assert "1 users" in succeed(tmp_path, "backup", "all.zip", **world)

    assert sorted(path.name for path in (tmp_path / "data").iterdir()) == ["bucketlist.sqlite"]
    assert people_in_a_copy(tmp_path) == 1
