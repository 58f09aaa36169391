"""Test fixtures of crash recovery: towns on SQLite and on a PostgreSQL that is as careful as it is by default."""

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from bucketlist.config import Settings, load_settings
from tests import databases
from tests.postgres_machine import PostgresMachine, postgres_machine
from tests.servers import SECRET


@pytest.fixture
def chance() -> Random:
    """Another in each run: what matters is that no moment is a bad one."""
    return Random()


@pytest.fixture(scope="module")
def machine(postgres_url: str) -> Iterator[PostgresMachine]:
    with postgres_machine() as running:
        yield running


@pytest.fixture
def sqlite(tmp_path: Path) -> Settings:
    return settings_for(tmp_path)


@pytest.fixture
def postgres(machine: PostgresMachine, tmp_path: Path) -> Settings:
    return settings_for(tmp_path, databases.create_database(machine.url))


def settings_for(folder: Path, url: str = "") -> Settings:
    return load_settings(app_setting="testing", secret_key=SECRET, database_url=url, data_dir=folder / "data")
