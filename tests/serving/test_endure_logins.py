"""A flood of logins, which are dear on purpose, leaves the service its memory and others their turn."""

import statistics
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.concurrency import together
from tests.conftest import Tell
from tests.patience import timed
from tests.servers import LiveServer
from tests.serving.wire import PASSWORD, Answer, ask, head, send, sign_up, statuses

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc"),
]

FLOOD = 50
HASH_MIB = 19
MIB = 1024 * 1024


@pytest.mark.threat(row=13)
def test_fifty_logins_at_once_take_little_memory_and_nobody_elses_time(live_server: LiveServer, tell: Tell) -> None:
    visitor = sign_up(live_server)
    together(FLOOD, lambda _: ask(live_server, "GET", "/healthz"))  # so that its threads are there
    before = resident_mib(live_server)
    credentials = {"email": visitor.email, "password": PASSWORD}

    def act(number: int) -> list[tuple[Answer, float]]:
        if number == 0:
            return [timed(lambda: ask(live_server, "GET", "/healthz")) for _ in range(20)]
        return [timed(lambda: ask(live_server, "POST", "/v1/auth/login", credentials))]

    with watched(live_server) as most:
        health, *logins = together(FLOOD + 1, act)

    tell(f"{FLOOD} log-ins at once took {most[0] - before:.0f} MiB, and kept {resident_mib(live_server) - before:.0f}")
    assert {answer.status for answer, _ in health} == {200}
    assert {answer.status for ((answer, _),) in logins} <= {200, 503}
    assert most[0] - before < FLOOD * HASH_MIB / 2
    assert statistics.median(each[1] for each in health) < statistics.median(each[0][1] for each in logins)
    assert ask(live_server, "POST", "/v1/auth/login", {"email": visitor.email, "password": PASSWORD}).status == 200


@pytest.mark.threat(row=25)
def test_bodies_that_are_too_large_take_no_memory(live_server: LiveServer) -> None:
    visitor = sign_up(live_server)
    about = (f"Authorization: Bearer {visitor.token}", "Content-Type: application/json", "Connection: close")
    large = b'{"name": "' + b"x" * (2 * MIB) + b'"}'
    requests = {
        "measured": head("POST", "/v1/buckets", *about, f"Content-Length: {len(large)}") + large,
        "chunked": head("POST", "/v1/buckets", *about, "Transfer-Encoding: chunked")
        + b"%x\r\n%b\r\n0\r\n\r\n" % (len(large), large),
        "packed": head("POST", "/v1/buckets", *about, "Content-Encoding: gzip", f"Content-Length: {len(large)}")
        + large,
    }
    for request in requests.values():
        send(live_server, request)
    before = resident_mib(live_server)

    with watched(live_server) as most:
        found = [statuses(send(live_server, request)) for _ in range(5) for request in requests.values()]

    assert {status for each in found for status in each} == {413}
    assert most[0] - before < sum(map(len, requests.values())) / MIB * 5  # of all that was sent


def resident_mib(server: LiveServer) -> float:
    """What is in memory of the server's processes now. Source: proc(5)."""
    return sum(_resident_kib(process) for process in _family(server.process.pid)) / 1024


@contextmanager
def watched(server: LiveServer) -> Iterator[list[float]]:
    """The most that it takes until the block ends, as the one number of the list."""
    most, ended = [resident_mib(server)], threading.Event()

    def watch() -> None:
        while not ended.wait(0.02):
            most[0] = max(most[0], resident_mib(server))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield most
    finally:
        ended.set()
        watcher.join()


def _family(process: int) -> Iterator[int]:
    yield process
    children = Path(f"/proc/{process}/task/{process}/children")
    for child in children.read_text().split() if children.exists() else ():
        yield from _family(int(child))


def _resident_kib(process: int) -> int:
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except FileNotFoundError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmRSS")), 0)
