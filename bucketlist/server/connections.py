"""Connection timeouts: whoever does not send or does not read is hung up on, whatever the HTTP server waits for.

granian closes a connection on which no head arrives for KEEP_ALIVE_SECONDS, and waits for ever otherwise. What it does
not tell, the kernel does: how much of a connection was sent, received, and is still to be sent. A thread of each worker
looks once a second, and shuts those connections that are past a deadline; granian sees that they have ended.

While somebody waits, it also sends a request of its own. granian's thread pool grows only when a request comes, and
may count a thread that has just been taken as a free one; then a request could wait until the next one comes.

Source: tcp(7), TCP_INFO; `struct tcp_info` of linux/tcp.h; `BlockingRunnerPool::run` of granian 2.8, src/blocking.rs.
"""

import contextlib
import os
import socket
import struct
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from bucketlist.kit.background import run_every
from bucketlist.kit.http.middleware import RequestMiddleware

HEAD_SECONDS = 5.0  # for a first byte, and between the bytes of a head
BODY_SECONDS = 90.0  # longer than any request is in work; from then on, a body comes as fast as LEAST_RATE
WRITE_SECONDS = 30.0  # within these a reader takes as much as LEAST_RATE, again and again
LEAST_RATE = 1024  # bytes a second
SECONDS_BETWEEN = 1.0

TCP_INFO_BYTES = 148
read_info = struct.Struct("=B23xI92xQQ8xI").unpack  # state, unacked; bytes acked, bytes received; bytes not sent
CONNECTED = (1, 8)  # established; and close-wait: the other end sends no more, and may still read
FDS = "/proc/self/fd"
WAKE_UP = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


class Look(NamedTuple):
    """At one connection: the bytes that the other end has taken, those that it has sent, whether some are waiting."""

    taken: int
    received: int
    is_waiting: bool


@dataclass
class Connection:
    """The state of a connection: what was seen of it so far; each `…_at` in seconds of `perf_counter`."""

    look: Look
    heard_at: float
    asked_at: float | None  # since when is there a request, or a part of one, without an answer?
    asked_from: int = 0  # bytes received before it
    written_at: float | None = None  # since when is the answer waiting, and how much had been taken then?
    written_from: int = 0

    def see(self, look: Look, now: float) -> None:
        before, self.look = self.look, look
        if look.received != before.received:
            self.heard_at = now
        if look.is_waiting or look.taken != before.taken:
            self.asked_at = None
        elif look.received != before.received and self.asked_at is None:
            self.asked_at, self.asked_from = now, before.received
        if not look.is_waiting:
            self.written_at = None
        elif self.written_at is None:
            self.written_at, self.written_from = now, look.taken

    def is_waiting(self, now: float) -> bool:
        """Long enough to ask whether a thread is at work on it."""
        return self.asked_at is not None and now - self.asked_at >= SECONDS_BETWEEN

    def is_idle(self, now: float) -> bool:
        """Idle (keep-alive) for as long as a head may be silent, with nothing left to do."""
        return self.asked_at is None and self.written_at is None and now - self.heard_at >= HEAD_SECONDS


def first_seen(look: Look, now: float) -> Connection:
    return Connection(look, now, now if look.received and not look.taken else None)


def is_late(connection: Connection, now: float, *, are_requests_under_way: bool) -> bool:
    """`are_requests_under_way`: has any been in work for as long as a head may be silent? Then it may be this one's."""
    look, asked_at, written_at = connection.look, connection.asked_at, connection.written_at
    if written_at is not None and now - written_at >= WRITE_SECONDS:
        taken = look.taken - connection.written_from
        connection.written_at, connection.written_from = now, look.taken
        return taken < WRITE_SECONDS * LEAST_RATE
    is_silent = now - connection.heard_at >= HEAD_SECONDS
    if look.received == 0:
        return is_silent
    if asked_at is None:
        return False
    if now - asked_at >= BODY_SECONDS:
        return look.received - connection.asked_from < (now - asked_at) * LEAST_RATE
    return is_silent and not are_requests_under_way


class Watch:
    """Looks at all connections of this process to `port`.

    `oldest_start` tells when the oldest request began, `is_any_lingering` whether any answer waits for unread bodies.
    """

    def __init__(
        self, port: int, most: int, oldest_start: Callable[[], float | None], is_any_lingering: Callable[[], bool]
    ) -> None:
        self._port, self._most = port, most
        self._oldest_start, self._is_any_lingering = oldest_start, is_any_lingering
        self._seen: dict[int, Connection] = {}
        self._waker: socket.socket | None = None

    def look(self, now: float) -> None:
        """Close connections past a timeout; of many, or while any linger, also those as silent as a head may be."""
        oldest = self._oldest_start()
        is_busy = oldest is not None and now - oldest >= HEAD_SECONDS - SECONDS_BETWEEN
        is_crowded = len(self._seen) > self._most // 2 or self._is_any_lingering()
        seen: dict[int, Connection] = {}
        waited_at = None
        for number, connected in self._connections():
            with connected, contextlib.suppress(OSError):
                look = _look_at(connected)
                connection = seen[number] = self._seen.get(number) or first_seen(look, now)
                connection.see(look, now)
                is_late_now = is_late(connection, now, are_requests_under_way=is_busy)
                if is_late_now or (is_crowded and connection.is_idle(now)):
                    _hang_up(connected, is_waiting=look.is_waiting)
                elif connection.is_waiting(now):
                    waited_at = connected.getsockname()[:2]
        self._seen = seen
        self._wake_threads(waited_at)

    def _wake_threads(self, place: tuple[str, int] | None) -> None:
        """Have the pool of threads grow where somebody waits; the answer is of no interest."""
        if self._waker is not None:
            self._waker.close()
            self._waker = None
        if place is not None:
            with contextlib.suppress(OSError):
                self._waker = socket.create_connection(place, timeout=SECONDS_BETWEEN)
                self._waker.sendall(WAKE_UP)

    def _connections(self) -> Iterator[tuple[int, socket.socket]]:
        """Each with the number of its socket. A copy of the descriptor cannot become that of another meanwhile."""
        for name in os.listdir(FDS):  # noqa: PTH208  # a path object for each would cost more than the look
            with contextlib.suppress(OSError):
                if not os.readlink(f"{FDS}/{name}").startswith("socket:"):  # noqa: PTH115  # as above
                    continue
                copy = os.dup(int(name))
                connected = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, copy)
                if _is_of(connected, self._port):
                    yield os.fstat(copy).st_ino, connected
                else:
                    connected.close()


def _is_of(connected: socket.socket, port: int) -> bool:
    place = connected.getsockname()
    if not isinstance(place, tuple) or place[1] != port:
        return False
    return connected.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] in CONNECTED


def _look_at(connected: socket.socket) -> Look:
    _, unacked, taken, received, unsent = read_info(
        connected.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, TCP_INFO_BYTES)
    )
    return Look(taken, received, bool(unacked or unsent))


def _hang_up(connected: socket.socket, *, is_waiting: bool) -> None:
    """What is still waiting to be sent goes as well; else the kernel would keep it for minutes, for nobody."""
    if is_waiting:
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connected.shutdown(socket.SHUT_RDWR)


def watch_connections(port: int, most: int, middleware: RequestMiddleware) -> None:
    """Have a thread look at them, where there is Linux to tell of them."""
    if not hasattr(socket, "TCP_INFO") or not Path(FDS).is_dir():
        return
    watch = Watch(port, most, middleware.oldest_start, middleware.lingering.is_any)
    run_every(SECONDS_BETWEEN, lambda: watch.look(time.perf_counter()), "connections")
