"""The house rules that no linter keeps: sizes, and which word stands where."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import bucketlist

PACKAGE = Path(bucketlist.__file__).parent
FILES = sorted(path for path in PACKAGE.rglob("*.py") if "__pycache__" not in path.parts)
TESTS = sorted(path for path in Path(__file__).parents[1].rglob("*.py") if "__pycache__" not in path.parts)
ROOMS = ("auth", "buckets", "items", "mail", "ops", "docs")
LINES_OF_A_FUNCTION = 30
LINES_OF_A_FILE = 250


def but(*parts: str) -> pytest.MarkDecorator:
    """For every file, but those with one of `parts` in their path."""
    files = [path for path in FILES if not set(parts) & set(path.relative_to(PACKAGE).parts)]
    return pytest.mark.parametrize("path", files, ids=lambda path: str(path.relative_to(PACKAGE)))


every_file = but()


def functions_in(path: Path) -> Iterator[ast.FunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef):
            yield node


def lines_of(function: ast.FunctionDef) -> int:
    """Without its decorators and its docstring."""
    begin = function.lineno
    end = function.end_lineno or begin
    if ast.get_docstring(function):
        text = function.body[0]
        end -= (text.end_lineno or text.lineno) - text.lineno + 1
    return end - begin + 1


def imports_of(path: Path) -> set[str]:
    """The modules and names that a file imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def files_named(*names: str) -> list[Path]:
    return [path for path in FILES if path.parent.name in ROOMS and path.stem in names]


def name_of(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


@but("versions")  # a migration is as long as its tables are many
def test_a_function_fits_on_a_screen(path: Path) -> None:
    assert {one.name: lines_of(one) for one in functions_in(path) if lines_of(one) > LINES_OF_A_FUNCTION} == {}


@every_file
def test_a_file_is_not_long(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LINES_OF_A_FILE


def test_half_of_the_functions_are_short() -> None:
    sizes = sorted(lines_of(one) for path in FILES for one in functions_in(path))

    assert sizes[len(sizes) // 2] < 10


def test_the_tests_keep_the_rules_as_well() -> None:
    long = {path.name: len(path.read_text().splitlines()) for path in TESTS}
    functions = {(path.name, one.name): lines_of(one) for path in TESTS for one in functions_in(path)}

    assert {name: lines for name, lines in long.items() if lines > LINES_OF_A_FILE} == {}
    assert {name: lines for name, lines in functions.items() if lines > LINES_OF_A_FUNCTION} == {}


def test_a_test_is_named_by_a_sentence() -> None:
    names = [one.name for path in TESTS if path.name.startswith("test_") for one in functions_in(path)]

    assert [name for name in names if name.startswith("test_") and name.count("_") < 3] == []


@but("versions")
def test_every_file_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text()))


@but("kit", "migrations")  # a migration is a unit of work of its own
def test_only_the_kit_commits(path: Path) -> None:
    assert not re.search(r"\.(commit|rollback|begin)\(", path.read_text())


@pytest.mark.parametrize("path", files_named("routes", "service", "schemas"), ids=name_of)
def test_no_sql_outside_its_files(path: Path) -> None:
    words = r"\b(SELECT .* FROM|INSERT INTO|UPDATE \w+ SET|DELETE FROM)\b"

    assert not {name for name in imports_of(path) if name.startswith(("sqlalchemy", "psycopg", "sqlite3"))}
    assert not re.search(words, path.read_text())


@pytest.mark.parametrize("path", files_named("service", "queries", "schemas"), ids=name_of)
def test_no_http_below_the_routes(path: Path) -> None:
    assert not {name for name in imports_of(path) if name.startswith(("flask", "werkzeug"))}


@but("auth", "migrations")
def test_only_one_place_compares_owners(path: Path) -> None:
    assert not re.search(r"c\.user_id\s*==|user_id\s*!=", path.read_text())


@but("clock.py")
def test_only_one_place_reads_the_clock(path: Path) -> None:
    assert not re.search(r"datetime\.(now|utcnow|today)\(|\bdate\.today\(", path.read_text())


@every_file
def test_nothing_is_imported_inside_a_function(path: Path) -> None:
    inside = [
        node for one in functions_in(path) for node in ast.walk(one) if isinstance(node, ast.Import | ast.ImportFrom)
    ]

    assert inside == []


@every_file
def test_an_ignored_rule_says_why(path: Path) -> None:
    ignored = re.findall(r"# (?:noqa|type: ignore)[^\n]*", path.read_text())

    assert [comment for comment in ignored if comment.count("#") < 2] == []
