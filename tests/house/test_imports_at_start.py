"""Serving takes what serving needs: what only commands and tests need is not in a worker's memory."""

import json
import subprocess
import sys
from pathlib import Path

from tests.servers import environment

HEAVY = {
    "alembic",
    "bucketlist.cli",
    "faker",
    "granian",
    "hypothesis",
    "mako",
    "pytest",
    "setuptools",
    "unittest",
}


def modules_after(statement: str, folder: Path) -> set[str]:
    """What a new Python has imported after `statement`."""
    script = f"import sys, json; {statement}; print(json.dumps(sorted(sys.modules)))"
    found = subprocess.run(
        [sys.executable, "-c", script],
        cwd=folder,
        env=environment(folder, PYTHONPATH=str(Path(__file__).parents[2])),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return set(json.loads(found.stdout.splitlines()[-1]))


def test_a_worker_imports_nothing_that_only_commands_need(tmp_path: Path) -> None:
    modules = modules_after("import bucketlist.wsgi", tmp_path)

    assert modules & HEAVY == set()
