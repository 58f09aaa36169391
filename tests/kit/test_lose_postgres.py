"""PostgreSQL driver and lost connections: a server goes without a farewell, a cable is pulled, a firewall forgets."""

import os
import socket

import pytest

from bucketlist.kit.db.database import Database
from bucketlist.kit.db.driver import Connection
from bucketlist.kit.db.errors import ConnectionLost
from bucketlist.kit.db.postgres import PostgresConnection
from tests.kit.conftest import ALL, add, ids


def cut(connection: Connection) -> None:
    """Its line, so that whatever is sent gets no answer."""
    assert isinstance(connection, PostgresConnection)
    with socket.socket(fileno=os.dup(connection._raw.socket)) as line:
        line.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def cut_idle(postgres: Database) -> Database:
    """The connections that wait in the pool are dead, and nobody has noticed."""
    taken = [postgres.pool.acquire(checked=True) for _ in range(postgres.pool.size)]
    for connection in taken:
        connection.run(ALL.compiled(postgres.driver.dialect), {})
        cut(connection)
        postgres.pool.release(connection)
    return postgres


def test_a_read_is_tried_again_on_another_line(cut_idle: Database) -> None:
    assert ids(cut_idle) == []
    assert cut_idle.pool.count_in_use() == 0


def test_a_write_is_sent_on_another_line(cut_idle: Database) -> None:
    add(cut_idle, 1)

    assert ids(cut_idle) == [1]


def test_a_transaction_begins_on_another_line(cut_idle: Database) -> None:
    with cut_idle.transaction():
        add(cut_idle, 1)

    assert ids(cut_idle) == [1]


@pytest.mark.parametrize("is_known", [True, False], ids=["known", "new"])
def test_a_statement_that_gets_no_answer_is_lost(postgres: Database, is_known: bool) -> None:
    connection = postgres.pool.acquire(checked=True)
    statement = ALL.compiled(postgres.driver.dialect)
    if is_known:
        connection.run(statement, {})
    cut(connection)

    with pytest.raises(ConnectionLost):
        connection.run(statement, {})

    assert connection.is_broken
    postgres.pool.release(connection)


def test_a_statement_that_is_not_kept_and_gets_no_answer_is_lost(unprepared: Database) -> None:
    connection = unprepared.pool.acquire(checked=True)
    cut(connection)

    with pytest.raises(ConnectionLost):
        connection.run(ALL.compiled(unprepared.driver.dialect), {})

    assert connection.is_broken
    unprepared.pool.release(connection)


@pytest.mark.parametrize("command", ["begin", "commit"])
def test_a_command_that_gets_no_answer_is_lost(postgres: Database, command: str) -> None:
    connection = postgres.pool.acquire(checked=True)
    cut(connection)

    with pytest.raises(ConnectionLost):
        getattr(connection, command)()

    connection.rollback()
    postgres.pool.release(connection)
    assert ids(postgres) == []


def test_a_transaction_that_is_cut_changes_nothing(postgres: Database) -> None:
    with pytest.raises(ConnectionLost):
        add_and_cut(postgres)

    assert ids(postgres) == []
    assert postgres.pool.count_in_use() == 0


def add_and_cut(postgres: Database) -> None:
    with postgres.transaction():
        add(postgres, 1)
        connection = postgres._current.get()
        assert connection is not None
        cut(connection)
