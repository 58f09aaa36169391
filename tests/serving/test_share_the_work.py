"""Several worker processes are one service, and one server after another.

What one has done, the other knows: `test_agree_across_servers.py` asks two of which it knows which is asked.
"""

import signal
import socket
import subprocess
from pathlib import Path

import pytest

from bucketlist.backup.backups import check_backup
from tests.concurrency import together, wait_until
from tests.patience import LONG
from tests.processes import Service
from tests.servers import LiveServer, run_command, start_at
from tests.serving.wire import ask, sign_up

pytestmark = pytest.mark.slow

TIMES = 30


def test_there_are_two_of_them(two_workers: LiveServer) -> None:
    listed = subprocess.run(
        ["ps", "--no-headers", "-o", "pid=", "--ppid", str(two_workers.process.pid)],
        capture_output=True,
        text=True,
        check=True,
    )

    assert len(listed.stdout.split()) >= 2


def test_who_is_signed_in_at_one_is_signed_in_at_all(two_workers: LiveServer) -> None:
    visitor = sign_up(two_workers)

    found = together(10, lambda _: [visitor.ask("GET", "/v1/users/me").status for _ in range(TIMES // 10)])

    assert found == [[200] * (TIMES // 10)] * 10


def test_one_server_after_the_other_answers_at_it_and_the_old_one_closes_connections_first(tmp_path: Path) -> None:
    run_command(tmp_path, "db", "upgrade")
    with socket.create_server(("127.0.0.1", 0)) as address:
        for _ in range(2):
            server = start_at(address, tmp_path)
            assert ask(server, "GET", "/healthz").status == 200

            server.process.send_signal(signal.SIGTERM)
            while "connection" not in (answer := ask(server, "GET", "/healthz")).headers:
                assert server.process.poll() is None

            assert (answer.status, answer.headers["connection"]) == (200, "close")
            assert server.process.wait(timeout=LONG) == 0


def test_several_workers_make_one_backup_and_leave_one_file_when_they_end(tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    run_command(tmp_path, "db", "upgrade")
    run_command(tmp_path, "user", "add", "ada@example.com", "--password", "a long walk by the sea")
    service = Service(tmp_path, BACKUP_DIR=str(folder), WORKERS="2")
    service.start()

    wait_until(lambda: bool(list(folder.glob("*.zip"))))
    service.stop()

    (backup,) = folder.glob("*.zip")
    assert "1 users" in str(check_backup(backup))
    assert not (tmp_path / "data" / "bucketlist.sqlite-wal").exists()
    assert "backup_failed" not in (tmp_path / "log").read_text()
