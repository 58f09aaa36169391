"""Stress test of the suite itself, for flaky tests: several runs in a row, while every core is kept busy.

A test that fails here, and not on an idle machine, asserts the machine's speed and not what the service does.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BUSY = "while True: pass"
LOGS = Path("build") / "busy"


@contextmanager
def all_cores_busy() -> Iterator[None]:
    """One process a core that never pauses, until the block ends."""
    loops = [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(os.cpu_count() or 1)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def run(number: int, arguments: list[str]) -> bool:
    """Run the tests once, keep what they print, and tell how they ended. Did all pass?"""
    log = LOGS / f"{number}.log"
    with log.open("wb") as out:
        ended = subprocess.run([sys.executable, "-m", "pytest", *arguments], stdout=out, stderr=out, check=False)
    lines = log.read_text(errors="replace").splitlines()
    failures = [line for line in lines if line.startswith(("FAILED ", "ERROR "))]
    sys.stdout.write("\n".join([f"run {number}: {lines[-1] if lines else 'nothing'}", *failures, ""]))
    sys.stdout.flush()
    return ended.returncode == 0


def main(runs: int, arguments: list[str]) -> int:
    """The number of runs in which something failed."""
    LOGS.mkdir(parents=True, exist_ok=True)
    with all_cores_busy():
        failed = [number for number in range(1, runs + 1) if not run(number, arguments)]
    sys.stdout.write(f"{runs} runs on busy cores, {len(failed)} with failures; what they printed is in {LOGS}/\n")
    return len(failed)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2:]))
