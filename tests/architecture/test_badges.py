"""The badges say what was measured, and no more."""

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from badges.drawing import claims, draw_badges, lasting, step
from badges.figures import REPORTS, Figures, NotMeasured, count_passed_tests, load_figures, read_coverage
from tests.processes import without_options

ROOT = Path(__file__).parents[2]
TITLE = "{http://www.w3.org/2000/svg}title"


@pytest.mark.parametrize("name", ["tests", "coverage", "types", "contract"])
def test_a_badge_says_what_the_kept_figures_say(name: str) -> None:
    drawn = (ROOT / "badges" / f"{name}.svg").read_text(encoding="utf-8")
    said = {label: f"{label}: {claim}" for label, _, claim, _ in claims(load_figures())}

    assert drawn == dict(draw_badges(load_figures()))[f"{name}.svg"]
    assert ET.fromstring(drawn).findtext(TITLE) == said[name]  # noqa: S314  # drawn here


def test_the_badges_claim_a_number_of_tests_that_exist() -> None:
    collected = count_collected_tests()
    claimed = lasting(load_figures().tests_passed)

    assert claimed <= collected < claimed + 2 * step(collected), "make badges"


def test_the_badges_claim_what_the_last_run_measured() -> None:
    try:
        passed = count_passed_tests(REPORTS / "tests.xml")
    except NotMeasured:
        return  # in a fresh clone, and after a run that failed, there is nothing to compare with

    figures = load_figures()

    assert passed >= lasting(figures.tests_passed), "make badges"
    assert abs(read_coverage() - figures.coverage_percent) < 1, "make badges"


def test_the_badges_never_claim_a_coverage_below_the_bar() -> None:
    assert load_figures().coverage_percent >= 97


def test_types_and_contract_are_clean() -> None:
    figures = load_figures()

    assert (figures.type_errors, figures.contract_lint_errors) == (0, 0)
    assert figures.contract_cases > 0


def test_a_report_with_a_failed_test_is_not_taken_for_a_measurement(tmp_path: Path) -> None:
    report = tmp_path / "tests.xml"
    report.write_text("<testsuites><testsuite><testcase classname='a'><failure/></testcase></testsuite></testsuites>")

    with pytest.raises(NotMeasured):
        count_passed_tests(report)


def test_a_skipped_test_has_not_passed(tmp_path: Path) -> None:
    report = tmp_path / "tests.xml"
    report.write_text("<testsuites><testcase classname='a'/><testcase classname='a'><skipped/></testcase></testsuites>")

    assert count_passed_tests(report) == 1


def test_a_badge_turns_red_when_the_figures_are_bad() -> None:
    bad = Figures(tests_passed=1, coverage_percent=96.99, type_errors=1, contract_lint_errors=2, contract_cases=0)

    assert [claim for _, _, claim, is_good in claims(bad) if not is_good] == ["96 %", "1 error", "2 lint errors"]


def count_collected_tests() -> int:
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider"]
    found = subprocess.run(command, cwd=ROOT, env=without_options(), capture_output=True, text=True, check=True).stdout
    return int(found.splitlines()[-1].split()[0])
