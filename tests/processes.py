"""Process trees that are killed and looked at as a family: a server with its workers, a database with its backends."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from bucketlist.config import Settings
from tests import fork_server
from tests.concurrency import wait_until
from tests.patience import LONG
from tests.servers import LiveServer, environment, free_port, wait_until_ready

SECONDS = LONG


class Process(NamedTuple):
    """One that runs, by the numbers of itself, its parent and its group."""

    pid: int
    parent: int
    group: int


def running() -> Iterator[Process]:
    """Every process of this machine that has not ended; one that its parent has not noticed to be dead has."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                state, parent, group, *_ = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:  # it has just ended
                continue
            if state not in "ZX":
                yield Process(int(entry.name), int(parent), int(group))


def children_of(pid: int) -> list[int]:
    return sorted(process.pid for process in running() if process.parent == pid)


class Service:
    """`bucketlist serve`, in a process group of its own, that can be killed and started again."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self._settings = settings
        self.server: LiveServer | None = None

    @property
    def port(self) -> int:
        assert self.server
        return self.server.port

    def start(self) -> LiveServer:
        """On a new port, for who was killed may not have let go of the old one yet."""
        port = free_port()
        wanted = environment(self.folder, PORT=str(port), ACCESS_LOG="false", **self._settings)
        with (self.folder / "log").open("ab") as log, Path(os.devnull).open() as nothing:
            process = fork_server.start(
                self.folder, "serve", environment=wanted, streams=(nothing, log, log), session=True
            )
        self.server = LiveServer(f"http://127.0.0.1:{port}", port, self.folder, process)
        wait_until_ready(self.server)
        return self.server

    def workers(self) -> list[int]:
        assert self.server
        return children_of(self.server.process.pid)

    def kill(self) -> None:
        """The whole group at once, as nobody can be warned of; and wait until all of it is gone."""
        assert self.server
        group = self.server.process.pid
        os.killpg(group, signal.SIGKILL)
        self.server.process.wait()
        wait_until(lambda: not any(process.group == group for process in running()))
        self.server = None

    def stop(self) -> None:
        if self.server:
            self.server.process.terminate()
            self.server.process.wait(timeout=SECONDS)


@contextmanager
def service_on(settings: Settings, folder: Path, **more: str) -> Iterator[Service]:
    """A service on the database of `settings` that nobody has started yet; at the end of the block it is stopped."""
    service = Service(folder, DATABASE_URL=settings.database_url, DATA_DIR=str(settings.data_dir), **more)
    try:
        yield service
    finally:
        service.stop()


def without_options() -> dict[str, str]:
    """The environment of a run of pytest inside this one, which has options of its own."""
    return {name: value for name, value in os.environ.items() if name != "PYTEST_ADDOPTS"}
