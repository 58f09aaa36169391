"""Test fixtures of a database with rows in every table, at the coordinator of a cluster."""

from pathlib import Path

import pytest

from bucketlist.config import Settings, load_settings
from bucketlist.migrations import distribution, runner
from tests import citus, databases
from tests.migrations.conftest import copy_filled
from tests.workers import Keeper

SECRET = "a-key-for-a-cluster-of-32-bytes-or-more"


@pytest.fixture
def undistributed(postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """As before the first `bucketlist db distribute`: the extension and the servers are there, and nobody is."""
    monkeypatch.setattr(runner, "transaction", citus.TRANSACTION)
    url = databases.create_database(postgres_url)
    settings = load_settings(app_setting="testing", secret_key=SECRET, database_url=url, data_dir=tmp_path)
    runner.upgrade(settings)
    return settings


@pytest.fixture
def filled(postgres_url: str, tmp_path: Path, keeper: Keeper, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A distributed database with rows in every table."""
    url = databases.create_database(postgres_url)
    settings = load_settings(app_setting="testing", secret_key=SECRET, database_url=url, data_dir=tmp_path / "data")
    copy_filled(settings, keeper)
    monkeypatch.setattr(runner, "transaction", citus.TRANSACTION)  # from here on as it is without tests
    assert distribution.plan(settings) is None
    return settings
