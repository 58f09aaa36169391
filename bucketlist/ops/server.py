"""The server that `bucketlist serve` starts: granian, with what was measured to hold under slow clients.

A client that stalls while it sends a body holds a thread, so there are many; connections to the database are few all
the same (`kit/pool.py`). Heads have 5 seconds; backlog and number of connections are high enough for 1,000 idle ones.
"""

import ctypes
import logging
import signal
import socket
import threading
from contextlib import closing, suppress
from importlib import import_module
from typing import Any

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from bucketlist.config import Settings

BLOCKING_THREADS = 512
BACKLOG = 4096
HEADER_SECONDS = 5
STOP_SECONDS = 30
M_MMAP_THRESHOLD = -3  # of mallopt(3)
MALLOC_RETURNS = 1024 * 1024  # bytes: what is larger, as the 19 MiB of a password hash, goes back when it is freed
WAKE = signal.SIGUSR2


class CannotListen(Exception):
    """Somebody else listens there, nobody may, or there is no such place; the message says which."""


def serve(settings: Settings, address: str) -> None:
    """Serve at `address` until told to stop; requests that have begun are finished first."""
    logging.getLogger("_granian").addFilter(lambda record: "Python threads" not in record.msg)  # 512 are meant
    Granian(
        "bucketlist.wsgi:app",
        address=address,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.workers,
        blocking_threads=BLOCKING_THREADS,
        backlog=BACKLOG,
        backpressure=BACKLOG,
        http=HTTPModes.http1,  # browsers speak HTTP/2 with a proxy in front, and the time for a head is for HTTP/1 only
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_SECONDS * 1000),
        websockets=False,
        log_level=LogLevels.info if settings.debug else LogLevels.error,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
    ).serve(target_loader=load_app, wrap_loader=False)


def load_app() -> Any:
    """The application, in the main thread of a worker process."""
    wake_at_signals()
    with suppress(AttributeError):  # another C library than glibc
        ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, MALLOC_RETURNS)
    return import_module("bucketlist.wsgi").app


def wake_at_signals() -> None:
    """Wake the main thread at every signal, so that a worker hears when it is told to stop.

    The kernel may hand a signal to any thread, and does so when one is just being started. Python's handlers run in the
    main thread, which in a worker sleeps on a lock: one stop in three went unheard for 30 seconds under load.
    """
    reader, writer = socket.socketpair()
    writer.setblocking(False)
    signal.signal(WAKE, lambda *_: None)
    signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
    main = threading.get_ident()

    def wake() -> None:
        with reader, writer:
            while True:
                if reader.recv(1)[0] != WAKE:
                    signal.pthread_kill(main, WAKE)

    threading.Thread(target=wake, name="wake-at-signals", daemon=True).start()


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
