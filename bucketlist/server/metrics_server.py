"""HTTP server of METRICS_PORT: few connections at once, each with a timeout, so that nobody can hold the port.

Whoever comes when there are too many takes the place of the one that has been there for the longest time.
"""

import contextlib
import os
import socket
import threading
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from prometheus_client import CollectorRegistry, make_wsgi_app

MOST_CONNECTIONS = 32
CONNECTION_SECONDS = 10.0  # from its first moment to the end of its answer
SILENT_SECONDS = 5.0


class Handler(WSGIRequestHandler):
    """Writes no line of requests."""

    timeout = SILENT_SECONDS

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # as the library calls it
        pass


class MetricsServer(ThreadingMixIn, WSGIServer):
    """A thread for each connection, of which there are `MOST_CONNECTIONS`."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: str, port: int, registry: CollectorRegistry) -> None:
        self.address_family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self._open: dict[socket.socket, threading.Timer] = {}  # the oldest first
        self._lock = threading.Lock()
        super().__init__((address, port), Handler)
        self.set_app(make_wsgi_app(registry))
        os.register_at_fork(after_in_child=self.socket.close)  # a worker that outlives us must not hold the port

    def process_request(self, request: Any, client_address: Any) -> None:
        timer = threading.Timer(CONNECTION_SECONDS, _hang_up, (request,))
        timer.daemon = True
        with self._lock:
            if len(self._open) >= MOST_CONNECTIONS:
                _hang_up(next(iter(self._open)))
                self._open.pop(next(iter(self._open))).cancel()
            self._open[request] = timer
        timer.start()
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            timer = self._open.pop(request, None)
        if timer:
            timer.cancel()
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever was hung up on, or has hung up, is no error of ours."""


def _hang_up(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
