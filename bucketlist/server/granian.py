"""HTTP server that `bucketlist serve` starts: granian, with what was measured to hold under slow clients.

A client that stalls while it sends a body holds a thread, so there are many; connections to the database are few all
the same (`kit/db/pool.py`). Deadlines are in `connections.py`; backlog and number of connections are high enough for
1,000 idle ones.
"""

import ctypes
import gc
import logging
import os
import resource
import socket
import sys
from contextlib import closing, suppress
from importlib import import_module
from multiprocessing.util import Finalize
from typing import Any

from granian import Granian
from granian._granian import SocketHolder
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.mp import MPServer

from bucketlist.config import Settings
from bucketlist.kit import log_writer
from bucketlist.kit.db.driver import Driver
from bucketlist.kit.errors import Unavailable
from bucketlist.kit.log_writer import LogStream
from bucketlist.kit.logs import configure_logs
from bucketlist.kit.std_logs import FOR_GRANIAN, take_over_logs
from bucketlist.server import graceful_shutdown
from bucketlist.server.connections import watch_connections
from bucketlist.server.graceful_shutdown import HANDED_OVER, block_signals
from bucketlist.server.orphans import stop_when_orphaned
from bucketlist.services import services_of

BLOCKING_THREADS = 512
BACKLOG = 4096
FILES = 2 * BACKLOG  # that a worker may have open: its connections, and all else
MAX_HEAD_BYTES = 64 * 1024
STOP_SECONDS = 30
M_MMAP_THRESHOLD = -3  # of mallopt(3)
MALLOC_RETURNS = 1024 * 1024  # bytes: what is larger, as the 19 MiB of a password hash, goes back when it is freed


class CannotListen(Exception):
    """The address cannot be bound: it is in use, not allowed, or there is none; the message says which."""


def serve(settings: Settings, address: str) -> None:
    """Serve at `address`, or at a socket that was handed over, until told to stop; finish what has begun first."""
    take_over_logs()
    logging.getLogger("_granian").addFilter(lambda record: "Python threads" not in record.msg)  # 512 are meant
    allow_connections()
    server = SharingServer if is_handed_over(os.getpid()) else Granian
    server(
        "bucketlist.wsgi:app",
        address=address,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.workers,
        blocking_threads=BLOCKING_THREADS,
        backlog=BACKLOG,
        backpressure=BACKLOG,
        http=HTTPModes.http1,  # browsers speak HTTP/2 with a proxy in front, and its time for a head is for HTTP/1 only
        http1_settings=HTTP1Settings(
            header_read_timeout=settings.keep_alive_seconds * 1000, max_buffer_size=MAX_HEAD_BYTES
        ),
        websockets=False,
        log_dictconfig=FOR_GRANIAN,
        log_level=LogLevels.info if settings.debug else LogLevels.error,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
    ).serve(target_loader=load_app, wrap_loader=False)


def load_app() -> Any:
    """The application, in the main thread of a worker process.

    What it is made of lives as long as the worker, so the garbage collector need not look at it again and again.
    """
    with suppress(AttributeError):  # another C library than glibc
        ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, MALLOC_RETURNS)
    block_signals()
    protect_logs()
    configure_logs()
    take_over_logs()
    Finalize(None, log_writer.stderr.finish, exitpriority=1)
    app = import_module("bucketlist.wsgi").app
    services = services_of(app)
    Finalize(None, finish, (services.database.driver,), exitpriority=2)
    gc.collect()
    gc.freeze()
    handed_over = is_handed_over(os.getppid())
    graceful_shutdown.install(app.wsgi_app, is_handed_over=handed_over)
    stop_when_orphaned(STOP_SECONDS)
    port = _port_of(HANDED_OVER) if handed_over else services.settings.port
    watch_connections(port, BACKLOG, app.wsgi_app)
    return app


def finish(driver: Driver) -> None:
    """Leave the database as one file, unless somebody took it away: who did so has it as it is."""
    with suppress(Unavailable):
        driver.finish()


def protect_logs() -> None:
    """Whoever reads standard output and standard error, or does not: from now on they hold up nobody."""
    for name, writer in (("stdout", log_writer.stdout), ("stderr", log_writer.stderr)):
        writer.protect()
        setattr(sys, name, LogStream(writer))


def _port_of(descriptor: int) -> int:
    with socket.socket(fileno=os.dup(descriptor)) as listener:
        place = listener.getsockname()
    return int(place[1]) if isinstance(place, tuple) else 0


def is_handed_over(server_id: int) -> bool:
    """Was the socket opened before, for the process `server_id`? Raises: `CannotListen` when there are several.

    Source: https://www.freedesktop.org/software/systemd/man/latest/sd_listen_fds.html
    """
    if os.environ.get("LISTEN_PID") != str(server_id):
        return False
    if os.environ.get("LISTEN_FDS") != "1":
        raise CannotListen("More sockets were handed over than the one to listen on.")
    return True


class SharingServer(MPServer):
    """Its workers share the socket that was handed over; granian has them do so where ports cannot be shared."""

    def _init_shared_socket(self) -> None:
        self._shd: Any = SocketHolder(HANDED_OVER, False, BACKLOG)  # type: ignore[call-arg]  # no stub
        self._sso = socket.socket(fileno=HANDED_OVER)
        self._ssp = None


def allow_connections() -> None:
    """Raise the limit of open files: each connection takes one; many systems allow 1,024, unless a process asks."""
    allowed, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if most == resource.RLIM_INFINITY else min(FILES, most)
    if allowed != resource.RLIM_INFINITY and allowed < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


def find_address(host: str, port: int, choose: str = "HOST or PORT") -> str:
    """The address that `host` means, seen to be free; `choose` names the settings. Raises: `CannotListen`.

    Asked before the workers do: they share the port, and would share it with a stranger too.
    """
    try:
        family, _, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        with closing(socket.socket(family, socket.SOCK_STREAM)) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "this is no name of a host"
        raise CannotListen(f"Cannot listen on {host}:{port}: {reason}. Choose another {choose}.") from None
    return str(place[0])
