"""Test fixtures of HTTP servers that this folder shares, beside `live_server`."""

from collections.abc import Iterator

import pytest

from bucketlist.config import Settings
from tests import databases
from tests.servers import LiveServer, start_server


@pytest.fixture
def fresh_url(request: pytest.FixtureRequest) -> str:
    """The address of an empty database for one test, of the kind that it names; nothing means SQLite."""
    return databases.create_database(request.getfixturevalue("postgres_url")) if request.param == "postgresql" else ""


@pytest.fixture(scope="module")
def two_workers(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """`bucketlist serve` in production, with two worker processes."""
    url = databases.create_database(settings.database_url)
    wanted = {"APP_SETTING": "production", "WORKERS": "2", "DATABASE_URL": url}
    with start_server(tmp_path_factory.mktemp("workers"), **wanted) as server:
        yield server
