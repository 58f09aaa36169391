"""What the commands tell: their help, the routes, the document; and what they prune."""

import json
from pathlib import Path

import click
import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from bucketlist import __version__
from bucketlist.kit.db.database import Statement, execute
from bucketlist.models import sessions
from tests.cli.conftest import Command
from tests.commands import all_commands, find_command, invoke, succeed
from tests.people import Person


@pytest.mark.parametrize("command", list(all_commands()), ids=" ".join)
def test_the_help_of_every_command_teaches(command: tuple[str, ...], tmp_path: Path) -> None:
    told = succeed(tmp_path, *command, "--help")

    teaches = told.partition("\n\n")[2].partition("Options:")[0]
    has_example = f"bucketlist {' '.join(command)}".strip() in teaches
    assert has_example or len(teaches.split()) >= 10, told
    assert "..." not in teaches
    assert list(tmp_path.iterdir()) == []


def test_every_option_says_what_it_is_for(tmp_path: Path) -> None:
    silent = [
        (*path, option.name)
        for path in all_commands()
        for option in find_command(path).params
        if isinstance(option, click.Option) and not option.help
    ]

    assert silent == []


def test_a_wrong_word_is_told_without_a_traceback(tmp_path: Path) -> None:
    result = invoke(tmp_path, "sevre")

    assert result.exit_code == 2
    assert "No such command 'sevre'" in result.stderr


def test_the_version_is_that_of_the_package(tmp_path: Path) -> None:
    assert succeed(tmp_path, "--version") == f"bucketlist, version {__version__}\n"


def test_every_route_is_listed_with_its_method(bucketlist: Command, client: FlaskClient) -> None:
    listed = {tuple(line.split(maxsplit=1)) for line in bucketlist("routes").splitlines()}

    rules = list(client.application.url_map.iter_rules())
    documented = {(method, rule.rule) for rule in rules for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}}
    assert listed == documented
    assert ("POST", "/v1/auth/register") in listed


def test_f12_under_a_path_routes_are_listed_as_they_are_asked_for(bucketlist: Command) -> None:
    listed = bucketlist("routes", PUBLIC_URL="https://lists.example.com/bucketlist").splitlines()

    assert "POST    /bucketlist/v1/auth/register" in listed
    assert [line for line in listed if " /bucketlist/" not in line] == []


def test_the_document_is_the_one_that_is_served(bucketlist: Command, client: FlaskClient, tmp_path: Path) -> None:
    printed = bucketlist("openapi")
    bucketlist("openapi", str(tmp_path / "openapi.json"))

    assert printed == client.get("/openapi.json").text == (tmp_path / "openapi.json").read_text()
    assert json.loads(printed)["openapi"].startswith("3.1")


def test_a_document_that_cannot_be_written_is_told(refused: Command, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    assert str(tmp_path / "file" / "openapi.json") in refused("openapi", str(tmp_path / "file" / "openapi.json"))


def test_only_what_has_expired_is_pruned(bucketlist: Command, ada: Person, ben: Person) -> None:
    expire = update(sessions).where(sessions.c.user_id == ada.id).values(expires_at="2020-01-01T00:00:00.000Z")
    execute(Statement(expire), {})

    bucketlist("prune")

    left = [row[0] for row in execute(Statement(sessions.select().with_only_columns(sessions.c.user_id)), {})]
    assert left == [ben.id]
