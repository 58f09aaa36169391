"""Outage behind a connection pooler: it loses its PostgreSQL; who writes is told to come again, and then served."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bucketlist.config import Settings
from tests import databases
from tests.concurrency import wait_until
from tests.deploy.pooler import start_pooler
from tests.deploy.proxies import needs
from tests.faults.conftest import migrated
from tests.load import find_misfits, names_of_items, under_load, wait_until_all_is_well
from tests.postgres_machine import PostgresMachine
from tests.processes import Service, service_on
from tests.raw_database import open_database
from tests.serving.wire import sign_up

pytestmark = [pytest.mark.slow, needs("pgbouncer")]


@pytest.fixture
def behind(machine: PostgresMachine, tmp_path: Path) -> Settings:
    """The settings of a database as the pooler reaches it."""
    settings = migrated(tmp_path / "data", databases.create_database(machine.url))
    databases.give_settings(settings.database_url)
    return settings


@pytest.fixture
def pooled(behind: Settings, tmp_path: Path) -> Iterator[Service]:
    """The service on the pooler."""
    folder = tmp_path / "pooler"
    folder.mkdir()
    with start_pooler(folder, behind.database_url) as address:
        there = behind.model_copy(update={"database_url": address})
        with service_on(there, tmp_path, DATABASE_PREPARE="false") as running:
            running.start()
            yield running


def test_while_the_pooler_has_no_server_people_are_told_to_come_again(
    pooled: Service, behind: Settings, machine: PostgresMachine
) -> None:
    assert pooled.server
    with under_load(sign_up(pooled.server)) as load:
        wait_until_all_is_well(load)
        machine.stop("immediate")
        wait_until(lambda: bool(load.refused) and 503 in load.statuses("/readyz"))
        machine.start()
        wait_until_all_is_well(load)

    with open_database(behind) as connection:
        there = names_of_items(connection)
    assert find_misfits(load) == []
    assert load.acknowledged - there == set()
    assert load.statuses("/healthz") == load.statuses("/") == {200}
