"""Streaming replication for tests: a primary and its standby, real servers, which change places in a failover."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

from tests.concurrency import wait_until
from tests.postgres_machine import PROGRAMS, PostgresMachine

IS_SYNCHRONOUS = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'"
NOBODY = "synchronous_standby_names = ''\n"  # in a copy, which has no standby of its own when it is promoted


class Pair:
    """Two machines: `primary` takes writes, and `attach` makes of `standby` what the name says."""

    def __init__(self, primary: PostgresMachine, standby: PostgresMachine) -> None:
        self.primary = primary
        self.standby = standby
        self._follows = False

    def url_of(self, url: str) -> str:
        """That of a database of the primary with both servers, the primary first."""
        return url.replace(f"host={self.primary.folder}", f"host={self.primary.folder},{self.standby.folder}")

    def attach(self) -> None:
        """Have the standby follow the primary, made anew unless it did before, and each commit wait for it."""
        if not self._follows:
            self._copy()
        if not self.standby.is_running:
            self.standby.start()
        self._follows = True
        self.wait_for("*")
        wait_until(lambda: ask(self.primary, IS_SYNCHRONOUS) == 1)

    def _copy(self) -> None:
        self.standby.stop("immediate")
        data = self.standby.folder / "data"
        shutil.rmtree(data, ignore_errors=True)
        wanted = ["--write-recovery-conf", "--checkpoint=fast", "--no-sync", "--no-manifest", "--pgdata", str(data)]
        command = [str(PROGRAMS / "pg_basebackup"), "--dbname", self.primary.url, *wanted]
        subprocess.run(command, user=self.standby.user, cwd=self.standby.folder, check=True)
        with (data / "postgresql.auto.conf").open("a") as settings:
            settings.write(NOBODY)

    def wait_for(self, standbys: str) -> None:
        """Have each commit on the primary wait for them, or for none."""
        ask(self.primary, f"ALTER SYSTEM SET synchronous_standby_names = '{standbys}'")
        ask(self.primary, "SELECT pg_reload_conf()")

    def promote(self) -> float:
        """Both change places, whatever the old primary does; gives the moment at which the new one takes writes."""
        ask(self.standby, "SELECT pg_promote()")
        self.primary, self.standby = self.standby, self.primary
        self._follows = False
        return time.monotonic()


def ask(machine: PostgresMachine, sql: str) -> object:
    """The first value that it gives, if any; asked of the machine itself, past all that is under test."""
    with psycopg.connect(machine.url, autocommit=True) as operator:
        found = operator.execute(sql.encode())
        row = found.fetchone() if found.description else None
        return row[0] if row else None


@contextmanager
def pair_of_machines() -> Iterator[Pair]:
    """The primary runs, the standby has no data until it is attached."""
    with ExitStack() as at_the_end:
        pair = Pair(*(at_the_end.enter_context(_machine()) for _ in range(2)))
        pair.primary.make("--wal-segsize=1")  # MB, as it is copied
        pair.primary.start()
        yield pair


@contextmanager
def _machine() -> Iterator[PostgresMachine]:
    with TemporaryDirectory(prefix="bucketlist-pg-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        machine = PostgresMachine(Path(folder))
        try:
            yield machine
        finally:
            machine.stop("immediate")
