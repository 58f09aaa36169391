"""Resource leaks are noticed, and told of the file of tests that has them."""

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


def run_tests(folder: Path, **bodies: str) -> subprocess.CompletedProcess[str]:
    """Files of tests, with one test each, one after the other."""
    (folder / "conftest.py").write_text(HOOK)
    for name, body in bodies.items():
        (folder / f"test_{name}.py").write_text(f"def test_{name}():\n    {body}\n")
    options = ["-p", "no:cacheprovider", "-W", "error", "--rootdir", str(folder), "-q", "-rfE"]
    command = [sys.executable, "-m", "pytest", "-c", "/dev/null", *options, str(folder)]
    return subprocess.run(
        command, env=without_options(), cwd=ROOT, capture_output=True, text=True, timeout=LONG, check=False
    )


@pytest.mark.slow
@pytest.mark.parametrize("leak", [IN_A_CYCLE, IN_A_FIXTURE + IN_A_CYCLE, AT_ONCE], ids=["cycle", "fixture", "at once"])
def test_what_is_left_open_is_told_of_the_file_that_left_it(leak: str, tmp_path: Path) -> None:
    found = run_tests(tmp_path, a_leak=leak, innocent="assert True")

    assert found.returncode == 1, found.stdout + found.stderr
    assert "unclosed file" in found.stdout
    assert "test_a_leak.py::test_a_leak" in found.stdout
    assert "test_innocent.py::" not in found.stdout


def test_what_was_closed_is_no_leak() -> None:
    with Path(__file__).open() as closed:
        loop = [closed]
    loop.append(loop)  # type: ignore[arg-type]  # a cycle, as exceptions make them
    del loop, closed

    assert find_leaks() == []
