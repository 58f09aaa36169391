"""Serving takes what serving needs: what only commands and tests need is not in a worker's memory."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.patience import LONG
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


def told_after(statement: str, wanted: str, folder: Path) -> Any:
    """What `wanted` is in a new Python after `statement`."""
    script = f"import gc, json, sys; {statement}; print(json.dumps({wanted}))"
    found = subprocess.run(
        [sys.executable, "-c", script],
        cwd=folder,
        env=environment(folder, PYTHONPATH=str(Path(__file__).parents[2])),
        capture_output=True,
        text=True,
        check=True,
        timeout=LONG,
    )
    return json.loads(found.stdout.splitlines()[-1])


def modules_after(statement: str, folder: Path) -> set[str]:
    return set(told_after(statement, "sorted(sys.modules)", folder))


def test_a_worker_imports_nothing_that_only_commands_need(tmp_path: Path) -> None:
    modules = modules_after("import bucketlist.wsgi", tmp_path)

    assert modules & HEAVY == set()


def test_the_garbage_collector_is_spared_what_a_worker_starts_with(tmp_path: Path) -> None:
    start = "from bucketlist.server.granian import load_app; load_app()"

    spared, left = told_after(start, "[gc.get_freeze_count(), len(gc.get_objects())]", tmp_path)

    assert spared > 50_000
    assert left < 1_000


def test_f28_a_health_check_imports_nothing_of_the_service(tmp_path: Path) -> None:
    ask = "from click.testing import CliRunner; from bucketlist.cli import main; CliRunner().invoke(main, ['health'])"

    modules = modules_after(ask, tmp_path)

    assert "bucketlist.cli.health" in modules
    assert modules & {"bucketlist.config", "bucketlist.models", "flask", "pydantic", "sqlalchemy", "sqlite3"} == set()
