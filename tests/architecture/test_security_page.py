"""Threat model: `handbook/security.md` is true, every threat and requirement is there, and has tests."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.threats import PAGE, ROOT, all_tests, table

IDS = Path(__file__).with_name("asvs_5.0.0.txt").read_text().splitlines()
ROWS = range(1, 75)


def named_in(cell: str) -> set[str]:
    return set(re.findall(r"`(test_\w+)`", cell))


def test_no_row_of_the_table_of_threats_is_missing() -> None:
    threats = table("Threat model")

    assert [int(cells[0]) for cells in threats] == list(ROWS)
    assert [cells[0] for cells in threats if len(cells) != 3] == []


def test_every_threat_has_a_test_and_every_mark_a_threat() -> None:
    marked = {row for test in all_tests() for row in test.rows}
    later = {int(cells[0]) for cells in table("Threat model") if cells[2].startswith("Later feature: ")}

    assert set(ROWS) - later <= marked <= set(ROWS)


def test_every_requirement_is_there_with_its_level() -> None:
    rows = table("Requirements of OWASP ASVS")

    assert [f"{cells[0].removeprefix('v5.0.0-')} L{cells[1]}" for cells in rows] == IDS
    chapters = {line.split(".")[0] for line in IDS}
    assert chapters == {"1", "2", "4", "6", "7", "8", "9", "11"}


def test_every_requirement_has_tests_that_exist_or_says_why_not() -> None:
    exists = {test.name for test in all_tests()}
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
    bars = table("Security targets: the bar")

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
