"""Memory of an HTTP server, with its workers, and the most that it has taken."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers import LiveServer


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
