"""Databases to back up, and others to restore into."""

import shutil
from collections.abc import Callable
from contextlib import nullcontext
from itertools import count
from pathlib import Path

import pytest

from bucketlist.config import Settings, load_settings
from bucketlist.migrations import runner
from tests import databases
from tests.migrations.conftest import fill
from tests.run_cache import Keeper

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
def filled(request: pytest.FixtureRequest, kind: str, new_database: NewDatabase, keeper: Keeper) -> Settings:
    """The settings of a database with rows in every table: a copy of one that is made once."""
    model = keeper.get(f"rows in every table of {kind}", lambda: nullcontext(make_model(new_database(kind))))
    settings = new_database(kind)
    if kind == "sqlite":
        shutil.copytree(model.data_dir, settings.data_dir)
        return settings
    url = databases.create_database(request.getfixturevalue("postgres_url"), like=model.database_url)
    return settings.model_copy(update={"database_url": url})


@pytest.fixture
def empty(kind: str, new_database: NewDatabase) -> Settings:
    """Another of the same kind, without a schema."""
    return new_database(kind)


def make_model(settings: Settings) -> Settings:
    """The settings of a database with rows in every table, to be copied."""
    runner.upgrade(settings)
    fill(settings)
    return settings
