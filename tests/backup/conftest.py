"""Databases to back up, and others to restore into."""

from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from bucketlist.config import Settings, load_settings
from tests import databases
from tests.migrations.conftest import copy_filled
from tests.workers import Keeper

KINDS = ("sqlite", "postgresql")
NewDatabase = Callable[[str], Settings]


@pytest.fixture
def new_database(request: pytest.FixtureRequest, tmp_path: Path) -> NewDatabase:
    """Makes the settings of a database of a kind that nobody has touched yet."""
    numbers = count(1)

    def make(kind: str) -> Settings:
        url = databases.create_database(request.getfixturevalue("postgres_url")) if kind == "postgresql" else ""
        folder = tmp_path / f"data{next(numbers)}"
        return load_settings(app_setting="testing", secret_key="a-key-for-backups", database_url=url, data_dir=folder)

    return make


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


@pytest.fixture
def filled(kind: str, new_database: NewDatabase, keeper: Keeper) -> Settings:
    """The settings of a database with rows in every table."""
    settings = new_database(kind)
    copy_filled(settings, keeper)
    return settings


@pytest.fixture
def empty(kind: str, new_database: NewDatabase) -> Settings:
    """Another of the same kind, without a schema."""
    return new_database(kind)
