"""Threat model: `handbook/security.md` is true, every threat and requirement is there, with tests that exist."""

import ast
import re
import tomllib
from pathlib import Path
from typing import NamedTuple

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "handbook" / "security.md").read_text()
TARGETS = "Security targets: the bar"
IDS = Path(__file__).with_name("asvs_5.0.0.txt").read_text().splitlines()
ROWS = range(1, 75)
MARKER = "pytest.mark.threat"


class Named(NamedTuple):
    """A test, by its file and name."""

    file: str
    name: str


def table(title: str) -> list[list[str]]:
    """The cells of the rows of the first table of a section, without its head."""
    section = PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| ")]
    return rows[1:]


def named_in(cell: str) -> set[Named]:
    return {Named(*found) for found in re.findall(r"`(tests/[\w/]+\.py):(test_\w+)`", cell)}


def marked_tests() -> dict[Named, set[int]]:
    """Every test of the suite, with the rows that it is marked with."""
    found: dict[Named, set[int]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                marks = [mark for mark in node.decorator_list if isinstance(mark, ast.Call)]
                rows = {row_of(mark) for mark in marks if ast.unparse(mark.func) == MARKER}
                found[Named(str(path.relative_to(ROOT)), node.name)] = rows
    return found


def row_of(mark: ast.Call) -> int:
    (row,) = (ast.literal_eval(keyword.value) for keyword in mark.keywords if keyword.arg == "row")
    return int(row)


def test_no_row_of_the_table_of_threats_is_missing() -> None:
    threats = table("Threat model")

    assert [int(cells[0]) for cells in threats] == list(ROWS)
    assert [cells[0] for cells in threats if len(cells) != 4] == []
    assert [cells[0] for cells in threats if not named_in(cells[3]) and "Later feature: " not in cells[3]] == []


def test_the_table_of_threats_and_the_markers_name_the_same_tests() -> None:
    told = {(int(cells[0]), test) for cells in table("Threat model") for test in named_in(cells[3])}
    marked = {(row, test) for test, rows in marked_tests().items() for row in rows}

    assert {f"{row}: {'::'.join(test)}" for row, test in told - marked} == set(), "a test is gone, or has no marker"
    assert {f"{row}: {'::'.join(test)}" for row, test in marked - told} == set(), "a marker is not in the table"


def test_every_requirement_is_there_with_its_level() -> None:
    rows = table("Requirements of OWASP ASVS")

    assert [f"{cells[0].removeprefix('v5.0.0-')} L{cells[1]}" for cells in rows] == IDS
    chapters = {line.split(".")[0] for line in IDS}
    assert chapters == {"1", "2", "4", "6", "7", "8", "9", "11"}


def test_every_requirement_has_tests_that_exist_or_says_why_not() -> None:
    exists = set(marked_tests())
    rows = {cells[0]: cells[3] for cells in table("Requirements of OWASP ASVS")}

    assert {name for name, cell in rows.items() if named_in(cell) - exists} == set()
    reasons = ("Not applicable: ", "Open", "In part: ")
    assert {name for name, cell in rows.items() if not named_in(cell) and not cell.startswith(reasons)} == set()


def test_the_page_counts_its_requirements_right() -> None:
    cells = [cells[3] for cells in table("Requirements of OWASP ASVS")]
    without = sum(cell.startswith("Not applicable: ") for cell in cells)
    is_open = sum(cell.startswith(("Open", "In part: ")) for cell in cells)

    shown = len(cells) - without - is_open
    told = f"{len(cells)} in all: {shown} shown by tests, {without} that do not apply, and {is_open} that are open"
    assert told in PAGE.replace("\n", " ")


@pytest.mark.threat(row=51)
def test_every_package_that_is_asked_for_says_why() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked_for = sorted(Requirement(line).name for line in project["dependencies"])

    reasons = {cells[0]: cells[1] for cells in table("Supply chain: what it is made of")}

    assert sorted(reasons) == asked_for
    assert [package for package, reason in reasons.items() if len(reason) < 5] == []
    assert len(asked_for) <= 20


def test_every_bar_says_how_it_was_measured() -> None:
    bars = table(TARGETS)

    assert [int(cells[0]) for cells in bars] == [*range(9, 21), 27, 28, 29]
    assert [cells[0] for cells in bars if len(cells) != 5 or "`" not in cells[4]] == []


def test_no_row_of_the_bar_is_missing() -> None:
    figures = (ROOT / "handbook" / "reliability.md").read_text().partition("\n## Figures\n")[2]
    bars = {int(row) for row in re.findall(r"\n\| (\d+) \|", figures)} | {
        int(cells[0]) for cells in table("Security targets: the bar")
    }

    assert set(range(1, 30)) <= bars


def test_whoever_finds_a_flaw_is_told_where_to_report_it() -> None:
    page = (ROOT / "SECURITY.md").read_text()

    assert "Report a vulnerability" in page
    assert not re.search(r"[\w.]+@(?!example\.)[\w.]+", page)
    assert all("SECURITY.md" in (ROOT / name).read_text() for name in ("README.md", "handbook/security.md"))
