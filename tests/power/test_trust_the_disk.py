"""Power failure, simulated, is one: what was synced survives it, what was not does not."""

import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from bucketlist.kit.db.driver import Compiled
from bucketlist.kit.db.sqlite import SqliteDriver
from tests.power.disk import SECTOR, Disk, tear
from tests.servers import environment

DATABASE = "numbers.sqlite"
ROWS = 50
COUNT = Compiled("count", "SELECT count(*) FROM numbers", (), {}, is_read=True)

# Somebody who writes numbers with our own driver, each committed, and dies without a word.
WRITE_AND_DIE = """
import os, signal, sys
from pathlib import Path
from bucketlist.kit.db.driver import Compiled
from bucketlist.kit.db.sqlite import SqliteDriver
from bucketlist.kit.db.sqlite_file import create_file

create_file(Path(sys.argv[1]))
connection = SqliteDriver(Path(sys.argv[1])).connect()
rows = ["INSERT INTO numbers VALUES (1)"] * int(sys.argv[2])
commands = ["CREATE TABLE numbers (number INTEGER)", *sys.argv[3:], *rows]
for sql in commands:
    connection.run(Compiled("", sql, (), {}, is_read=False), {})
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    (tmp_path / "live").mkdir()
    return Disk(tmp_path / "live", tmp_path / "synced")


def write_and_die(disk: Disk, *pragmas: str) -> None:
    wanted = environment(disk.live) | disk.environment
    command = [sys.executable, "-c", WRITE_AND_DIE, str(disk.live / DATABASE), str(ROWS), *pragmas]
    ended = subprocess.run(command, env=wanted, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (-9, "")


def count_rows(disk: Disk) -> int:
    connection = SqliteDriver(disk.live / DATABASE).connect()
    try:
        count: int = connection.run(COUNT, {})[0][0]
        return count
    finally:
        connection.close()


def test_as_we_open_sqlite_a_power_cut_loses_nothing(disk: Disk) -> None:
    write_and_die(disk)

    disk.cut_power(DATABASE)

    assert count_rows(disk) == ROWS


@pytest.mark.parametrize("level", ["NORMAL", "OFF"])
def test_with_a_weaker_setting_it_loses_what_was_acknowledged(disk: Disk, level: str) -> None:
    write_and_die(disk, f"PRAGMA synchronous = {level}")
    assert (disk.live / f"{DATABASE}-wal").stat().st_size > ROWS * 4096

    disk.cut_power(DATABASE)

    assert count_rows(disk) == 0


def test_a_kill_alone_cannot_tell(disk: Disk) -> None:
    write_and_die(disk, "PRAGMA synchronous = OFF")

    assert count_rows(disk) == ROWS


def test_of_what_was_not_synced_any_sector_may_be_there() -> None:
    synced, written = b"s" * SECTOR * 8, b"w" * SECTOR * 20

    torn = [tear(synced, written, Random(seed)) for seed in range(50)]

    sectors = {content[place : place + SECTOR] for content in torn for place in range(0, len(content) - SECTOR, SECTOR)}
    assert sectors == {b"s" * SECTOR, b"w" * SECTOR, bytes(SECTOR)}
    assert {len(content) // SECTOR for content in torn} <= set(range(8, 21))


def test_what_was_synced_to_the_middle_of_a_sector_is_there() -> None:
    synced = b"s" * (SECTOR * 3 + 100)

    for seed in range(50):
        assert tear(synced, synced, Random(seed)) == synced
        assert tear(synced, synced + b"w" * 1000, Random(seed)).startswith(synced)
