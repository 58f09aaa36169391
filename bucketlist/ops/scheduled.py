"""Scheduled backups, a background job: once a day into BACKUP_DIR, by a process of its own that gives way to requests.

Of all workers that share the folder, on one machine or several, one looks after it: whoever holds its lock. When the
next one is due follows from the newest file, so that a restart changes nothing.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from multiprocessing.util import Finalize

import structlog

from bucketlist.backup.archive import BackupError
from bucketlist.backup.folder import BackupFolder, BackupInProgress
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


def start_backups(services: Services) -> None:
    """A thread that makes a backup whenever one is due, if there is a BACKUP_DIR."""
    if services.settings.backup_dir is not None:
        keeper = BackupKeeper(services)
        Finalize(None, keeper.stop, exitpriority=2)  # before the last connection is closed
        threading.Thread(target=keeper.run, name="backups", daemon=True).start()


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
        self._pause = threading.Event()
        self._process: subprocess.Popen[str] | None = None

    def run(self) -> None:
        while not self._pause.is_set():
            with suppress(BackupInProgress), self._is_told(), self._folder.lock("keeper"):
                add_gauge("backup_age_seconds", "The age of the newest backup in BACKUP_DIR.", self.age_seconds)
                self._keep()
            self._pause.wait(SECONDS_BETWEEN)

    def age_seconds(self) -> int:
        return int((now() - self._newest).total_seconds())

    def stop(self) -> None:
        """No process outlives the worker: a backup that is being made is not there."""
        self._pause.set()
        if self._process:
            self._process.kill()
            self._process.wait()

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

    def _keep(self) -> None:
        while not self._pause.is_set():
            self._pause.wait(SECONDS_BETWEEN if self.look() else RETRY_SECONDS)

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
        try:
            _, printed = self._process.communicate(timeout=MOST_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise BackupError(f"It took more than {MOST_SECONDS / 3600:.0f} hours and was stopped.") from None
        if self._process.returncode and not self._pause.is_set():
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
