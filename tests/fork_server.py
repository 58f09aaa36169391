"""Fork server: `python -m bucketlist …` in processes that begin with all of it imported, most of what a start costs.

Such a process is real in all else: it has a folder, an environment and standard streams, and who asked for it is its
parent. A start from nothing is tested where it is the point, and where something is read before our code runs.
"""

import atexit
import ctypes
import gc
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from threading import Lock
from typing import IO, Any

from tests.patience import LONG

ROOT = Path(__file__).parents[1]
IMPORTED = (
    *("bucketlist.app", "bucketlist.cli.backups", "bucketlist.cli.people", "bucketlist.cli.schema"),
    *("bucketlist.cli.serving", "bucketlist.cli.sentences", "bucketlist.server.metrics_server", "granian.server.mp"),
    *("sqlalchemy.dialects.sqlite", "sqlalchemy.dialects.postgresql.psycopg", "alembic.command"),
)
READ_AT_THE_START = ("COVERAGE_", "LANG", "LC_", "LD_", "PYTHON", "TZ")
AS_SYSTEMD = 'LISTEN_FDS=1 LISTEN_PID=$$ exec "$@" 3<&"$0"'
PR_SET_CHILD_SUBREAPER = 36
MAX_BYTES = 64 * 1024
Streams = tuple[IO[Any], IO[Any], IO[Any]]
_lock = Lock()


class Forked:
    """A child of this process, as `subprocess.Popen` has it."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self.returncode = os.waitstatus_to_exitcode(status) if pid else None
        return self.returncode

    def wait(self, timeout: float = LONG) -> int:
        """Raises: `TimeoutExpired`."""
        if self.poll() is None:
            watched = os.pidfd_open(self.pid)
            select.select([watched], [], [], timeout)
            os.close(watched)
        if (ended := self.poll()) is None:
            raise subprocess.TimeoutExpired("bucketlist", timeout)
        return ended

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def early(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if value and name.startswith(READ_AT_THE_START)}


@cache
def fork_server() -> tuple[socket.socket, dict[str, str]]:
    """The line to it, and what it read when it began. It ends with this process."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("COVERAGE_", "PYTHONUN"))}
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        command = [sys.executable, "-m", __name__, str(theirs.fileno())]
        server = subprocess.Popen(command, cwd=ROOT, env=kept, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL)

    def stop() -> None:
        ours.close()
        server.wait()

    atexit.register(stop)
    return ours, early(kept)


def start(
    folder: Path,
    *arguments: str,
    environment: Mapping[str, str],
    streams: Streams,
    session: bool = False,
    listener: socket.socket | None = None,
) -> "Forked | subprocess.Popen[bytes]":
    """`python -m bucketlist` with `arguments`; with `session`, in one of its own; at a `listener`, as by systemd."""
    line, begun_with = fork_server() if sys.platform == "linux" else (None, {})
    given = early(environment)
    if line is None or given != {name: value for name, value in begun_with.items() if name in given}:
        return start_from_nothing(folder, arguments, environment, streams, session=session, listener=listener)
    order = [str(folder), arguments, dict(environment), session]
    with _lock:
        files = [each.fileno() for each in streams] + ([listener.fileno()] if listener else [])
        socket.send_fds(line, [json.dumps(order).encode()], files)
        return Forked(int(line.recv(MAX_BYTES)))


def start_from_nothing(
    folder: Path,
    arguments: Sequence[str],
    environment: Mapping[str, str],
    streams: Streams,
    *,
    session: bool,
    listener: socket.socket | None,
) -> "subprocess.Popen[bytes]":
    stdin, stdout, stderr = streams
    command = [sys.executable, "-m", "bucketlist", *arguments]
    return subprocess.Popen(
        ["bash", "-c", AS_SYSTEMD, str(listener.fileno()), *command] if listener else command,
        pass_fds=[listener.fileno()] if listener else [],
        cwd=folder,
        env=environment,
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        start_new_session=session,
    )


def serve(line: socket.socket) -> None:
    """Fork for each order, until nobody can give one. Returns in the fork, which has become what was ordered."""
    while True:
        data, descriptors, _, _ = socket.recv_fds(line, MAX_BYTES, 4)
        if not data:
            os._exit(0)
        reader, writer = os.pipe()
        if not (between := os.fork()):
            if os.fork():
                os._exit(0)
            line.close()
            os.close(reader)
            begin(writer, descriptors, *json.loads(data))
            return
        os.waitpid(between, 0)  # now who forked is not the parent any more
        line.send(os.read(reader, MAX_BYTES))
        for descriptor in (reader, writer, *descriptors):
            os.close(descriptor)


def begin(
    told: int,
    descriptors: Sequence[int],
    folder: str,
    arguments: Sequence[str],
    environment: Mapping[str, str],
    session: bool,
) -> None:
    """Become what was ordered, and tell by which number it is known."""
    if session:
        os.setsid()
    os.write(told, str(os.getpid()).encode())
    os.close(told)
    for number, descriptor in enumerate(descriptors):  # in their order: none is in the way of another
        if number != descriptor:
            os.dup2(descriptor, number)
            os.close(descriptor)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    if len(descriptors) > 3:
        os.set_inheritable(3, True)
        os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
    sys.path[0] = folder
    if Path(folder, "bucketlist").is_dir():  # it is imported in place of ours
        for name in [name for name in sys.modules if name.partition(".")[0] == "bucketlist"]:
            del sys.modules[name]
    sys.argv[1:] = arguments
    signal.signal(signal.SIGINT, signal.default_int_handler)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for module in IMPORTED:
        import_module(module)
    gc.freeze()
    with socket.socket(fileno=int(sys.argv[1])) as orders:
        serve(orders)
    runpy.run_module("bucketlist", run_name="__main__", alter_sys=True)
