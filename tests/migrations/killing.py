"""Crash test of migrations, each killed at one of its calls, as a program of its own: it is forked for each of them.

It prints a line for what is wrong after a kill, and at the end how many there were. The calls at which it is killed are
those that touch files and databases; which of them, is chance of a seed, from the first to the last.
"""

import os
import shutil
import signal
import sys
from itertools import count
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from types import FrameType

from bucketlist.backup import moves
from bucketlist.config import Settings, load_settings
from bucketlist.kit.logs import configure_logs
from bucketlist.migrations import runner
from bucketlist.migrations.copies import copies_of
from tests.raw_database import Rows, read_all_tables

CALLS = {"backup", "close", "commit", "execute", "fetchone", "flush", "fsync", "open", "replace", "unlink", "write"}
CALLS |= {"exec_params", "exec_prepared", "send_query", "send_query_params", "sync_folder", "mkstemp", "fchmod"}


def upgrade_in_a_fork(settings: Settings, killed_at: int) -> int:
    """How it ended: by the signal, or with the exit code. At 0 it is not killed, and counts its calls."""
    if child := os.fork():
        return os.waitpid(child, 0)[1]
    calls = count(1)

    def look(frame: FrameType, event: str, called: object) -> None:
        name = frame.f_code.co_name if event == "call" else getattr(called, "__name__", "")
        if event in ("call", "c_call") and name in CALLS and next(calls) == killed_at:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(look)
    moves.upgrade(settings)
    sys.setprofile(None)
    Path(os.environ["COUNT_FILE"]).write_text(str(next(calls)))
    os._exit(0)


def faults_after(settings: Settings, before: dict[str, Rows], revision: str) -> list[str]:
    """What there is that must not be."""
    found, faults = runner.revision_of(settings), []
    if found == revision and read_all_tables(settings) != before:
        faults.append("the rows are not those of before")
    if found not in (revision, runner.head()):
        faults.append(f"the revision is {found}")
    with TemporaryDirectory() as folder:
        for copy in [] if settings.database_url else copies_of(settings.sqlite_path):
            shutil.copy(copy, Path(folder) / "bucketlist.sqlite")
            if read_all_tables(Settings(data_dir=Path(folder))) != before:
                faults.append(f"{copy.name} is not what was there before")
    return faults


def step_back(settings: Settings, revision: str) -> None:
    """With what a move leaves beside the file out of the way."""
    runner.downgrade(settings, revision)
    for copy in copies_of(settings.sqlite_path):
        copy.unlink()


def kill_upgrades(settings: Settings, revision: str, kills: int) -> None:
    step_back(settings, revision)
    upgrade_in_a_fork(settings, 0)
    calls, chance = int(Path(os.environ["COUNT_FILE"]).read_text()), Random(revision)
    for number in range(kills):
        if runner.revision_of(settings) != revision:
            step_back(settings, revision)
        before = read_all_tables(settings)
        place = chance.randint(1 + calls * number // kills, calls * (number + 1) // kills)
        ended = upgrade_in_a_fork(settings, place)
        for fault in faults_after(settings, before, revision):
            sys.stdout.write(f"{revision} killed at call {place} of {calls} ({ended}): {fault}\n")
    ended = upgrade_in_a_fork(settings, 0)
    sys.stdout.write(f"{revision}: {kills} kills, then {ended} at {runner.revision_of(settings)}\n")


def main(kills: int, *revisions: str) -> None:
    """From one revision after the other, the newest first: on the way down rows are lost that need what is new."""
    settings = load_settings()
    configure_logs()
    for revision in revisions:
        kill_upgrades(settings, revision, kills)


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
