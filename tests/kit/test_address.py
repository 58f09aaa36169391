"""Connection to PostgreSQL, read in one way: what the operator says holds, but for what answers are read by (F1)."""

from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from sqlalchemy import text

from bucketlist.kit.db.address import OPTIONS, add_options, connect, read_parameters
from bucketlist.kit.db.database import Database, Statement
from bucketlist.kit.db.postgres_driver import PostgresDriver
from bucketlist.kit.db.postgres_hosts import split_hosts
from bucketlist.kit.db.postgres_url import refuse_unclear_database
from tests import databases

SHOWN = ("search_path", "timezone", "datestyle", "client_encoding", "statement_timeout", "lock_timeout")
OURS = dict(zip(SHOWN, ('"$user", public', "UTC", "ISO, MDY", "UTF8", "5s", "3s"), strict=True))


def with_options(url: str, options: str) -> str:
    return f"{url}{'&' if '?' in url else '?'}options={quote(options)}"


def shown(url: str) -> dict[str, str]:
    with connect(url) as connection:
        return {name: value for name in SHOWN for (value,) in connection.execute(f"SHOW {name}".encode())}


@pytest.mark.threat(row=62)
@pytest.mark.parametrize(
    ("theirs", "holds"),
    [
        ("", {}),
        ("-csearch_path=foo", {"search_path": "foo"}),
        ("-c search_path=foo,bar --statement_timeout=60s", {"search_path": "foo,bar", "statement_timeout": "1min"}),
        ("-c lock_timeout=10", {"lock_timeout": "10ms"}),
        ("-c timezone=Asia/Tokyo -c datestyle=German -c client_encoding=LATIN1", {"datestyle": "ISO, DMY"}),
    ],
)
def test_f1_what_the_operator_says_holds_but_for_what_answers_are_read_by(
    postgres_url: str, theirs: str, holds: dict[str, str]
) -> None:
    assert shown(with_options(postgres_url, theirs)) == OURS | holds


def test_f1_the_environment_and_a_service_file_are_heard_too(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "services").write_text("[lists]\noptions=-c search_path=of_the_service\n")
    monkeypatch.setenv("PGSERVICEFILE", str(tmp_path / "services"))
    monkeypatch.setenv("PGOPTIONS", "-c search_path=of_the_environment")

    heard = [shown(url)["search_path"] for url in (postgres_url, f"{postgres_url}&service=lists")]

    assert heard == ["of_the_environment", "of_the_service"]


@pytest.mark.parametrize(
    ("name", "value"), [("PGTZ", "Asia/Tokyo"), ("PGDATESTYLE", "German"), ("PGCLIENTENCODING", "LATIN1")]
)
def test_f1_the_environment_moves_no_times_and_no_letters(
    postgres_url: str, name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)

    assert shown(postgres_url) == OURS


def test_f1_what_is_said_of_the_connection_itself_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGCONNECT_TIMEOUT", "9")
    url = "postgresql://ada@a.example.com:5432,b.example.com:5433/d?sslmode=verify-full&target_session_attrs=read-write"

    found = read_parameters(url)

    assert (found["user"], found["dbname"], found["connect_timeout"]) == ("ada", "d", "9")
    assert (found["sslmode"], found["target_session_attrs"]) == ("verify-full", "read-write")


def test_f1_of_two_hosts_the_one_that_is_there_is_found(postgres_url: str) -> None:
    url = postgres_url.replace("host=", "host=/nowhere,")

    assert shown(url) == OURS


def test_hosts_of_the_environment_are_read_and_nobody_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGHOST", "one.example.com,two.example.com")
    monkeypatch.setenv("PGPORT", "5433")

    found = split_hosts(read_parameters("postgresql:///lists"))

    assert list(map(str, found)) == ["one.example.com:5433", "two.example.com:5433"]


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("PGTARGETSESSIONATTRS", "standby", "PGTARGETSESSIONATTRS"),
        ("PGHOST", "one.example.com,", "empty"),
        ("PGPORT", "1,2,3", "names 3 ports for 1 hosts"),
    ],
)
def test_hosts_of_the_environment_are_refused_as_those_of_the_url(
    name: str, value: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(ValueError, match=told):
        refuse_unclear_database("postgresql:///lists")


@pytest.mark.parametrize("theirs", ["", "any"])
def test_of_several_hosts_one_is_wanted_that_takes_writes(
    postgres_url: str, theirs: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = databases.create_database(postgres_url).replace("host=", "host=/nowhere,")
    if theirs:
        monkeypatch.setenv("PGTARGETSESSIONATTRS", theirs)
    with connect(url) as operator:
        operator.execute(f'ALTER DATABASE "{operator.info.dbname}" SET default_transaction_read_only = on'.encode())

    with pytest.raises(psycopg.OperationalError, match="read-only"):
        connect(url)


@pytest.mark.threat(row=62)
def test_f1_the_pool_reads_the_address_as_commands_do(postgres_url: str) -> None:
    url = with_options(postgres_url, "-csearch_path=foo")
    database = Database(PostgresDriver(url), 1)

    seen = database.execute(Statement(text("SELECT current_setting('search_path')")), {})

    database.pool.close()
    assert [list(row) for row in seen] == [["foo"]]


def test_f1_ours_that_have_to_win_come_last() -> None:
    parts = add_options("-c timezone=Asia/Tokyo", OPTIONS).split(" -c ")

    assert parts.index("timezone=Asia/Tokyo") < parts.index("timezone=UTC")
