"""Build and CI tooling, of contributors and machines: make, .ci/run, the workflow, the Procfile."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from coverage import Coverage

from bucketlist.cli import main
from tests.coverage_scope import wants_all
from tests.patience import LONG

ROOT = Path(__file__).parents[2]
STEPS = ["make check", "make check-contract", "make test"]
LOCKED = (  # what depends on no index, and what does not install
    "PIP := -m pip install ",
    '"$(1)" $(PIP) --no-deps --only-binary :all: --no-binary $(SDISTS) --no-build-isolation ',
    "@$(BIN)/python $(PIP) --no-deps --no-build-isolation --editable .",
    "@npm ci ",
    "COMPILE = $(TOOLS)/uv pip compile ",
    "install_if_missing ",
    "@command -v npm ",
)
VERSIONS = ["3.11", "3.12", "3.13", "3.14"]


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["make", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


def test_make_alone_lists_what_there_is_to_do() -> None:
    listed = re.findall(r"^  make (\S+)", make().stdout, re.MULTILINE)

    assert {"run", "test", "check", "check-contract", "format", "badges", "lock", "openapi"} <= set(listed)


@pytest.mark.parametrize("target", ["run", "test"])
def test_make_says_in_a_sentence_which_python_it_takes(target: str) -> None:
    result = make(target, "PYTHON=no-such-python")

    assert result.returncode != 0
    assert "bucketlist takes Python 3.11 or newer" in result.stderr


@pytest.mark.threat(row=51)
def test_nothing_is_installed_but_what_is_locked() -> None:
    files = [ROOT / "Makefile", ROOT / ".ci" / "run", *ROOT.glob("*/Makefile.part"), *ROOT.glob(".github/workflows/*")]
    installs = re.compile(r".*(?:\$\(PIP\)|\bpipx? (?:install|download)\b|\buvx?\b|\bnp[mx] \w|\bensurepip\b).*")

    lines = {line.strip() for path in files for line in installs.findall(path.read_text())}

    assert {line for line in lines if not line.startswith(LOCKED)} == set()


def test_the_contracts_linters_are_named_to_the_last_figure() -> None:
    wanted = json.loads((ROOT / "contract" / "package.json").read_text())["devDependencies"]

    assert {name: version for name, version in wanted.items() if not re.fullmatch(r"\d+\.\d+\.\d+", version)} == {}


def test_ci_runs_checks_and_contract_and_then_the_tests() -> None:
    lines = (ROOT / ".ci" / "run").read_text().splitlines()

    assert "set -euo pipefail" in lines
    assert [line for line in lines if line.startswith("make ")] == STEPS
    assert lines[-1] == STEPS[-1]


def test_the_workflow_runs_the_same_on_every_python() -> None:
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text()

    more = ["make test-web", "make test-servers", "make audit"]
    assert re.findall(r"run: (make .*)$", workflow, re.MULTILINE) == [*STEPS, *more]
    assert re.findall(r'"(3\.\d+)"', workflow) == VERSIONS


@pytest.mark.parametrize("line", (ROOT / "Procfile").read_text().splitlines())
def test_the_procfile_names_commands_that_exist(line: str) -> None:
    _, python, file, *arguments = line.split()

    result = CliRunner().invoke(main, [*arguments, "--help"])

    assert (python, file, result.exit_code) == ("python", "manage.py", 0)


def test_what_asks_all_routes_the_same_is_not_measured(pytestconfig: pytest.Config) -> None:
    """To trace it takes as long as to run it, and a process of pytest-xdist measures twice unless both are stopped."""
    assert (sys.gettrace() is None and Coverage.current() is None) or wants_all(pytestconfig)


def test_mutation_testing_knows_which_lines_a_test_runs(tmp_path: Path) -> None:
    found = tmp_path / "tests.json"
    measured = {name: value for name, value in os.environ.items() if not name.startswith(("COV", "PYTEST"))}
    measured["COVERAGE_FILE"] = str(tmp_path / "measured")
    command = [sys.executable, "-m", "mutants.measure", str(found), "--cov-fail-under=0", "tests/kit/test_base64url.py"]

    subprocess.run(command, cwd=ROOT, env=measured, capture_output=True, timeout=LONG, check=True)

    assert "bucketlist/kit/base64url.py" in json.loads(found.read_text())["lines"]
