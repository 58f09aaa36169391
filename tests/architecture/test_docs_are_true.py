"""Documentation tests: what the README and the handbook name exists, as files, commands, make targets, routes."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from bucketlist.app import create_app
from bucketlist.cli import main
from bucketlist.config import SECRETS, Settings, load_settings
from tests.commands import inner
from tests.sources import ROOMS

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "handbook").rglob("*.md"))]
MADE_LATER = (
    "data/",
    ".venv/",
    "build/",
    "dist/",
    ".env",
    "bucketlist.sqlite",
    "secret.key",
    "bucketlist.dump",
    "deploy/.env",
)
FILE = re.compile(r"(?:[\w.-]+/)+[\w.-]*|[\w-]+\.(?:py|md|toml|json|txt|yml)")
SETTINGS = {name.upper() for name in Settings.model_fields} | {f"{name}_FILE".upper() for name in SECRETS}

SETTINGS_OF_OTHERS = {"CITUS_NODES", "COMPOSE_FILE", "POSTGRES_PASSWORD"}

every_page = pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])


def code_in(page: Path) -> Iterator[str]:
    """What stands in a page as code: each span, and each line of a block, but for what a diff adds."""
    text = page.read_text()
    for language, block in re.findall(r"^```(\w*)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
        yield from (line for line in block.splitlines() if not (language == "diff" and line.startswith("+")))
    yield from re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE))


def exists(name: str) -> bool:
    rooms = [path for path in (ROOT / "bucketlist").iterdir() if path.is_dir()]
    return any((place / name).exists() for place in (ROOT, ROOT / "bucketlist", ROOT / "handbook", *rooms))


@every_page
def test_every_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text())

    assert [link for link in links if not (page.parent / link).exists()] == []


@every_page
def test_every_link_to_a_heading_finds_it(page: Path) -> None:
    links = re.findall(r"\]\(([\w./-]*\.md)?#([^)]+)\)", page.read_text())

    assert [anchor for file, anchor in links if anchor not in anchors_of(page.parent / file if file else page)] == []


def anchors_of(page: Path) -> set[str]:
    """As GitHub makes them of headings."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@every_page
def test_every_file_that_is_named_exists(page: Path) -> None:
    named = {code.partition(":")[0] for code in code_in(page) if FILE.fullmatch(code.partition(":")[0])}

    assert sorted(name for name in named if not exists(name) and not name.startswith(MADE_LATER)) == []


@every_page
def test_every_function_that_is_named_is_in_its_file(page: Path) -> None:
    named = [found.groups() for code in code_in(page) if (found := re.fullmatch(r"([\w/]+\.py):(\w+)", code))]

    absent = [(file, name) for file, name in named if not re.search(rf"\b{name}\b", read(file))]
    assert absent == []


def read(file: str) -> str:
    return next(path.read_text() for path in (ROOT / file, ROOT / "bucketlist" / file) if path.exists())


@every_page
def test_every_command_and_option_that_is_named_exists(page: Path) -> None:
    called = [words for code in code_in(page) for words in re.findall(r"\bbucketlist (?!-)((?:[a-z-]+ ?)+)", code)]

    assert [words for words in called if not is_command(words.split())] == []


def is_command(words: list[str]) -> bool:
    command: click.Command = main
    for word in words:
        if not isinstance(command, click.Group):
            return all(
                option in [name for each in command.params for name in each.opts] for option in words if "--" in option
            )
        commands = inner(command)
        if word not in commands:
            return False
        command = commands[word]
    return True


@every_page
def test_every_target_of_make_that_is_named_exists(page: Path) -> None:
    made = "".join((ROOT / name).read_text() for name in ("Makefile", "bench/Makefile.part"))
    targets = set(re.findall(r"^([a-z-]+):", made, re.MULTILINE))

    called = {word for code in code_in(page) for word in re.findall(r"\bmake ([a-z-]+)", code)}
    assert called <= targets


@every_page
def test_every_route_that_is_named_exists(page: Path, rules: set[str]) -> None:
    named = {
        route for code in code_in(page) for route in re.findall(r"(?<![\w.])/v1/(?:<text:|[\w/{}<>-])+|/\w+z\b", code)
    }

    assert {without_names(route) for route in named} <= rules


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Every route, with its parameters left empty, and what several begin with."""
    app = create_app(load_settings(app_setting="testing", data_dir=tmp_path_factory.mktemp("data"), database_url=""))
    found = {without_names(rule.rule) for rule in app.url_map.iter_rules()}
    return found | {rule.rpartition("/")[0] for rule in found}


def without_names(route: str) -> str:
    return re.sub(r"[{<](?:text:)?\w+[>}]", "{}", route)


@every_page
def test_every_setting_that_is_given_a_value_exists(page: Path) -> None:
    given = {name for code in code_in(page) for name in re.findall(r"\b([A-Z]+_[A-Z_]+)=", code)}

    assert given <= SETTINGS | SETTINGS_OF_OTHERS


def test_the_map_of_the_house_has_every_room_and_no_other() -> None:
    architecture = (ROOT / "README.md").read_text().partition("\n## Architecture: the map of the house\n")[2]

    assert sorted(re.findall(r"\[bucketlist/(\w+)/\]", architecture)) == sorted([*ROOMS, "kit"])


def test_contributing_tells_the_layers_that_are_checked() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    told = (ROOT / "CONTRIBUTING.md").read_text().partition("**Imports go downwards**: ")[2].partition(".\n")[0]

    assert ["__main__", *re.findall(r"`([^`]+)`", told)] == contracts[0]["layers"]
