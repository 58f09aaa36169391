"""What is wrong outside of us is told in one sentence by every command, and which database it works on (F23)."""

import socket
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from bucketlist.kit.db.postgres_url import name_of_database
from tests import citus
from tests.commands import invoke, refusal, sentence_of, succeed
from tests.raw_database import set_revision, settings_of
from tests.servers import run_command

COMMANDS = {
    "serve": ("serve", "--port", "0"),
    "upgrade": ("db", "upgrade"),
    "current": ("db", "current"),
    "dummy": ("dummy", "--buckets", "1", "--items", "1"),
    "add": ("user", "add", "ada@example.com", "--password", "a long walk by the sea"),
    "delete": ("user", "delete", "ada@example.com", "--yes"),
    "list": ("user", "list"),
    "disable": ("user", "disable", "ada@example.com"),
    "invite": ("user", "invite"),
    "prune": ("prune",),
    "backup": ("backup", "all.zip"),
    "verify": ("verify",),
}
every_command = pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
every_command_that_works = pytest.mark.parametrize(
    "command", [COMMANDS[name] for name in ("serve", "dummy", "add", "delete", "prune")]
)


@pytest.fixture
def busy_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as somebody:
        yield somebody.getsockname()[1]


@pytest.fixture(scope="module")
def locked_url(postgres_url: str) -> str:
    """The address of a role that has to know its password."""
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("CREATE ROLE carol LOGIN PASSWORD 'the right one'")
        row = connection.execute("SHOW hba_file").fetchone()
        assert row
        rules = Path(row[0])
        rules.write_text("local all carol scram-sha-256\n" + rules.read_text())
        connection.execute("SELECT pg_reload_conf()")
        connection.execute("SELECT pg_sleep(0.2)")
    return postgres_url.replace("postgres:@", "carol:hunter2@")


@pytest.mark.slow
def test_the_server_refuses_a_busy_port(busy_port: int, tmp_path: Path) -> None:
    ended = run_command(tmp_path, "serve", "--port", str(busy_port))

    told = sentence_of(ended.returncode, ended.stderr)
    assert f"127.0.0.1:{busy_port}" in told
    assert "PORT" in told
    assert not (tmp_path / "data" / "bucketlist.sqlite").exists()


@pytest.mark.slow
def test_the_server_does_not_say_that_it_starts_when_the_port_of_metrics_is_busy(
    busy_port: int, tmp_path: Path
) -> None:
    ended = run_command(tmp_path, "serve", "--port", "0", METRICS_PORT=str(busy_port))

    assert "METRICS_PORT" in sentence_of(ended.returncode, ended.stderr)
    assert ended.stdout == ""


@pytest.mark.parametrize("host", ["nowhere.invalid", "192.0.2.1"])
def test_the_server_refuses_a_host_that_is_not_here(host: str, tmp_path: Path) -> None:
    assert refusal(tmp_path, "serve", "--host", host, "--port", "0").startswith(f"Cannot listen on {host}:0: ")


@every_command
@pytest.mark.parametrize("key", ["", "a-key-of-their-own"], ids=["makes a key", "has a key"])
def test_a_folder_that_cannot_be_written_is_refused(command: tuple[str, ...], key: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    folder = tmp_path / "file" / "data"

    told = refusal(tmp_path, *command, DATA_DIR=str(folder), SECRET_KEY=key)

    assert str(folder) in told
    assert key or told.startswith("DATA_DIR: ")


def test_a_file_that_is_no_database_is_refused_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "data" / "bucketlist.sqlite"
    path.parent.mkdir()
    path.write_text("Dear diary, " * 100)

    told = refusal(tmp_path, "db", "upgrade")

    assert "not a database" in told
    assert path.read_text() == "Dear diary, " * 100


@every_command
def test_a_database_that_is_away_is_refused(command: tuple[str, ...], tmp_path: Path) -> None:
    url = "postgresql://ada:hunter2@127.0.0.1:1/bucketlist"

    told = refusal(tmp_path, *command, DATABASE_URL=url)

    assert told.startswith("The database cannot be used: ")
    assert "refused" in told
    assert "hunter2" not in told


def test_of_several_servers_that_are_away_each_is_named(tmp_path: Path) -> None:
    told = refusal(tmp_path, "db", "current", DATABASE_URL="postgresql://ada:hunter2@127.0.0.1:1,[::1]:2/lists")

    assert told.startswith("The database cannot be used: no server takes writes: 127.0.0.1:1: ")
    assert "; [::1]:2: " in told
    assert "hunter2" not in told


@citus.its_rules_stay
@every_command
def test_a_wrong_password_of_the_database_is_refused_and_not_shown(
    command: tuple[str, ...], locked_url: str, tmp_path: Path
) -> None:
    told = refusal(tmp_path, *command, DATABASE_URL=locked_url)

    assert "password authentication failed" in told
    assert "hunter2" not in told


@every_command_that_works
def test_a_database_without_the_schema_is_refused_on_postgresql(
    command: tuple[str, ...], postgres_url: str, tmp_path: Path
) -> None:
    told = refusal(tmp_path, *command, DATABASE_URL=postgres_url)

    assert "bucketlist db upgrade" in told


@pytest.mark.parametrize("name", ["serve", "upgrade", "dummy", "add", "delete", "prune"])
def test_a_database_of_a_newer_version_is_refused(name: str, empty_database: dict[str, str], tmp_path: Path) -> None:
    succeed(tmp_path, "db", "upgrade", **empty_database)
    set_revision(settings_of(empty_database), "9999")

    told = refusal(tmp_path, *COMMANDS[name], **empty_database)

    assert told == "The database was made by a newer version of bucketlist; upgrade the software."
    assert "9999 (newest: " in succeed(tmp_path, "db", "current", **empty_database)


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
            "PostgreSQL, database lists at a.example.com:1, b.example.com:2",
        ),
        ("postgresql:///lists?host=::1,/run/a&port=5433", "PostgreSQL, database lists at [::1]:5433, /run/a:5433"),
    ],
)
def test_the_name_of_a_database_holds_no_password(url: str, name: str) -> None:
    assert name_of_database(url) == name
