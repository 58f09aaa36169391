"""F23: a command says which database it works on, without a password, and makes none where there is none."""

from pathlib import Path

import pytest

from bucketlist.kit.db.postgres_url import name_of_database
from tests.cli.test_refuse_to_start import COMMANDS
from tests.commands import invoke, refusal

MAKE_ONE = {"serve", "upgrade"}


@pytest.mark.parametrize("name", sorted(COMMANDS.keys() - MAKE_ONE - {"current"}))
def test_no_command_makes_a_database_where_there_is_none(name: str, tmp_path: Path) -> None:
    told = refusal(tmp_path, *COMMANDS[name], SECRET_KEY="k-of-a-test-0123456789-of-32-bytes")

    assert told.startswith("There is no database at data/bucketlist.sqlite yet")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", sorted(COMMANDS.keys() - {"serve"}))
def test_every_command_says_on_which_database_it_works(name: str, tmp_path: Path) -> None:
    url = "postgresql://ada:hunter2@127.0.0.1:1/lists"

    assert invoke(tmp_path, *COMMANDS[name]).stderr.startswith("Database: SQLite in data/bucketlist.sqlite\n")
    ended = invoke(tmp_path, *COMMANDS[name], DATABASE_URL=url)
    assert ended.stderr.startswith("Database: PostgreSQL, database lists at 127.0.0.1:1\n")
    assert "hunter2" not in ended.output


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("postgresql://ada:hunter2@db.example.com:5432/lists", "PostgreSQL, database lists at db.example.com:5432"),
        ("postgres://ada@/lists?host=/run/postgresql", "PostgreSQL, database lists at /run/postgresql"),
        ("postgresql://db.example.com/", "PostgreSQL at db.example.com"),
        ("postgresql:///?service=lists&password=hunter2", "PostgreSQL"),
        (
            "postgresql://a.example.com:1,b.example.com:2/lists",
            "PostgreSQL, database lists at a.example.com,b.example.com:1,2",
        ),
    ],
)
def test_the_name_of_a_database_holds_no_password(url: str, name: str) -> None:
    assert name_of_database(url) == name
