"""Coverage per test, and how long each takes: `python -m mutants.measure FILE`, with the Python of the tests.

Only what a test itself runs counts, not what it finds made: an application is made once for all.
"""

import json
import sys
from collections import defaultdict
from pathlib import Path

import pytest
from coverage import Coverage, CoverageData

OPTIONS = ["-q", "-m", "not slow", "-p", "no:cacheprovider", "--cov", "--cov-context=test", "--cov-report="]
CONFUSED = (  # contexts are told to each process that a test starts, and these look at what it begins with
    "tests/architecture/test_fork_server.py",
    "tests/architecture/test_imports_at_start.py",
)


class Watch:
    """How many seconds each test took, with its fixtures."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self.failed: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.seconds[report.nodeid] += report.duration
        if report.failed:
            self.failed.append(report.nodeid)


def main(target: Path) -> int:
    watch = Watch()
    left_out = [f"--ignore={path}" for path in CONFUSED]
    pytest.main([*OPTIONS, *left_out, *sys.argv[2:]], plugins=[watch])
    if watch.failed:
        print(f"Mutants are of no use while these fail: {' '.join(watch.failed)}", file=sys.stderr)
        return 1
    names = list(watch.seconds)
    target.write_text(json.dumps({"seconds": watch.seconds, "tests": names, "lines": lines_by_file(names)}))
    return 0


def lines_by_file(names: list[str]) -> dict[str, dict[int, list[int]]]:
    """By file and line, the tests that run it, by their place in `names`."""
    places = {f"{name}|run": place for place, name in enumerate(names)}
    data = CoverageData(str(Coverage().get_option("run:data_file")))
    data.read()
    return {
        str(Path(file).relative_to(Path.cwd())): {
            line: [places[context] for context in contexts if context in places] for line, contexts in found.items()
        }
        for file in data.measured_files()
        if (found := data.contexts_by_lineno(file))
    }


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
