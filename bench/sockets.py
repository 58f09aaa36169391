"""A load generator for machines without wrk: one thread, one connection an open question, answers counted by status.

It is started as a process of its own: python -m bench.sockets PORT REQUESTS CONNECTIONS SECONDS
"""

import json
import selectors
import socket
import sys
import time
from itertools import cycle
from pathlib import Path

HEAD_END = b"\r\n\r\n"
LENGTH = b"content-length:"
COUNTER = b"#########"


class Connection:
    """One connection with at most one question under way."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sent_at = 0
        self._received = b""

    def send(self, data: bytes) -> None:
        self._received = b""
        self.sent_at = time.perf_counter_ns()
        self.socket.sendall(data)

    def receive(self) -> int | None:
        """The status once the whole answer is here, 0 when the server has hung up, None while some is missing."""
        data = self.socket.recv(262_144)
        if not data:
            return 0
        self._received += data
        end = self._received.find(HEAD_END)
        if end < 0:
            return None
        length = content_length(self._received[:end])
        if len(self._received) < end + len(HEAD_END) + length:
            return None
        return int(self._received[9:12])


def content_length(head: bytes) -> int:
    _, found, rest = head.lower().partition(LENGTH)
    return int(rest.partition(b"\r\n")[0]) if found else 0


def read_requests(path: Path) -> list[bytes]:
    requests = []
    for line in path.read_text().splitlines():
        method, target, token, body = line.split("\t")
        head = f"{method} {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        if token != "-":
            head += f"Authorization: Bearer {token}\r\n"
        if body == "-":
            body = ""
        else:
            head += f"Content-Type: application/json\r\nContent-Length: {len(body.encode())}\r\n"
        requests.append(f"{head}\r\n{body}".encode())
    return requests


def load(port: int, requests: list[bytes], connections: int, seconds: float) -> tuple[list[int], int, int, int]:
    """Latencies in nanoseconds; how many connections broke and answers were no success; how long it took."""
    latencies: list[int] = []
    failed = refused = 0
    following = cycle(requests)
    number = time.time_ns() // 1_000_000 % 1_000_000_000
    with selectors.DefaultSelector() as selector:
        for _ in range(connections):
            connection = Connection(port)
            selector.register(connection.socket, selectors.EVENT_READ, connection)
            connection.send(next(following).replace(COUNTER, b"%09d" % number))
        began = time.perf_counter_ns()
        end = began + int(seconds * 1e9)
        while time.perf_counter_ns() < end:
            for key, _ in selector.select(timeout=1):
                connection = key.data
                status = connection.receive()
                if status is None:
                    continue
                latencies.append(time.perf_counter_ns() - connection.sent_at)
                refused += status >= 400
                if status == 0:
                    failed += 1
                    selector.unregister(connection.socket)
                    connection.socket.close()
                    connection = Connection(port)
                    selector.register(connection.socket, selectors.EVENT_READ, connection)
                number = (number + 1) % 1_000_000_000
                connection.send(next(following).replace(COUNTER, b"%09d" % number))
        return latencies, failed, refused, time.perf_counter_ns() - began


def main() -> None:
    port, path, connections, seconds = sys.argv[1:]
    latencies, failed, refused, took = load(int(port), read_requests(Path(path)), int(connections), float(seconds))
    ordered = sorted(latency // 1000 for latency in latencies) or [0]
    result = {
        "requests": len(latencies),
        "microseconds": took // 1000,
        "failed": failed,
        "refused": refused,
        "p50": ordered[len(ordered) // 2],
        "p99": ordered[len(ordered) * 99 // 100],
        "slowest": ordered[-1],
    }
    print("RESULT " + json.dumps(result))


if __name__ == "__main__":
    main()
