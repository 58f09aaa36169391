"""HTTP servers as real processes, for the tests that need one."""

import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import choice
from tempfile import TemporaryFile
from urllib.error import URLError

from bucketlist.config import Settings
from bucketlist.migrations import runner
from tests import fork_server
from tests.fork_server import Forked
from tests.patience import LONG

START_SECONDS = LONG
PORTS = range(10_000, 32_000)
_taken: list[socket.socket] = []
SECRET = "e83b50f7a9c2416dd71c04b86a5f92e3"


@dataclass
class LiveServer:
    """A running server."""

    url: str
    port: int
    folder: Path
    process: subprocess.Popen[bytes] | Forked

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")


def free_port() -> int:
    """A port of nobody: below those that outgoing connections get, and not given to another process of the tests.

    Source: ip(7) on ip_local_port_range; unix(7) on abstract sockets, which end with their process.
    """
    while True:
        port, taken = choice(PORTS), socket.socket(socket.AF_UNIX)  # no secret
        try:
            taken.bind(f"\0bucketlist-port-{port}")
            with closing(socket.socket()) as probe:
                probe.bind(("127.0.0.1", port))
        except OSError:
            taken.close()
        else:
            _taken.append(taken)
            return port


def environment(folder: Path, **settings: str) -> dict[str, str]:
    """That of a new machine: nothing of ours but what `settings` says."""
    kept = {
        name: value for name, value in os.environ.items() if name in ("PATH", "PYTHONPATH", "HOME", "LANG", "TMPDIR")
    }
    kept |= {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}
    return kept | {"DATA_DIR": str(folder / "data"), "SECRET_KEY": SECRET, "RATELIMIT_ENABLED": "false"} | settings


def run_command(
    folder: Path, *arguments: str, typed: str | None = None, **settings: str
) -> subprocess.CompletedProcess[str]:
    """What `bucketlist …` does in `folder`; `typed` is what somebody types in."""
    return run_with(environment(folder, **settings), folder, *arguments, typed=typed)


def run_with(
    wanted: dict[str, str], folder: Path, *arguments: str, typed: str | None = None
) -> subprocess.CompletedProcess[str]:
    """The same in the environment `wanted`."""
    with TemporaryFile() as stdin, TemporaryFile() as stdout, TemporaryFile() as stderr:
        stdin.write((typed or "").encode())
        stdin.seek(0)
        process = fork_server.start(folder, *arguments, environment=wanted, streams=(stdin, stdout, stderr))
        returncode = process.wait(timeout=LONG)
        for stream in (stdout, stderr):
            stream.seek(0)
        return subprocess.CompletedProcess(arguments, returncode, stdout.read().decode(), stderr.read().decode())


@contextmanager
def start_server(folder: Path, *command: str, under: str = "", **settings: str) -> Iterator[LiveServer]:
    """A server on a free port, with its database up to date, until the block ends; `bucketlist serve` or `command`.

    In `command`, `{port}` stands for the port. `under` is the path under which people reach it.
    """
    port = free_port()
    if under:
        settings["PUBLIC_URL"] = f"http://127.0.0.1:{port}{under}"
    data = Path(settings.get("DATA_DIR", folder / "data"))
    runner.upgrade(Settings(database_url=settings.get("DATABASE_URL", ""), data_dir=data))
    wanted = environment(folder, PORT=str(port), **settings)
    with (folder / "log").open("wb") as log, Path(os.devnull).open() as nothing:
        if command:
            arguments = [part.format(port=port) for part in command]
            process: subprocess.Popen[bytes] | Forked = subprocess.Popen(
                arguments, cwd=folder, env=wanted, stdout=log, stderr=subprocess.STDOUT
            )
        else:
            process = fork_server.start(folder, "serve", environment=wanted, streams=(nothing, log, log))
        server = LiveServer(f"http://127.0.0.1:{port}", port, folder, process)
        try:
            wait_until_ready(server)
            yield server
        finally:
            process.terminate()
            process.wait(timeout=LONG)


def start_at(address: socket.socket, folder: Path) -> LiveServer:
    """`bucketlist serve` at an address that is open already: whoever connects waits until it is ready."""
    port = address.getsockname()[1]
    with (folder / "log").open("ab") as log, Path(os.devnull).open() as nothing:
        streams = (nothing, log, log)
        process = fork_server.start(folder, "serve", environment=environment(folder), streams=streams, listener=address)
    return LiveServer(f"http://127.0.0.1:{port}", port, folder, process)


def wait_until_ready(server: LiveServer) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.process.poll() is None:
        try:
            with urllib.request.urlopen(f"{server.url}/healthz", timeout=5):  # our own address
                return
        except (URLError, OSError):
            time.sleep(0.05)
    raise AssertionError(f"The server did not start:\n{server.log}")
