"""Test selection for a mutant: those that run its line, the likeliest to notice it first.

What is made when a module is imported belongs to no test. Its line stands for those that use its name: a statement of
SQL for the function that executes it, a schema for the view that reads it.
"""

import ast
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

QUICK_SECONDS = 4.0  # of tests that are asked first; they notice nearly all
THOROUGH_SECONDS = 30.0  # of tests that are asked about what is left then
ABOUT_IMPORTS = (  # what is made at import runs in no test, but these tell of it
    "tests/architecture/test_openapi_document.py",  # schemas and routes
    "tests/architecture/test_published_limits.py::test_the_page",  # numbers
    "tests/architecture/test_cryptography.py",
    "tests/config/",  # settings
)


@dataclass(frozen=True)
class Part:
    """A definition at the top of a module (or a function in one): the names it defines and uses, and its lines."""

    path: str
    defined: frozenset[str]
    used: frozenset[str]
    first: int
    last: int
    is_function: bool


class Selection:
    """Made from what `measure.py` wrote."""

    def __init__(self, measured: Path, modules: Iterable[Path]) -> None:
        found = json.loads(measured.read_text())
        self.seconds: dict[str, float] = found["seconds"]
        self._tests: list[str] = found["tests"]
        self._lines: dict[str, dict[str, list[int]]] = found["lines"]
        self._parts = [part for module in modules for part in parts_of(module)]
        self._noticed: dict[str, int] = defaultdict(int)  # of mutants that a test has noticed

    @cached_property
    def _twins(self) -> set[str]:
        """Tests on PostgreSQL that run on SQLite as well."""
        return {name for name in self.seconds if "postgres" in name and _on_sqlite(name) in self.seconds}

    def note(self, test: str) -> None:
        """It has noticed a mutant, so it is likely to notice the next."""
        self._noticed[test] += 1

    def tests_for(self, path: str, line: int, *, is_thorough: bool) -> list[str]:
        about = {test for test in self.seconds if self._is_about(path, test)}
        tests = about | (self._running(path, line, line) or self._using(path, line))
        if is_thorough:
            tests |= self._beside(path)
        else:
            tests -= self._twins
        chosen = self._about_imports()
        left = THOROUGH_SECONDS if is_thorough else QUICK_SECONDS
        for test in self._in_turn(path, tests - set(chosen)):
            if left > 0:
                chosen.append(test)
                left -= self.seconds.get(test, 0)
        return sorted(chosen, key=lambda test: "postgres" in test)  # each database is set up once

    def _in_turn(self, path: str, tests: set[str]) -> list[str]:
        """All parameters of the tests in the module's own file come before the first ones of any other."""
        ranked = sorted(tests, key=lambda test: self._rank(path, test))
        own = [test for test in ranked if self._rank(path, test)[:2] == (False, False)]
        return one_of_each_first(own) + one_of_each_first(ranked[len(own) :])

    def _about_imports(self) -> list[str]:
        """Those that take no time."""
        found = (test for test, seconds in self.seconds.items() if seconds < 1 and test.startswith(ABOUT_IMPORTS))
        return sorted(set(found) - self._twins)

    def _rank(self, path: str, test: str) -> tuple[bool, bool, bool, int, float]:
        is_near = test.startswith(f"tests/{Path(path).parent.name}/")
        is_about = self._is_about(path, test)
        return (
            test in self._twins,
            not (is_about and is_near),
            not is_about,
            -self._noticed[test],
            self.seconds.get(test, 0),
        )

    def _is_about(self, path: str, test: str) -> bool:
        """Does its file have the module's name?"""
        return Path(path).stem.rstrip("s") in test.partition("::")[0].rpartition("/")[2]

    def _running(self, path: str, first: int, last: int) -> set[str]:
        lines = self._lines.get(path, {})
        return {self._tests[place] for line in range(first, last + 1) for place in lines.get(str(line), ())}

    def _using(self, path: str, line: int) -> set[str]:
        """The tests that run what uses the names that are defined there."""
        here = [part for part in self._parts if part.path == path and part.first <= line <= part.last]
        names = {name for part in here for name in part.defined}
        tests = {test for part in here if part.is_function for test in self._running(path, part.first, part.last)}
        waiting = set(names)
        while waiting:
            name = waiting.pop()
            for part in self._parts:
                if name not in part.used:
                    continue
                if part.is_function:
                    tests |= self._running(part.path, part.first, part.last)
                new = part.defined - names
                names |= new
                waiting |= new if not part.is_function else set()
        return tests

    def _beside(self, path: str) -> set[str]:
        """All tests of the module's room, and of the house."""
        rooms = (f"tests/{Path(path).parts[1]}/", "tests/architecture/", "tests/every_route/", "tests/lists/")
        return {test for test in self.seconds if test.startswith(rooms)}


def one_of_each_first(tests: list[str]) -> list[str]:
    """Of a test with parameters one, then of all the second, and so on: the more kinds of tests, the better."""
    seen: Counter[str] = Counter()
    turns: dict[str, int] = {}
    for test in tests:
        name = test.partition("[")[0]
        turns[test] = seen[name]
        seen[name] += 1
    return sorted(tests, key=lambda test: turns[test])


def _on_sqlite(test: str) -> str:
    return test.replace("postgresql", "sqlite").replace("postgres", "sqlite")


def parts_of(module: Path) -> Iterator[Part]:
    tree = ast.parse(module.read_text())
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    imported = {alias.asname or alias.name for node in imports for alias in node.names}
    own = {name for node in tree.body for name in _defined(node)}
    for node in tree.body:
        yield from _parts(str(module), node, imported | own)


def _parts(path: str, node: ast.stmt, known: set[str]) -> Iterator[Part]:
    if isinstance(node, ast.Import | ast.ImportFrom):
        return
    first = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", ()))])
    is_function = isinstance(node, ast.FunctionDef)
    used = frozenset(_used(node, known))
    yield Part(path, frozenset(_defined(node)), used, first, node.end_lineno or first, is_function)
    if isinstance(node, ast.ClassDef):
        for inner in node.body:
            if isinstance(inner, ast.FunctionDef):
                yield from _parts(path, inner, known)


def _defined(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Assign | ast.AnnAssign | ast.For):
        yield from (
            name.id for name in ast.walk(node) if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)
        )


def _used(node: ast.stmt, known: set[str]) -> Iterator[str]:
    """Names that are defined in the module or imported, and whatever is asked of another module."""
    for each in ast.walk(node):
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load) and each.id in known:
            yield each.id
        elif isinstance(each, ast.Attribute):
            yield each.attr
