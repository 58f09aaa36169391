"""Latency of a login while strangers flood logins: `python -m bench.flood [--at ANOTHER_CHECKOUT]`.

Thirty connections log in to thirty accounts, each time from another address, with wrong passwords or with right ones;
meanwhile somebody else logs in again and again, from the network of their sign-up or from new ones. Beside it the same
alone. With `--at`, another checkout (with an environment of its own in `.venv`) takes turns in the same run.
"""

import argparse
import http.client
import json
import os
import socket
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from threading import Event
from typing import NamedTuple

FLOODERS = 30
LOG_INS = int(
    os.environ.get("X", "20")
)  # of somebody in a round, each alone and in a flood; an account has 60 in five minutes
PASSWORD = "a long walk by the sea"
HERE = Path(__file__).parents[1]
KINDS = ("wrong", "right")
NETWORKS = ("known", "new")

_addresses = count(1)


class LogIn(NamedTuple):
    """How long one took, and how it was answered."""

    seconds: float
    status: int


Found = dict[tuple[str, str, str], list[LogIn]]  # by checkout, flood (or none) and network


def new_address() -> str:
    """One that nobody came from before, in the range that is for benchmarks (RFC 2544)."""
    number = next(_addresses)
    return f"198.{18 + (number >> 16)}.{(number >> 8) & 255}.{number & 255}"


@contextmanager
def serving(checkout: Path) -> Iterator[int]:
    """The port of a server with an empty database of its own, behind a proxy that we are."""
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="bucketlist-flood-") as folder:
        own = {"DATA_DIR": folder, "PORT": str(port), "TRUSTED_PROXIES": "1", "PATH": os.environ["PATH"]}
        command = [checkout / ".venv" / "bin" / "bucketlist", "serve"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        process = subprocess.Popen(command, cwd=folder, env=own, **quiet)  # type: ignore[call-overload]  # two of them
        try:
            _wait_for(port)
            yield port
        finally:
            process.terminate()
            process.wait()


def _wait_for(port: int) -> None:
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError


def post(connection: http.client.HTTPConnection, path: str, email: str, password: str, address: str) -> LogIn:
    """An answer, and the seconds until it was there."""
    headers = {"Content-Type": "application/json", "X-Forwarded-For": address}
    began = time.perf_counter()
    try:
        connection.request("POST", f"/v1/auth/{path}", json.dumps({"email": email, "password": password}), headers)
        response = connection.getresponse()
        response.read()
    except (OSError, http.client.HTTPException):
        connection.close()
        return LogIn(time.perf_counter() - began, 0)
    return LogIn(time.perf_counter() - began, response.status)


def connect(port: int) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", port, timeout=60)


def sign_up(port: int, name: str) -> str:
    """The address from which somebody new signed up."""
    address = new_address()
    with closing(connect(port)) as connection:
        answer = post(connection, "register", f"{name}@example.com", PASSWORD, address)
    if answer.status != 201:
        raise RuntimeError(answer)
    return address


def log_in_often(port: int, name: str, network: str, home: str) -> list[LogIn]:
    """Those of somebody who signed up from `home`, one after the other."""
    with closing(connect(port)) as connection:
        return [
            post(connection, "login", f"{name}@example.com", PASSWORD, home if network == "known" else new_address())
            for _ in range(LOG_INS)
        ]


@contextmanager
def flooded(port: int, kind: str) -> Iterator[list[int]]:
    """Thirty who log in until the end of the block; the statuses of their answers."""
    names, is_over, statuses = [f"{kind}{number}" for number in range(FLOODERS)], Event(), list[int]()
    for name in names:
        sign_up(port, name)

    def hammer(name: str) -> None:
        with closing(connect(port)) as connection:
            while not is_over.is_set():
                password = PASSWORD if kind == "right" else "wrong horse battery"
                statuses.append(post(connection, "login", f"{name}@example.com", password, new_address()).status)

    with ThreadPoolExecutor(FLOODERS) as threads:
        at_work = [threads.submit(hammer, name) for name in names]
        try:
            yield statuses
        finally:
            is_over.set()
    for each in at_work:
        each.result()


def measure(checkout: Path, found: Found) -> None:
    """A round: alone, and then in each flood, each on a server that has not seen anybody before."""
    for kind in KINDS:
        for network in NETWORKS:
            with serving(checkout) as port:
                homes = [sign_up(port, name) for name in ("before", "meanwhile")]
                alone = log_in_often(port, "before", network, homes[0])
                found.setdefault((str(checkout), "alone", network), []).extend(alone)
                with flooded(port, kind) as statuses:
                    log_ins = log_in_often(port, "meanwhile", network, homes[1])
                found.setdefault((str(checkout), kind, network), []).extend(log_ins)
                told = {status: statuses.count(status) for status in sorted(set(statuses))}
                print(
                    f"  {checkout.name}, {kind} passwords, {network} network: the flood was answered {told}", flush=True
                )


def tell(found: Found) -> None:
    """A line for each: median, 95th percentile and worst in seconds, failures, and the median against alone."""
    print(
        f"{'checkout':12} {'flood':6} {'network':8} {'median':>8} {'95th':>8} {'worst':>8} {'failed':>8} {'ratio':>7}"
    )
    for (checkout, kind, network), log_ins in sorted(found.items()):
        seconds = sorted(log_in.seconds for log_in in log_ins)
        alone = statistics.median(log_in.seconds for log_in in found[checkout, "alone", network])
        middle, late = statistics.median(seconds), seconds[int(len(seconds) * 0.95)]
        failed = f"{sum(log_in.status != 200 for log_in in log_ins)}/{len(log_ins)}"
        print(
            f"{Path(checkout).name:12} {kind:6} {network:8} {middle:8.3f} {late:8.3f} {seconds[-1]:8.3f}"
            f" {failed:>8} {middle / alone:6.1f}x"
        )


def main() -> None:
    """Take turns, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--at", type=Path, action="append", default=[], help="another checkout, with its .venv")
    parser.add_argument("--rounds", type=int, default=2)
    asked = parser.parse_args()
    found: Found = {}
    print(f"load before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores", flush=True)
    for _ in range(asked.rounds):
        for checkout in (HERE, *asked.at):
            measure(checkout.resolve(), found)
    print(f"load after: {os.getloadavg()[0]:.1f}")
    tell(found)


if __name__ == "__main__":
    main()
