"""Load generator: `wrk` where it is installed, else one of our own; and what came of it."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.postgres import CACHE
from bench.process import cpu_seconds
from bench.scenarios import Request
from bench.servers import Running

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Result:
    """What one server answered to one scenario. Latencies in microseconds."""

    requests: int
    seconds: float
    errors: int
    p50: int
    p99: int
    slowest: int
    cpu_seconds: float

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds

    @property
    def cpu_microseconds(self) -> float:
        """Of the server's whole process tree, a request."""
        return self.cpu_seconds / max(self.requests, 1) * 1e6


def generator() -> str:
    """Which generator is used, with its version."""
    wrk = shutil.which("wrk")
    if wrk is None:
        return "bench/sockets.py"
    said = subprocess.run([wrk, "--version"], capture_output=True, text=True, check=False).stdout
    return " ".join(said.split()[:2])


@contextmanager
def written(requests: Sequence[Request]) -> Iterator[Path]:
    """The requests in a file that both generators read."""
    with tempfile.NamedTemporaryFile("w", dir=CACHE, suffix=".tsv") as file:
        for request in requests:
            file.write("\t".join((request.method, request.path, request.token or "-", request.body or "-")) + "\n")
        file.flush()
        yield Path(file.name)


def run(running: Running, requests: Path, connections: int, seconds: float, core: int) -> Result:
    """Ask for `seconds` with `connections` at once, from `core`; the server's CPU time is taken before and after."""
    before = cpu_seconds(running.process.pid)
    said = subprocess.run(
        command(running.port, requests, connections, seconds),
        capture_output=True,
        text=True,
        check=True,
        cwd=HERE.parent,
        preexec_fn=lambda: os.sched_setaffinity(0, {core}),  # no thread is running yet
    ).stdout
    used = cpu_seconds(running.process.pid) - before
    found = json.loads(next(line for line in said.splitlines() if line.startswith("RESULT "))[7:])
    errors = found["failed"] + found["refused"]
    duration = found["microseconds"] / 1e6
    return Result(found["requests"], duration, errors, found["p50"], found["p99"], found["slowest"], used)


def command(port: int, requests: Path, connections: int, seconds: float) -> list[str]:
    """How the generator is started; wrk counts in whole seconds."""
    wrk = shutil.which("wrk")
    if wrk is None:
        return [sys.executable, "-m", "bench.sockets", str(port), str(requests), str(connections), str(seconds)]
    options = [f"--connections={connections}", "--threads=1", f"--duration={max(1, round(seconds))}s", "--timeout=30s"]
    return [wrk, *options, "--script", str(HERE / "wrk.lua"), f"http://127.0.0.1:{port}", "--", str(requests)]
