"""F27: documentation tests: the recipes of the handbook are followed as they stand, in a copy of the repository."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.patience import LONG
from tests.servers import environment, run_command

ROOT = Path(__file__).parents[2]
RECIPES = "".join((ROOT / "handbook" / page).read_text() for page in ("new-resource.md", "tour.md"))


def diff_of(recipe: str) -> str:
    """All diffs below a heading, in their order."""
    section, _, _ = RECIPES.partition(f"\n## {recipe}\n")[2].partition("\n## ")
    found = re.findall(r"^```diff\n(.*?)^```$", section, re.DOTALL | re.MULTILINE)
    assert found
    return "".join(found)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A folder with the package and its tests, beside which nothing of ours is found."""
    for folder in ("bucketlist", "tests"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def follow(copy: Path, recipe: str) -> None:
    patch = ["patch", "--strip=1", "--fuzz=0", "--no-backup-if-mismatch"]
    done = subprocess.run(patch, cwd=copy, input=diff_of(recipe), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def run(copy: Path, *arguments: str) -> str:
    """What Python prints that knows the copy."""
    settings = environment(copy)
    command = [sys.executable, *arguments]
    done = subprocess.run(command, cwd=copy, env=settings, capture_output=True, text=True, timeout=LONG, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def run_tests(copy: Path, *files: str, only: str = "") -> None:
    """Pytest in the copy, on SQLite; `only` those with this word in their name."""
    chosen = f"{only} and not postgresql" if only else "not postgresql"
    assert " passed" in run(copy, "-m", "pytest", "-q", "--no-cov", "-k", chosen, *files)


def call(copy: Path, *arguments: str) -> str:
    """What a command of the copy prints."""
    done = run_command(copy, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("patch"), reason="This machine has no patch.")
def test_f27_a_field_is_added_commit_by_commit_and_nothing_that_was_there_is_lost(copy: Path) -> None:
    call(copy, "db", "upgrade")
    call(copy, "dummy", "--buckets", "1", "--items", "3")

    follow(copy, "A new field")
    migration = run(copy, "-m", "bucketlist.migrations", "reasons of items").splitlines()[-1]

    assert Path(migration).name.endswith("_reasons_of_items.py")
    call(copy, "db", "upgrade")
    call(copy, "dummy", "--buckets", "1", "--items", "3", "--seed", "2")
    assert "2 users" in call(copy, "verify")
    document = json.loads(call(copy, "openapi"))
    assert document["components"]["schemas"]["ItemOut"]["properties"]["why"]
    run_tests(copy, "tests/items/test_say_why.py", "tests/items/test_items.py")


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("patch"), reason="This machine has no patch.")
def test_f27_a_resource_is_added_as_the_handbook_says_and_held_to_what_holds_everywhere(copy: Path) -> None:
    follow(copy, "A new resource")

    assert "0 broken" in run(
        copy, "-c", "from importlinter.cli import lint_imports_command as lint; lint()", "--no-cache"
    )
    sweeps = [f"tests/every_route/test_{name}.py" for name in ("access_matrix", "statements_per_request")]
    run_tests(copy, *sweeps, only="counts")


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("patch"), reason="This machine has no patch.")
def test_f27_a_setting_is_added_as_the_tour_says(copy: Path) -> None:
    follow(copy, "A new setting")
    (copy / ".env").write_text("GREETING=Hello\n")

    greeting = run(copy, "-c", "from bucketlist.config import load_settings; print(load_settings().greeting)")

    assert greeting == "Hello\n"
