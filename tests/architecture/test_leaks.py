"""Resource leaks of tests are noticed, and told of the file of tests that has them."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.leaks import find_leaks
from tests.patience import LONG
from tests.processes import without_options

ROOT = Path(__file__).parents[2]
HOOK = "from tests.leaks import pytest_runtest_teardown\n"
IN_A_CYCLE = "left = [open(__file__)]\n    left.append(left)"
IN_A_FIXTURE = "pass\n\n\nimport pytest\n\n\n@pytest.fixture(scope='module', autouse=True)\ndef it():\n    yield\n    "
AT_ONCE = "open(__file__)"
LEAKS = {"a_cycle": IN_A_CYCLE, "a_fixture": IN_A_FIXTURE + IN_A_CYCLE, "at_once": AT_ONCE}


def run_tests(folder: Path, **bodies: str) -> subprocess.CompletedProcess[str]:
    """Files of tests, with one test each, one after the other."""
    (folder / "conftest.py").write_text(HOOK)
    for name, body in bodies.items():
        (folder / f"test_{name}.py").write_text(f"def test_{name}():\n    {body}\n")
    options = ["-p", "no:cacheprovider", "-W", "error", "--rootdir", str(folder), "-q", "-rfE", "--color=no"]
    command = [sys.executable, "-m", "pytest", "-c", "/dev/null", *options, str(folder)]
    return subprocess.run(
        command, env=without_options(), cwd=ROOT, capture_output=True, text=True, timeout=LONG, check=False
    )


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What a run of tests prints of which some leak and one does not."""
    found = run_tests(tmp_path_factory.mktemp("leaks"), **LEAKS, innocent="assert True")
    assert found.returncode == 1, found.stdout + found.stderr
    return found.stdout


@pytest.mark.slow
@pytest.mark.parametrize("leak", LEAKS)
def test_what_is_left_open_is_told_of_the_file_that_left_it(leak: str, told: str) -> None:
    error = re.search(rf"_ (?:ERROR at teardown of )?test_{leak} _+\n(.*?)\n[_=]{{5}}", told, re.DOTALL)

    assert error
    assert "unclosed file" in error[1]
    assert re.search(rf"^(FAILED|ERROR) \S*test_{leak}\.py::test_{leak}( - |$)", told, re.MULTILINE)


@pytest.mark.slow
def test_what_leaves_nothing_open_is_told_of_nothing(told: str) -> None:
    assert "test_innocent.py::" not in told


def test_what_was_closed_is_no_leak() -> None:
    with Path(__file__).open() as closed:
        loop = [closed]
    loop.append(loop)  # type: ignore[arg-type]  # a cycle, as exceptions make them
    del loop, closed

    assert find_leaks() == []
