"""Scheduled backups, a background job: once a day into BACKUP_DIR, by a process of its own that gives way to requests.

Of all workers that share the folder, on one machine or several, one looks after it: whoever holds its lock. When the
next one is due follows from the newest file, so that a restart changes nothing.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from multiprocessing.util import Finalize
from time import monotonic

import structlog

from bucketlist.backup.archive import BackupError
from bucketlist.backup.folder import BackupFolder, BackupInProgress
from bucketlist.kit.background import PeriodicThread, run_every
from bucketlist.kit.clock import now
from bucketlist.kit.errors import Unavailable
from bucketlist.kit.metrics import add_gauge
from bucketlist.kit.stop_signals import STOP_SIGNALS
from bucketlist.ops import queries
from bucketlist.services import Services

SECONDS_BETWEEN = 60.0
RETRY_SECONDS = 600.0
MOST_SECONDS = 6 * 3600.0
GIVES_WAY = "BUCKETLIST_GIVES_WAY"  # no setting: the worker tells the process that it starts
NICENESS = 10

log = structlog.get_logger()


def start_backups(services: Services) -> PeriodicThread | None:
    """A thread that makes a backup whenever one is due, or None where there is no BACKUP_DIR."""
    if services.settings.backup_dir is None:
        return None
    keeper = BackupKeeper(services)
    Finalize(None, keeper.stop, exitpriority=2)  # before the last connection is closed
    return run_every(SECONDS_BETWEEN, keeper.run, "backups")


def give_way() -> None:
    """In the process that makes a backup for the service: requests come first, and signals to stop are heard."""
    if os.environ.pop(GIVES_WAY, ""):
        os.nice(NICENESS)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)


class BackupKeeper:
    """Sees to it that there is a backup of today. A failure is told once, until it works again or fails otherwise."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._folder = BackupFolder(services.settings)
        self._newest: datetime = now()  # none yet: the age counts from the start
        self._told: str | None = None
        self._again_at = monotonic()
        self._held = ExitStack()
        self._is_keeper = self._is_stopped = False
        self._process: subprocess.Popen[str] | None = None

    def run(self) -> None:
        """A round: whoever holds the lock of the folder looks, and after a failure not before `RETRY_SECONDS`."""
        with suppress(BackupInProgress):
            if self._is_stopped or not self._may_keep() or monotonic() < self._again_at:
                return
            if not self.look():
                self._again_at = monotonic() + RETRY_SECONDS

    def age_seconds(self) -> int:
        return int((now() - self._newest).total_seconds())

    def stop(self) -> None:
        """No process outlives the worker: a backup that is being made is not there."""
        self._is_stopped = True
        if self._process:
            self._process.kill()
            self._process.wait()
        self._held.close()

    def look(self) -> bool:
        """Make a backup if one is due. Is all well?"""
        with self._is_told():
            if self._folder.is_due() and self._has_people():
                self._make()
            self._newest = self._folder.newest_at() or self._newest
            self._told = None
        return self.is_well()

    def is_well(self) -> bool:
        return self._told is None

    def _may_keep(self) -> bool:
        """Does this worker look after the folder? From the first round in which nobody else does until it ends.

        Raises: `BackupInProgress` while somebody else does.
        """
        if not self._is_keeper:
            with self._is_told():
                self._held.enter_context(self._folder.lock("keeper"))
                add_gauge("backup_age_seconds", "The age of the newest backup in BACKUP_DIR.", self.age_seconds)
                self._is_keeper = True
        return self._is_keeper

    def _has_people(self) -> bool:
        """A backup of an empty database, made after an accident, would push out a good one."""
        with self._services.at_work():
            return queries.has_people()

    def _make(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bucketlist", "backup"],
            env={**os.environ, GIVES_WAY: "yes"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
        )
        if self._is_stopped:  # meanwhile
            self._process.kill()
        try:
            _, printed = self._process.communicate(timeout=MOST_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise BackupError(f"It took more than {MOST_SECONDS / 3600:.0f} hours and was stopped.") from None
        if self._process.returncode and not self._is_stopped:
            last = printed.strip().splitlines()[-1:] or [f"It ended with exit code {self._process.returncode}."]
            raise BackupError(last[0].removeprefix("Error: "))

    @contextmanager
    def _is_told(self) -> Iterator[None]:
        try:
            yield
        except (BackupError, Unavailable, OSError) as problem:
            if isinstance(problem, BackupInProgress):
                raise
            reason = str(problem.strerror if isinstance(problem, OSError) else problem)
            if isinstance(problem, Unavailable):
                reason = "The database cannot be used."
            if reason != self._told:
                log.warning("backup_failed", folder=str(self._folder.path), reason=reason)
            self._told = reason
