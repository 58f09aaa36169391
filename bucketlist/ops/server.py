"""The server that `bucketlist serve` starts: granian, with what was measured to hold under slow clients.

A client that stalls while it sends a body holds a thread, so there are many; connections to the database are few all
the same (`kit/pool.py`). Heads have 5 seconds; backlog and number of connections are high enough for 1,000 idle ones.
"""

import socket
from contextlib import closing

from granian import Granian
from granian.constants import Interfaces
from granian.http import HTTP1Settings

from bucketlist.config import Settings

BLOCKING_THREADS = 512
BACKLOG = 4096
HEADER_SECONDS = 5
STOP_SECONDS = 30


class PortTaken(Exception):
    """Somebody else listens there, or nobody may; the message says which."""


def serve(settings: Settings) -> None:
    """Serve until told to stop; requests that have begun are finished first. Raises: `PortTaken`."""
    refuse_taken_port(settings.host, settings.port)
    Granian(
        "bucketlist.wsgi:app",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.workers,
        blocking_threads=BLOCKING_THREADS,
        backlog=BACKLOG,
        backpressure=BACKLOG,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_SECONDS * 1000),
        websockets=False,
        log_enabled=settings.debug,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
    ).serve()


def refuse_taken_port(host: str, port: int) -> None:
    """Ask before the workers do: they share the port, and would share it with a stranger too."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with closing(socket.socket(family, socket.SOCK_STREAM)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortTaken(f"Cannot listen on {host}:{port}: {error.strerror}. Choose another with PORT.") from None
