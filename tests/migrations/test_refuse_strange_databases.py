"""Database compatibility check: one that is not what we need is refused in a sentence, before all else (F5)."""

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from sqlalchemy import text

from bucketlist.config import Settings
from bucketlist.migrations import NEWEST_REVISION, fitness, runner
from tests import databases
from tests.commands import refusal, succeed
from tests.raw_database import open_database, read_all_tables, settings_of

BACKUP = "all.zip"
COMMANDS = {
    "upgrade": ("db", "upgrade"),
    "serve": ("serve", "--port", "0"),
    "user": ("user", "add", "ada@example.com", "--password", "a long walk by the sea"),
    "downgrade": ("db", "downgrade", "base"),
    "restore": ("restore", BACKUP, "--force"),
    "backup": ("backup", "theirs.zip"),
    "verify": ("verify",),
}
every_command = pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
Refuse = Callable[..., str]


@pytest.fixture(scope="module")
def backup(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One that could be restored."""
    folder = tmp_path_factory.mktemp("backup")
    for command in (("db", "upgrade"), ("backup", BACKUP)):
        succeed(folder, *command, APP_SETTING="testing", DATA_DIR=str(folder / "data"))
    return folder / BACKUP


@pytest.fixture
def refused(database: dict[str, str], backup: Path, tmp_path: Path) -> Refuse:
    """The sentence with which a command refuses the database."""
    shutil.copy(backup, tmp_path)
    return lambda *command: refusal(tmp_path, *command, **database)


def make(database: dict[str, str], *statements: str) -> Settings:
    settings = settings_of(database)
    settings.data_dir.mkdir(exist_ok=True)
    with open_database(settings) as connection:
        for statement in statements:
            connection.execute(text(statement))
    return settings


def revision_table(*revisions: str) -> list[str]:
    made = "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"
    rows = (f"INSERT INTO alembic_version VALUES ('{revision}')" for revision in revisions)  # noqa: S608  # our own words
    return [made, *rows]


@pytest.mark.threat(row=66)
@every_command
def test_f5_the_database_of_another_application_is_refused_and_left_alone(
    database: dict[str, str], command: tuple[str, ...], refused: Refuse
) -> None:
    settings = make(database, *revision_table("0001"), "CREATE TABLE users (id INT)", "INSERT INTO users VALUES (7)")
    before = read_all_tables(settings)

    told = refused(*command)

    assert told == "The database belongs to another application; give bucketlist a database of its own."
    assert read_all_tables(settings) == before


@pytest.mark.parametrize("revisions", [("ae1027a6acf",), ("0001", "0002")], ids=["unheard of", "two at once"])
def test_f5_revisions_that_are_not_ours_are_not_taken_for_newer_ones(
    database: dict[str, str], revisions: tuple[str, ...], refused: Refuse
) -> None:
    make(database, *revision_table(*revisions))

    assert "another application" in refused("db", "upgrade")


@pytest.mark.threat(row=66)
def test_f5_a_table_of_the_same_name_is_not_taken_over(database: dict[str, str], refused: Refuse) -> None:
    make(database, "CREATE TABLE users (id INT)")

    assert refused("db", "upgrade").startswith("There is a table users that bucketlist did not make")


@pytest.mark.parametrize(
    "taken",
    [
        "CREATE VIEW users AS SELECT 1 AS id",
        "CREATE TABLE a (b INT); CREATE INDEX ix_email_addresses_user_id ON a (b)",
        "CREATE TABLE a (b INT); CREATE INDEX ix_emails_user_id ON a (b)",
        "CREATE TABLE letters (a INT)",
    ],
)
def test_f5_nor_is_a_view_or_an_index_of_the_same_name_or_of_an_earlier_one(
    database: dict[str, str], taken: str, tmp_path: Path
) -> None:
    settings = make(database, *taken.split("; "))

    with pytest.raises(runner.MigrationError, match=r"that bucketlist did not make|of another program"):
        runner.upgrade(settings)


@pytest.mark.parametrize("lost", ["buckets", "items", "item_tags"])
def test_f5_what_has_lost_a_table_is_still_ours(database: dict[str, str], lost: str, refused: Refuse) -> None:
    settings = settings_of(database)
    runner.upgrade(settings)
    make(database, f"DROP TABLE {lost}{' CASCADE' if settings.database_url else ''}")

    assert lost in refused("backup", "damaged.zip")


@pytest.mark.threat(row=66)
@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
@pytest.mark.parametrize("command", [COMMANDS["upgrade"], COMMANDS["serve"]], ids=["upgrade", "serve"])
def test_f5_a_database_that_cannot_hold_every_text_is_refused(
    postgres_url: str, encoding: str, command: tuple[str, ...], tmp_path: Path
) -> None:
    name = f"bucketlist_{os.getpid()}_{encoding.lower()}_{command[0]}"
    with psycopg.connect(postgres_url, autocommit=True) as operator:
        made = f"CREATE DATABASE {name} ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
        operator.execute(made.encode())
    url = postgres_url.replace("/postgres?", f"/{name}?")

    assert f"encoded in {encoding}" in refusal(tmp_path, *command, DATABASE_URL=url)


def test_f5_a_server_that_is_too_old_is_refused(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fitness, "OLDEST_POSTGRESQL", 99)

    assert "99 or newer" in refusal(tmp_path, "db", "upgrade", DATABASE_URL=postgres_url)


@pytest.mark.parametrize(
    ("path", "told"),
    [("foo,public", "search_path begins with foo, but finds tables in public"), ("nowhere", "There is no schema")],
)
def test_f5_an_installation_is_not_spread_over_two_schemas(
    postgres_url: str, path: str, told: str, tmp_path: Path
) -> None:
    url = databases.create_database(postgres_url)
    succeed(tmp_path, "db", "upgrade", DATABASE_URL=url)
    with psycopg.connect(url) as operator:
        operator.execute("CREATE SCHEMA foo")

    assert told in refusal(tmp_path, "db", "upgrade", DATABASE_URL=f"{url}&options=-csearch_path%3D{path}")


@pytest.mark.parametrize("schema", ["Lists", "two words", "order"], ids=["capital", "space", "keyword"])
def test_f1_a_schema_whose_name_has_to_be_quoted_is_used_by_all_commands(
    postgres_url: str, schema: str, tmp_path: Path
) -> None:
    url = databases.create_database(postgres_url)
    with psycopg.connect(url) as operator:
        operator.execute(f'CREATE SCHEMA "{schema}"'.encode())
    path = quote(f'-csearch_path="{schema}"'.replace(" ", "\\ "))

    succeed(tmp_path, "db", "upgrade", DATABASE_URL=f"{url}&options={path}")

    assert NEWEST_REVISION in succeed(tmp_path, "db", "current", DATABASE_URL=f"{url}&options={path}")


def test_f1_tables_are_not_made_where_they_vanish_with_the_connection(postgres_url: str, tmp_path: Path) -> None:
    url = f"{databases.create_database(postgres_url)}&options=-csearch_path%3Dpg_temp"

    assert refusal(tmp_path, "db", "upgrade", DATABASE_URL=url).startswith("There is no schema")


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("PRAGMA encoding = 'UTF-16'; CREATE TABLE bookmarks (id)", "encoded in UTF-16"),
        ("PRAGMA application_id = 252006673", "another program"),
        ("CREATE TABLE bookmarks (id)", "another program"),
    ],
)
def test_f5_a_file_of_another_program_is_refused(statement: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    with closing(sqlite3.connect(tmp_path / "data" / "bucketlist.sqlite")) as theirs:
        theirs.executescript(f"{statement}; PRAGMA user_version = 1")
    before = (tmp_path / "data" / "bucketlist.sqlite").read_bytes()

    assert told in refusal(tmp_path, "serve", "--port", "0")
    assert (tmp_path / "data" / "bucketlist.sqlite").read_bytes() == before


def test_f5_a_sqlite_that_is_too_old_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitness, "OLDEST_SQLITE", (99, 0, 0))

    assert "too old" in refusal(tmp_path, "db", "upgrade")
