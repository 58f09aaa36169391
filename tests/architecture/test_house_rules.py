"""The house rules that no linter keeps: sizes, and which word stands where."""

import ast
import re
from collections.abc import Callable, Iterator

import pytest

from tests.sources import PACKAGE, TESTS, Source, read_all

LINES_OF_A_FUNCTION = 30
LINES_OF_A_FILE = 300


@pytest.fixture(scope="module")
def sources() -> list[Source]:
    return read_all(PACKAGE)


@pytest.fixture(scope="module")
def tests() -> list[Source]:
    return read_all(TESTS)


def lines_of(function: ast.FunctionDef) -> int:
    """Without its decorators and its docstring."""
    begin = function.lineno
    end = function.end_lineno or begin
    if ast.get_docstring(function):
        text = function.body[0]
        end -= (text.end_lineno or text.lineno) - text.lineno + 1
    return end - begin + 1


def where(files: list[Source], breaks: Callable[[Source], object], *, but: tuple[str, ...] = ()) -> dict[str, object]:
    """What breaks a rule, by the file's name; none with one of `but` in its path."""
    found = {file.name: breaks(file) for file in files if not file.parts & set(but)}
    return {name: broken for name, broken in found.items() if broken}


def matching(pattern: str) -> Callable[[Source], list[str]]:
    return lambda file: [found.group() for found in re.finditer(pattern, file.text)]


def importing(*beginnings: str) -> Callable[[Source], list[str]]:
    return lambda file: [name for name in file.imports if name.startswith(beginnings)]


def long_functions(file: Source) -> list[str]:
    return [one.name for one in file.functions if lines_of(one) > LINES_OF_A_FUNCTION]


def is_long(file: Source) -> bool:
    return file.text.count("\n") > LINES_OF_A_FILE


def test_a_function_fits_on_a_screen(sources: list[Source]) -> None:
    assert where(sources, long_functions, but=("versions",)) == {}  # a migration is as long as its tables are many


def test_a_file_is_not_long(sources: list[Source]) -> None:
    assert where(sources, is_long) == {}


def test_half_of_the_functions_are_short(sources: list[Source]) -> None:
    sizes = sorted(lines_of(one) for file in sources for one in file.functions)

    assert sizes[len(sizes) // 2] < 10


def test_the_tests_keep_the_rules_as_well(tests: list[Source]) -> None:
    assert where(tests, is_long) == {}
    assert where(tests, long_functions) == {}


def test_a_test_is_named_by_a_sentence(tests: list[Source]) -> None:
    def short_names(file: Source) -> Iterator[str]:
        return (one.name for one in file.functions if one.name.startswith("test_") and one.name.count("_") < 3)

    assert where(tests, lambda file: list(short_names(file)) if "test_" in file.name else []) == {}


def test_every_file_says_what_it_is_for(sources: list[Source]) -> None:
    assert where(sources, lambda file: not ast.get_docstring(file.tree), but=("versions",)) == {}


def test_only_the_kit_commits(sources: list[Source]) -> None:
    migrations = "migrations"  # each is a transaction of its own
    assert where(sources, matching(r"\.(commit|rollback|begin)\("), but=("kit", migrations)) == {}


def test_no_sql_outside_its_files(sources: list[Source]) -> None:
    above = [file for file in sources if file.is_one_of("routes", "service", "schemas")]

    assert where(above, importing("psycopg", "sqlite3")) == {}
    assert where(above, matching(r"\b(SELECT .* FROM|INSERT INTO|UPDATE \w+ SET|DELETE FROM)\b")) == {}


def test_only_one_place_compares_owners(sources: list[Source]) -> None:
    assert (
        where(
            sources,
            matching(r"(?<!email_addresses\.)c\.user_id\s*==|user_id\s*!="),
            but=("auth", "people.py", "migrations"),
        )
        == {}
    )


def test_only_one_place_reads_the_clock(sources: list[Source]) -> None:
    calls = matching(r"datetime\.(now|utcnow|today)\(|\bdate\.today\(")
    assert where(sources, calls, but=("clock.py",)) == {}


def test_periodic_work_is_done_by_the_one_kind_of_thread_that_outlasts_a_failure(sources: list[Source]) -> None:
    """The others wait for a signal, serve, or write a log that cannot tell of its own failure."""
    others = ("background.py", "graceful_shutdown.py", "metrics_port.py", "log_writer.py")
    assert where(sources, matching(r"\bThread\(target"), but=others) == {}


def test_nothing_is_imported_inside_a_function(sources: list[Source]) -> None:
    def imported_inside(file: Source) -> list[str]:
        nodes = [(one.name, node) for one in file.functions for node in ast.walk(one)]
        return [name for name, node in nodes if isinstance(node, ast.Import | ast.ImportFrom)]

    assert where(sources, imported_inside) == {}


PRODUCT = re.compile(
    r"\b(?:buckets?|bucketlist|wish\w*|blt_|sign[- ]?up|registration|invitation|outbox)\b|(?<![-.\"])\bitems?\b(?!\")",
    re.IGNORECASE,
)
OF_SERVERS = (
    "mail_url.py",
    "smtp.py",
    "replies.py",
    "postgres_url.py",
    "postgres_hosts.py",
    "outages.py",
    "web_url.py",
    "logs.py",
)


def test_the_kit_names_nothing_of_what_the_service_is_about(sources: list[Source]) -> None:
    """It could serve another: titles, sentences, codes come from above. Of passwords it knows those in addresses."""

    def product_words(file: Source) -> list[str]:
        return PRODUCT.findall(re.sub(r"^(?:from|import) .*$", "", file.text, flags=re.MULTILINE))

    kit = [file for file in sources if "kit" in file.parts]
    assert where(kit, product_words) == {}
    assert where(kit, matching("(?i)password"), but=OF_SERVERS) == {}


def test_an_ignored_rule_says_why(sources: list[Source]) -> None:
    def unexplained(file: Source) -> list[str]:
        comments = re.findall(r"# (?:noqa|type: ignore)[^\n]*", file.text)
        return [comment for comment in comments if comment.count("#") < 2]

    assert where(sources, unexplained) == {}
