"""Latency benchmark beside slow clients: how fast others are answered while strangers stall."""

import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.deploy.proxies import find_program, start_caddy, start_nginx
from tests.servers import LiveServer, start_server
from tests.serving.stalling import BODY, HEAD, allow_files, count_waiting, stalled
from tests.serving.wire import ask

TIMES = 300
FILES = 16384
BARE = (1000, 400)  # heads and bodies; more than that is for a proxy
BEHIND = (3000, 3000)


def milliseconds(server: LiveServer) -> list[float]:
    """What answers to “are you alive?” take, one after the other, each on a connection of its own."""
    found = []
    for _ in range(TIMES):
        started = time.perf_counter()
        assert ask(server, "GET", "/healthz").status == 200
        found.append(1000 * (time.perf_counter() - started))
    return found


def tell(name: str, server: LiveServer, heads: int, bodies: int) -> None:
    with stalled(server, BODY, bodies) as of_bodies, stalled(server, HEAD, heads) as of_heads:
        cuts = statistics.quantiles(milliseconds(server), n=100, method="inclusive")
        assert (count_waiting(of_heads), count_waiting(of_bodies)) == (heads, bodies)
    sys.stdout.write(f"{name}, {heads} heads, {bodies} bodies: median {cuts[49]:.1f} ms, p99 {cuts[98]:.1f} ms\n")


@contextmanager
def new_folder() -> Iterator[Path]:
    with TemporaryDirectory() as folder:
        yield Path(folder)


def main() -> None:
    allow_files(FILES)
    with new_folder() as folder, start_server(folder, TRUSTED_PROXIES="1") as server:
        for heads, bodies in ((0, 0), BARE):
            tell("bare", server, heads, bodies)
        for name, start in (("nginx", start_nginx), ("caddy", start_caddy)):
            if find_program(name):
                with new_folder() as place, start(place, server.port) as proxy:
                    for heads, bodies in ((0, 0), BEHIND):
                        tell(name, proxy, heads, bodies)


if __name__ == "__main__":
    main()
