"""Fault injection proxy that loses answers: what was asked for is done, and the connection is cut before its answer."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from random import Random
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Lock, Thread
from typing import NamedTuple

from tests.patience import LONG

KEY = b"idempotency-key: "


class Lost(NamedTuple):
    """An answer that was lost: its status and its body."""

    status: int
    body: bytes


class CuttingProxy(ThreadingTCPServer):
    """Takes one request a connection and hands it to the server at `port`. Of the answers it loses `share`."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, share: float, chance: Random) -> None:
        super().__init__(("127.0.0.1", 0), Cutter)
        self.upstream_port = port
        self.lost: dict[str, list[Lost]] = {}  # by Idempotency-Key
        self._share = share
        self._chance = chance
        self._lock = Lock()

    @property
    def port(self) -> int:
        port: int = self.server_address[1]
        return port

    def note(self, key: str, answer: Lost) -> bool:
        """Is this answer to be lost?"""
        with self._lock:
            is_cut = self._chance.random() < self._share
            if is_cut:
                self.lost.setdefault(key, []).append(answer)
            return is_cut


class Cutter(BaseRequestHandler):
    """One connection."""

    server: CuttingProxy
    request: socket.socket

    def handle(self) -> None:
        with suppress(ConnectionError):
            request = receive_request(self.request)
            if not request:
                return
            with socket.create_connection(("127.0.0.1", self.server.upstream_port), timeout=LONG) as upstream:
                upstream.sendall(request)
                received, answer = receive_answer(upstream)
            if not self.server.note(key_of(request), answer):
                self.request.sendall(received)


def receive_request(connection: socket.socket) -> bytes:
    """With its body, whose length it tells."""
    received = b""
    while b"\r\n\r\n" not in received:
        part = connection.recv(65536)
        if not part:
            return b""
        received += part
    head, _, body = received.partition(b"\r\n\r\n")
    length = int(value_of(head, b"content-length: ") or 0)
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\nConnection: close\r\n\r\n" + body


def receive_answer(upstream: socket.socket) -> tuple[bytes, Lost]:
    """All of it, as it came and as it is understood."""
    received = b""
    while part := upstream.recv(65536):
        received += part
    head, _, body = received.partition(b"\r\n\r\n")
    return received, Lost(int(head.split(b" ", 2)[1]), body)


def value_of(head: bytes, name: bytes) -> bytes:
    lines = (line for line in head.split(b"\r\n") if line.lower().startswith(name))
    return next(lines, b"").partition(b": ")[2]


def key_of(request: bytes) -> str:
    return value_of(request.partition(b"\r\n\r\n")[0], KEY).decode()


@contextmanager
def cutting_proxy(port: int, share: float, chance: Random) -> Iterator[CuttingProxy]:
    with CuttingProxy(port, share, chance) as proxy:
        thread = Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield proxy
        finally:
            proxy.shutdown()
            thread.join()
