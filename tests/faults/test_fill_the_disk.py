"""Disk full: who writes is told so, who reads goes on, and when there is room again so does everybody (outage)."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory

import psycopg
import pytest
from sqlalchemy import text

from bucketlist.backup.verify import find_problems
from bucketlist.config import Settings
from tests import databases
from tests.conftest import Tell
from tests.faults.conftest import migrated
from tests.load import is_proper
from tests.patience import LONG
from tests.postgres_machine import PostgresMachine
from tests.processes import service_on
from tests.raw_database import open_database
from tests.serving.wire import PASSWORD, Answer, Visitor, ask, sign_up

pytestmark = pytest.mark.slow

MIB = 1024 * 1024
ENOUGH = 3000  # writes, after which any of these disks is full

Room = Callable[[], None]


@contextmanager
def small_disk(size_mib: int) -> Iterator[Path]:
    """A file system of its own in memory. Only root may make one."""
    with TemporaryDirectory(prefix="bucketlist-disk-") as folder:
        command = ["mount", "-t", "tmpfs", "-o", f"size={size_mib}m,mode=755", "tmpfs", folder]
        if os.geteuid() or not shutil.which("mount") or subprocess.run(command, check=False).returncode:
            pytest.skip("A full disk takes a file system that only root may mount.")
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", "--lazy", folder], check=True)


def fill(disk: Path, left: int) -> Path:
    """Something that takes all but so many bytes of it, and can be removed."""
    ballast = disk / "ballast"
    with ballast.open("wb") as file:
        blocks = (shutil.disk_usage(disk).free - left) // MIB
        assert blocks > 0, "There has to be something to remove."
        for _ in range(blocks):
            file.write(bytes(MIB))
    return ballast


def begin_new_log(machine: PostgresMachine) -> None:
    """So that there is room in the log, and only there."""
    with psycopg.connect(machine.url, autocommit=True) as operator:
        operator.execute("SELECT pg_switch_wal()")
        operator.execute("SELECT pg_logical_emit_message(true, 'x', 'x')")
        operator.execute("CHECKPOINT")


def write_until_full(somebody: Visitor, bucket_id: str) -> tuple[set[str], Answer]:
    """The items that were made, and what was said to the first that was not."""
    made: set[str] = set()
    for turn in range(ENOUGH):
        answer = write(somebody, bucket_id, f"item {turn}")
        if answer.status != 201:
            return made, answer
        made.add(f"item {turn}")
    raise AssertionError("It was never full.")


def write(somebody: Visitor, bucket_id: str, name: str) -> Answer:
    body = {"name": name, "description": token_hex(5000)}
    return somebody.ask("POST", f"/v1/buckets/{bucket_id}/items", body)


def seconds_until_it_writes(somebody: Visitor, bucket_id: str, make_room: Room) -> float:
    started = time.monotonic()
    make_room()
    while (answer := write(somebody, bucket_id, "after it")).status != 201:
        assert is_proper(answer), answer
        assert time.monotonic() < started + LONG, "It never wrote again."
        time.sleep(0.05)
    return time.monotonic() - started


def live_through(name: str, settings: Settings, folder: Path, make_room: Room, *, can_read: bool, tell: Tell) -> None:
    """A server that fills its disk, is told that there is room, and goes on."""
    with service_on(settings, folder) as service:
        somebody = sign_up(service.start())
        bucket_id = somebody.ask("POST", "/v1/buckets", {"name": "Full"}).json["id"]
        made, first = write_until_full(somebody, bucket_id)
        workers = service.workers()
        said = [first, *(write(somebody, bucket_id, "in vain") for _ in range(5))]
        login = ask(somebody.server, "POST", "/v1/auth/login", {"email": somebody.email, "password": PASSWORD})
        read = somebody.ask("GET", f"/v1/buckets/{bucket_id}")
        health = ask(somebody.server, "GET", "/healthz").status
        took = seconds_until_it_writes(somebody, bucket_id, make_room)
        assert service.workers() == workers

    with open_database(settings) as connection:
        there = {str(found) for (found,) in connection.execute(text("SELECT name FROM items"))}
    tell(
        f"{name}: {len(made)} × 201, then 503; {len(made - there)} lost; wrote again {took:.2f} s after there was room"
    )
    assert made - there == set()
    assert "in vain" not in there
    assert all(is_proper(answer) for answer in said), said
    assert login.status == 200 or is_proper(login), login  # a session is small, and there may be room for one
    assert health == 200
    assert read.status == 200 or (is_proper(read) and not can_read), read
    assert find_problems(settings) == []


def test_a_full_disk_under_sqlite(tmp_path: Path, tell: Tell) -> None:
    with small_disk(5) as disk:
        settings = migrated(disk / "data")
        ballast = fill(disk, 3 * MIB)

        live_through("SQLite, full disk", settings, tmp_path, ballast.unlink, can_read=True, tell=tell)


def test_a_full_disk_under_postgresql(postgres_url: str, tmp_path: Path, tell: Tell) -> None:
    with small_disk(140) as disk:
        machine = PostgresMachine(disk)
        machine.make()
        machine.start()
        settings = migrated(tmp_path / "data", databases.create_database(machine.url))
        begin_new_log(machine)
        ballast = fill(disk, 3 * MIB)

        try:
            name = "PostgreSQL, full disk"
            live_through(name, settings, tmp_path, ballast.unlink, can_read=True, tell=tell)
        finally:
            machine.stop("immediate")


def test_a_full_disk_under_the_log_of_postgresql(postgres_url: str, tmp_path: Path, tell: Tell) -> None:
    """It gives up altogether then; whoever looks after it starts it again when there is room."""
    with small_disk(32) as log_disk, TemporaryDirectory(prefix="bucketlist-pg-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        machine = PostgresMachine(Path(folder), "-c", "min_wal_size=2MB", "-c", "max_wal_size=2GB")
        if machine.user:
            shutil.chown(log_disk, machine.user)
        machine.make("--wal-segsize=1", f"--waldir={log_disk / 'wal'}")
        machine.start()
        settings = migrated(tmp_path / "data", databases.create_database(machine.url))
        ballast = fill(log_disk, 3 * MIB)

        def make_room() -> None:
            ballast.unlink()
            machine.revive()

        try:
            name = "PostgreSQL, full disk under its log"
            live_through(name, settings, tmp_path, make_room, can_read=False, tell=tell)
        finally:
            machine.stop("immediate")
