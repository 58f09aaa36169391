"""Test fixtures of a database with one table of its own, on both kinds."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import BigInteger, CheckConstraint, Column, Integer, MetaData, Table, Text, delete, insert, select
from sqlalchemy.schema import CreateTable

from bucketlist.kit.db.database import Database, Statement
from bucketlist.kit.db.driver import Compiled, Driver
from bucketlist.kit.db.postgres_driver import PostgresDriver
from bucketlist.kit.db.sqlite import SqliteDriver
from bucketlist.kit.db.sqlite_file import create_file
from bucketlist.models import Id, Time
from tests import databases

things = Table(
    "things",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("number", BigInteger),
    Column("words", Text),
    Column("moment", Time),
    Column("uuid", Id),
    CheckConstraint("number <> 13"),
)
ADD = Statement(insert(things))
ALL = Statement(select(things).order_by(things.c.id))
REMOVE_ALL = Statement(delete(things))
POOL_SIZE = 3


def make_table(driver: Driver) -> None:
    if isinstance(driver, SqliteDriver):
        create_file(driver.path)
    connection = driver.connect()
    sql = str(CreateTable(things).compile(dialect=driver.dialect))
    connection.run(Compiled("make_table", sql, (), {}, is_read=False), {})
    connection.close()


@pytest.fixture(scope="session")
def postgres_driver(postgres_url: str) -> PostgresDriver:
    driver = PostgresDriver(databases.create_database(postgres_url))
    make_table(driver)
    return driver


@pytest.fixture(scope="session")
def unprepared_driver(postgres_url: str) -> PostgresDriver:
    """As behind a pooler: it keeps no statements, and the database has our settings."""
    url = databases.create_database(postgres_url)
    databases.give_settings(url)
    driver = PostgresDriver(url, may_prepare=False)
    make_table(driver)
    return driver


@pytest.fixture(scope="session")
def sqlite_driver(tmp_path_factory: pytest.TempPathFactory) -> SqliteDriver:
    path: Path = tmp_path_factory.mktemp("kit") / "things.sqlite"
    driver = SqliteDriver(path)
    make_table(driver)
    return driver


@pytest.fixture
def postgres(postgres_driver: PostgresDriver) -> Iterator[Database]:
    yield from emptied(postgres_driver)


@pytest.fixture
def unprepared(unprepared_driver: PostgresDriver) -> Iterator[Database]:
    yield from emptied(unprepared_driver)


@pytest.fixture
def sqlite(sqlite_driver: SqliteDriver) -> Iterator[Database]:
    yield from emptied(sqlite_driver)


@pytest.fixture
def hanging() -> Iterator[socket.socket]:
    """A host that lets people connect, and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


@pytest.fixture(params=["sqlite", "postgres", "unprepared"])
def database(request: pytest.FixtureRequest) -> Database:
    found: Database = request.getfixturevalue(request.param)
    return found


def emptied(driver: Driver) -> Iterator[Database]:
    """With an empty table and nobody connected."""
    database = Database(driver, POOL_SIZE)
    database.execute(REMOVE_ALL, {})
    yield database
    database.pool.close()


def add(database: Database, thing_id: int, **values: str | int | None) -> None:
    """A row with this id."""
    database.execute(ADD, {"id": thing_id, **dict.fromkeys(("number", "words", "moment", "uuid")), **values})


def ids(database: Database) -> list[int]:
    return [row[0] for row in database.execute(ALL, {})]
