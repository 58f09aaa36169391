"""Mutation testing in parallel: runs the tests of many mutants, in as many worlds as there are cores to spare."""

import json
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from queue import Queue
from typing import Any

from mutants.making import Mutant
from mutants.outcomes import Outcome, What
from mutants.selecting import Selection

COMPILE = ["compileall", "-q", "--invalidation-mode", "checked-hash", "bucketlist", "tests"]
COLLECT = ["pytest", "--collect-only", "-q", "-p", "no:cacheprovider"]
SOUND = "bucketlist/__init__.py"
FINE, FAILED, NO_TESTS = 0, 1, 5  # pytest's exit codes
IMPORT = "import"


def meaning(code: int, noticed: str) -> What:
    """Of pytest's exit code, which is negative when time was up: only a test that fails has noticed a mutant."""
    if noticed == IMPORT:
        return "unfit"
    if code in (FINE, NO_TESTS):
        return "survived"
    return "killed" if code == FAILED or code < 0 else "unfit"


class World:
    """A copy of the project in `folder`, and the process of `world.py` in it."""

    def __init__(self, folder: Path, process: "subprocess.Popen[str]") -> None:
        self.folder = folder
        self._process = process

    def ask(self, mutant: Mutant, selection: Selection, *, is_thorough: bool) -> Outcome:
        tests = selection.tests_for(mutant.path, mutant.line, is_thorough=is_thorough)
        if not tests:
            return Outcome(mutant.key, "survived", "", 0, is_thorough)
        seconds = sum(selection.seconds.get(test, 0) for test in tests)
        answer = self._ask(mutant.path, mutant.source(), tests, seconds)
        noticed = answer["told"].split("\n")[0]
        what = meaning(answer["code"], noticed)
        if what == "killed" and noticed:
            selection.note(noticed)
        return Outcome(mutant.key, what, noticed or f"exit {answer['code']}", answer["seconds"], is_thorough)

    def find_liar(self, tests: list[str], seconds: float) -> str | None:
        """The first of `tests` that fails although nothing is wrong, so that it is no witness."""
        answer = self._ask(SOUND, (self.folder / SOUND).read_text(), tests, seconds)
        return answer["told"].split("\n")[0] or None

    def _ask(self, path: str, source: str, tests: list[str], seconds: float) -> dict[str, Any]:
        """`seconds` is what the tests take when nothing else is at work."""
        task = {
            "path": path,
            "source": source,
            "tests": tests,
            "files": list(dict.fromkeys(test.partition("::")[0] for test in tests)),
            "seconds": 60 + 10 * seconds,
            "cpu_seconds": int(15 + 4 * seconds),
            "folder": str(self.folder.parent / f"{self.folder.name}-files"),
        }
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(task) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer


def make_copy(folder: Path) -> Path:
    """What git knows of the project, as it stands here."""
    folder.mkdir(parents=True, exist_ok=True)
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    names = [name for name in listed if Path(name).exists()]
    for path in folder.rglob("*.py"):
        if str(path.relative_to(folder)) not in names:
            path.unlink()
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(name, folder / name)
    return folder


@contextmanager
def world(folder: Path, python: Path) -> Iterator[World]:
    """Its bytecode is written before and checked by content, for a mutant can be as long and as old as the original."""
    for command in (COMPILE, COLLECT):
        subprocess.run([python, "-m", *command], cwd=folder, stdout=subprocess.DEVNULL, check=True)
    with subprocess.Popen(
        [python, "-m", "mutants.world"], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield World(folder, process)
        assert process.stdin
        process.stdin.close()


def ask_all(mutants: Iterable[Mutant], ask: Callable[[World, Mutant], None], folders: list[Path], python: Path) -> None:
    """`ask` for each of `mutants`, in one of the worlds that are free."""
    free: Queue[World] = Queue()

    def ask_in_turn(mutant: Mutant) -> None:
        lent = free.get()
        try:
            ask(lent, mutant)
        finally:
            free.put(lent)

    with ExitStack() as stack:
        for folder in folders:
            free.put(stack.enter_context(world(folder, python)))
        with ThreadPoolExecutor(len(folders)) as pool:
            list(pool.map(ask_in_turn, mutants))
