"""F23: a service with BACKUP_DIR and several workers makes one backup of itself, while it serves."""

from pathlib import Path

import pytest

from bucketlist.backup.backups import check_backup
from tests.concurrency import wait_until
from tests.processes import Service
from tests.servers import run_command

pytestmark = pytest.mark.slow


def test_several_workers_make_one_backup_and_leave_one_file_when_they_end(tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    run_command(tmp_path, "db", "upgrade")
    run_command(tmp_path, "user", "add", "ada@example.com", "--password", "a long walk by the sea")
    service = Service(tmp_path, BACKUP_DIR=str(folder), WORKERS="2")
    service.start()

    wait_until(lambda: bool(list(folder.glob("*.zip"))), 60)
    service.stop()

    (backup,) = folder.glob("*.zip")
    assert "1 users" in str(check_backup(backup))
    assert not (tmp_path / "data" / "bucketlist.sqlite-wal").exists()
    assert "backup_failed" not in (tmp_path / "log").read_text()
