"""Threat model: which tests carry the mark of which row of the table in handbook/security.md. `make threats` tells."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "handbook" / "security.md").read_text()


class Marked(NamedTuple):
    """A test, and the rows that it is marked with."""

    file: str
    name: str
    rows: frozenset[int]


def table(title: str) -> list[list[str]]:
    """The cells of the rows of the first table of a section, without its head."""
    section = PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    return [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| ")][1:]


def all_tests() -> Iterator[Marked]:
    """Every test of the suite, by file and name."""
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                rows = frozenset(_row_of(mark) for mark in node.decorator_list if "mark.threat" in ast.unparse(mark))
                yield Marked(str(path.relative_to(ROOT)), node.name, rows)


def _row_of(mark: ast.expr) -> int:
    assert isinstance(mark, ast.Call)
    (row,) = (ast.literal_eval(keyword.value) for keyword in mark.keywords if keyword.arg == "row")
    return int(row)


def main() -> None:
    tests = list(all_tests())
    for row, threat, *_ in table("Threat model"):
        sys.stdout.write(f"{row}. {threat}\n")
        sys.stdout.writelines(f"   - {test.file}::{test.name}\n" for test in tests if int(row) in test.rows)


if __name__ == "__main__":
    main()
