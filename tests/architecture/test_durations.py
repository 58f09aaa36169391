"""Flaky tests: none asserts a duration, as a busy machine takes as long as it likes, and figures are for `make bench`.

A bound that is the behaviour itself (“others are answered meanwhile”) is `tests.patience.allowed`, by the same request
unharmed.
"""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.sources import TESTS, read_all

CLOCKS = {"monotonic", "perf_counter", "process_time", "thread_time", "time", "getrusage", "timeit"}
LASTS = re.compile(r"seconds|slowest|longest|elapsed|duration|\btook\b|waited|cpu_", re.IGNORECASE)
BY_CONSTRUCTION = {
    "test_the_age_is_told_that_of_the_newest_or_since_the_start",  # by a clock that stands still
    "test_the_line_tells_how_long_the_application_took",  # a part is compared with the whole, measured around it
    "test_nobody_waits_for_a_mail_server",  # the average, with the time-out that each would have waited for
}


def is_a_duration(node: ast.AST, known: set[str]) -> bool:
    """Does it read a clock, or what was read from one?"""
    for each in ast.walk(node):
        name = each.id if isinstance(each, ast.Name) else each.attr if isinstance(each, ast.Attribute) else ""
        is_called = isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name)
        if name in known or (is_called and name in CLOCKS) or (name != name.upper() and LASTS.search(name)):
            return True
    return False


def read_from_clocks(function: ast.AST) -> set[str]:
    """The names in a function that are given what a clock says."""
    known: set[str] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and is_a_duration(node.value, known):
            known |= {each.id for target in node.targets for each in ast.walk(target) if isinstance(each, ast.Name)}
    return known


def asserted_durations(tree: ast.Module) -> Iterator[str]:
    """The comparisons of a file that only a fast machine fulfils."""
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef) or function.name in BY_CONSTRUCTION:
            continue
        known = read_from_clocks(function)
        for node in ast.walk(function):
            if not isinstance(node, ast.Assert):
                continue
            for each in ast.walk(node.test):
                if isinstance(each, ast.Compare) and isinstance(each.ops[0], ast.Lt | ast.LtE | ast.Gt | ast.GtE):
                    written = ast.unparse(each)
                    if not re.search(r"allowed\(|LONG|deadline", written) and is_a_duration(each, known):
                        yield f"{function.name}: {written}"


def test_no_test_asserts_a_duration() -> None:
    found = {file.name: list(asserted_durations(file.tree)) for file in read_all(TESTS)}

    assert {path: asserts for path, asserts in found.items() if asserts} == {}, "see tests/patience.py"


@pytest.mark.parametrize(
    ("asserted", "is_found"),
    [
        ("time.monotonic() - started < 2", True),
        ("0.1 <= took < 0.5", True),
        ("max(answer.seconds for answer in answers) < 1", True),
        ("took < allowed(alone)", False),
        ("answer.status == 200", False),
    ],
)
def test_an_asserted_duration_is_noticed(asserted: str, is_found: bool) -> None:
    measured = "started = time.monotonic()\n    took = time.monotonic() - started"
    text = f"def test() -> None:\n    {measured}\n    assert {asserted}\n"

    assert bool(list(asserted_durations(ast.parse(text)))) is is_found
