"""Measurements for the badges, read from the reports that “make test” and “make check-contract” leave in build/."""

import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

ROOT = Path(__file__).parent.parent
KEPT = Path(__file__).parent / "figures.json"
REPORTS = ROOT / "build"
OWN_TESTS = "test_badges"  # they fail when a badge is out of date, which is when new ones are wanted


class NotMeasured(Exception):
    """A report is missing, or is one of a run that failed; the message says what to do."""


@dataclass(frozen=True)
class Figures:
    """What the badges are drawn from."""

    tests_passed: int
    coverage_percent: float
    type_errors: int
    contract_lint_errors: int
    contract_cases: int

    def save(self, path: Path = KEPT) -> None:
        path.write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")


def load_figures(path: Path = KEPT) -> Figures:
    return Figures(**json.loads(path.read_text(encoding="utf-8")))


def measure() -> Figures:
    """Raises: `NotMeasured` unless all tests and the contract passed when they last ran."""
    contract = _read_json("contract.json", "make check-contract")
    if contract["failures"]:
        raise NotMeasured("The contract was broken when it was last checked: make check-contract")
    return Figures(
        tests_passed=count_passed_tests(REPORTS / "tests.xml"),
        coverage_percent=read_coverage(),
        type_errors=count_type_errors(),
        contract_lint_errors=contract["lintErrors"],
        contract_cases=contract["cases"],
    )


def count_passed_tests(report: Path) -> int:
    """Raises: `NotMeasured` when a test failed, other than those of the badges themselves."""
    if not report.exists():
        raise NotMeasured("The tests have not run yet: make test")
    cases = ET.parse(report).getroot().findall(".//testcase")  # noqa: S314  # pytest wrote it
    if not cases or any(_failed(case) and OWN_TESTS not in case.get("classname", "") for case in cases):
        raise NotMeasured("Some tests failed when they last ran: make test")
    return sum(case.find("skipped") is None and not _failed(case) for case in cases)


def _failed(case: ET.Element) -> bool:
    return case.find("failure") is not None or case.find("error") is not None


def read_coverage() -> float:
    """In percent of lines and branches, cut (not rounded) to two places."""
    percent: float = _read_json("coverage.json", "make test")["totals"]["percent_covered"]
    return int(percent * 100) / 100


def count_type_errors() -> int:
    """What mypy --strict finds now."""
    command = [sys.executable, "-m", "mypy", "--no-error-summary", "--hide-error-context"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout
    return sum(": error:" in line for line in found.splitlines())


def _read_json(name: str, command: str) -> dict[str, Any]:
    path = REPORTS / name
    if not path.exists():
        raise NotMeasured(f"build/{name} is missing: {command}")
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found
