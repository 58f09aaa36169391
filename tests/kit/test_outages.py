"""Outage logging, a 503 whose cause can be found: one line a minute with the driver's reason, never a secret (F4)."""

import json
from pathlib import Path

import pytest
import time_machine

from bucketlist.kit.db import outages
from bucketlist.kit.db import pool as pools
from bucketlist.kit.db.database import Database
from bucketlist.kit.db.outages import Outages, clean
from bucketlist.kit.db.postgres_driver import PostgresDriver
from bucketlist.kit.db.sqlite import SqliteDriver
from bucketlist.kit.errors import Unavailable
from bucketlist.kit.logs import configure_logs
from tests.kit.conftest import add, ids

Log = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def logs() -> None:
    configure_logs()


def lines(log: Log) -> list[tuple[str, int]]:
    told = [json.loads(line) for line in log.readouterr().err.splitlines()]
    return [(line["reason"], line["left_out"]) for line in told if line["event"] == "database_unavailable"]


@pytest.fixture
def away() -> Database:
    return Database(PostgresDriver("postgresql://ada:hunter2@127.0.0.1:1/lists?application_name=x"), 1)


@pytest.mark.threat(row=65)
def test_f4_an_outage_has_one_line_with_its_reason(away: Database, capfd: Log) -> None:
    for ask in (ids, ids, lambda database: add(database, 1)):
        with pytest.raises(Unavailable):
            ask(away)

    told = lines(capfd)
    assert len(told) == 1
    assert "refused" in told[0][0]
    assert "hunter2" not in told[0][0]


@pytest.mark.threat(row=65)
def test_f4_after_a_minute_it_says_how_many_were_left_out(capfd: Log) -> None:
    told = Outages()
    with time_machine.travel("2026-11-24T12:00:00Z", tick=False) as clock:
        for _ in range(3):
            told.tell(Unavailable(reason="the line is cut"))
        clock.shift(outages.SECONDS_BETWEEN)
        told.tell(Unavailable(reason="the line is cut"))

    assert [left_out for _, left_out in lines(capfd)] == [0, 2]


@pytest.mark.threat(row=65)
def test_f4_another_reason_is_told_at_once_and_the_numbers_in_one_are_no_other(capfd: Log) -> None:
    told = Outages()

    for reason in ("no route", "wrong password", "no route", "disk full at block 7", "disk full at block 8"):
        told.tell(Unavailable(reason=reason))

    assert [reason for reason, _ in lines(capfd)] == ["no route", "wrong password", "disk full at block 7"]


def test_f4_a_transaction_tells_it_too(away: Database, capfd: Log) -> None:
    with pytest.raises(Unavailable), away.transaction():
        pytest.fail("There is nothing to begin with.")

    assert len(lines(capfd)) == 1


def test_f4_sqlite_tells_it_too(tmp_path: Path, capfd: Log) -> None:
    with pytest.raises(Unavailable):
        ids(Database(SqliteDriver(tmp_path / "none.sqlite"), 1))

    assert "gone" in lines(capfd)[0][0]


def test_f4_a_pool_that_is_exhausted_is_named(sqlite: Database, capfd: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pools, "WAIT_SECONDS", 0.01)
    taken = [sqlite.pool.acquire(checked=False) for _ in range(sqlite.pool.size)]

    with pytest.raises(Unavailable):
        ids(sqlite)

    for connection in taken:
        sqlite.pool.release(connection)
    assert "all 3 connections of this worker were in use" in lines(capfd)[0][0]


def test_f4_what_succeeds_has_no_line(database: Database, capfd: Log) -> None:
    add(database, 1)

    assert lines(capfd) == []


@pytest.mark.threat(row=65)
@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("FATAL:  password authentication\nfailed\n", "FATAL: password authentication failed"),
        ("cannot reach postgresql://ada:hunter2@db/x now", "cannot reach … now"),
        ("host=db password=hunter2 port=1", "host=db … port=1"),
        ("x" * 1000, "x" * outages.REASON_LENGTH),
    ],
)
def test_f4_a_reason_is_one_line_without_addresses_and_passwords(said: str, told: str) -> None:
    assert clean(said) == told


def test_f4_a_refusal_without_a_reason_is_told_by_its_name(capfd: Log) -> None:
    Outages().tell(Unavailable())

    assert lines(capfd) == [("Unavailable", 0)]
