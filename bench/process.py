"""CPU time and memory of processes: those of a whole tree, and which core they may use."""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # it brings no types


@dataclass(frozen=True)
class Cores:
    """The core of the server under test, and that of the load and the database; the same one when there is but one."""

    server: int
    others: int

    @classmethod
    def of_this_machine(cls) -> "Cores":
        allowed = sorted(os.sched_getaffinity(0))
        return cls(allowed[-1], allowed[0])


def tree(process_id: int) -> list[psutil.Process]:
    """The process and all that it has started and are still there."""
    parent = psutil.Process(process_id)
    return [parent, *parent.children(recursive=True)]


def cpu_seconds(process_id: int) -> float:
    """User and system time that the tree has used so far."""
    used = 0.0
    for process in tree(process_id):
        with suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            used += times.user + times.system
    return used


def switches(process_id: int) -> int:
    """How often the threads of the tree have gone to sleep or were made to wait for another so far."""
    files = (path for process in tree(process_id) for path in Path(f"/proc/{process.pid}").glob("task/*/status"))
    lines = (line for path in files for line in path.read_text().splitlines() if "ctxt_switches" in line)
    return sum(int(line.split()[1]) for line in lines)


def worker_memory_bytes(process_id: int) -> int:
    """The Pss of the largest process of the tree: the worker that serves."""
    return max(memory_bytes(process.pid) for process in tree(process_id))


def worker_of(process_id: int) -> int:
    """The largest process of the tree: the worker that serves, when nothing else is under way."""
    return max((process.pid for process in tree(process_id)), key=memory_bytes)


def memory_bytes(process_id: int) -> int:
    """The Pss of one process; 0 when it has ended."""
    with suppress(OSError):
        for line in Path(f"/proc/{process_id}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0


def pin(process_id: int, core: int) -> None:
    """The tree and all its threads run on `core` only; what it starts later inherits that."""
    for process in tree(process_id):
        for thread in process.threads():
            with suppress(OSError):
                os.sched_setaffinity(thread.id, {core})
