"""Migration commands, `bucketlist db`: up, down, and where it is."""

import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bucketlist.migrations import NEWEST_REVISION
from tests.commands import invoke, refusal, succeed
from tests.patience import LONG
from tests.servers import environment

AT_HEAD = f"The database is at revision {NEWEST_REVISION}.\n"
AT_BASE = "The database is at revision base.\n"


@pytest.fixture
def upgraded(empty_database: dict[str, str], tmp_path: Path) -> dict[str, str]:
    succeed(tmp_path, "db", "upgrade", **empty_database)
    return empty_database


def test_upgrade_says_where_it_has_come_to_and_may_be_repeated(empty_database: dict[str, str], tmp_path: Path) -> None:
    assert succeed(tmp_path, "db", "upgrade", **empty_database) == AT_HEAD
    assert succeed(tmp_path, "db", "upgrade", **empty_database) == AT_HEAD


def test_current_says_where_it_is_and_how_far_it_could_be(empty_database: dict[str, str], tmp_path: Path) -> None:
    before = succeed(tmp_path, "db", "current", **empty_database)
    succeed(tmp_path, "db", "upgrade", **empty_database)
    after = succeed(tmp_path, "db", "current", **empty_database)

    assert before == f"base (newest: {NEWEST_REVISION})\n"
    assert after == f"{NEWEST_REVISION} (newest: {NEWEST_REVISION})\n"


def test_downgrade_goes_to_the_bottom_and_upgrade_back(upgraded: dict[str, str], tmp_path: Path) -> None:
    assert succeed(tmp_path, "db", "downgrade", "base", **upgraded) == AT_BASE
    assert succeed(tmp_path, "db", "upgrade", NEWEST_REVISION, **upgraded) == AT_HEAD


def test_minus_one_is_one_step_and_no_option(upgraded: dict[str, str], tmp_path: Path) -> None:
    printed = succeed(tmp_path, "db", "downgrade", "-1", **upgraded)

    assert printed.startswith("The database is at revision ")
    assert printed != AT_HEAD


@pytest.fixture
def used(upgraded: dict[str, str], tmp_path: Path) -> dict[str, str]:
    succeed(tmp_path, "user", "add", "ada@example.com", "--password", "a long walk by the sea", **upgraded)
    return upgraded


def test_f23_what_a_downgrade_would_lose_is_told_and_kept_where_nobody_can_be_asked(
    used: dict[str, str], tmp_path: Path
) -> None:
    told = refusal(tmp_path, "db", "downgrade", "base", **used)

    assert told == "This loses email_addresses (1 row), users (1 row). Nothing was changed; --yes goes on."
    assert succeed(tmp_path, "db", "current", **used) == f"{NEWEST_REVISION} (newest: {NEWEST_REVISION})\n"
    assert "is gone" in succeed(tmp_path, "user", "delete", "ada@example.com", "--yes", **used)


def test_f23_whoever_agrees_loses_it_and_is_told_where_it_is_kept(used: dict[str, str], tmp_path: Path) -> None:
    ended = invoke(tmp_path, "db", "downgrade", "base", "--yes", BACKUP_DIR=str(tmp_path), **used)

    assert ended.stdout == AT_BASE
    assert "This loses email_addresses (1 row), users (1 row).\nAs it was before, it is in " in ended.stderr
    assert len([*tmp_path.glob("*.zip"), *tmp_path.glob("data/*.at-*")]) == 1


@pytest.mark.parametrize(("typed", "kept"), [(b"n\n", True), (b"\x03", True), (b"y\n", False)])
def test_f23_a_person_at_a_terminal_is_asked(typed: bytes, kept: bool, tmp_path: Path) -> None:
    succeed(tmp_path, "db", "upgrade")
    succeed(tmp_path, "user", "add", "ada@example.com", "--password", "a long walk by the sea")

    shown = type_in(tmp_path, typed, "db", "downgrade", "base")

    assert "This loses email_addresses (1 row), users (1 row). Go on? [y/N]" in shown
    assert succeed(tmp_path, "db", "current").startswith(NEWEST_REVISION if kept else "base")


def type_in(folder: Path, typed: bytes, *arguments: str) -> str:
    """What a command shows on a terminal on which somebody types."""
    terminal, line = pty.openpty()
    command = ["env", "--default-signal=INT", sys.executable, "-m", "bucketlist", *arguments]  # a job ignores it
    with subprocess.Popen(
        command, cwd=folder, env=environment(folder), stdin=line, stdout=line, stderr=line, start_new_session=True
    ) as process:
        os.close(line)
        shown = b""
        while b"[y/N]" not in shown and (more := os.read(terminal, 1024)):
            shown += more
        os.write(terminal, typed)
        while typed == b"\x03" and process.poll() is None:  # no terminal of this process group
            process.send_signal(signal.SIGINT)  # one that comes right before the read begins is not heard in it
            time.sleep(0.2)
        process.wait(timeout=LONG)
    os.close(terminal)
    return shown.decode()
