"""Test fixtures of a server on a PostgreSQL that tests may mistreat."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bucketlist.config import Settings, load_settings
from bucketlist.migrations import runner
from tests import databases
from tests.postgres_machine import PostgresMachine, postgres_machine
from tests.processes import Service, service_on
from tests.servers import SECRET

METRICS_TOKEN = "a-token-for-prometheus-of-32-characters"
POOL_SIZE = 5


@pytest.fixture(scope="module")
def machine(postgres_url: str) -> Iterator[PostgresMachine]:
    with postgres_machine() as running:
        yield running


@pytest.fixture(scope="module")
def settings_there(machine: PostgresMachine, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Those of a database on `machine` that has its schema."""
    return migrated(tmp_path_factory.mktemp("faults") / "data", databases.create_database(machine.url))


@pytest.fixture(scope="module")
def service(settings_there: Settings) -> Iterator[Service]:
    folder = settings_there.data_dir.parent
    wanted = {"METRICS_TOKEN": METRICS_TOKEN, "DATABASE_POOL_SIZE": str(POOL_SIZE)}
    with service_on(settings_there, folder, **wanted) as running:
        running.start()
        yield running


def migrated(data_dir: Path, database_url: str = "") -> Settings:
    """The settings of a new database with its schema."""
    settings = load_settings(app_setting="testing", secret_key=SECRET, database_url=database_url, data_dir=data_dir)
    runner.upgrade(settings)
    return settings
