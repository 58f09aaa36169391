"""Commands on the database of `app`."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bucketlist.config import Settings
from bucketlist.kit.http.openapi import ApiApp
from tests import databases
from tests.commands import refusal, succeed
from tests.raw_database import environment_of

Command = Callable[..., str]


@pytest.fixture
def world(app: ApiApp, settings: Settings) -> dict[str, str]:
    """The environment in which a command works on the same database as `app`."""
    return environment_of(settings)


@pytest.fixture
def bucketlist(world: dict[str, str], tmp_path: Path) -> Command:
    """What a command prints that ends well: `bucketlist("user", "add", …)`."""
    return lambda *arguments, **more: succeed(tmp_path, *arguments, **world, **more)


@pytest.fixture
def refused(world: dict[str, str], tmp_path: Path) -> Command:
    """The sentence with which a command refuses."""
    return lambda *arguments, **more: refusal(tmp_path, *arguments, **world, **more)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """Settings for a database that nobody has touched yet."""
    url = databases.create_database(request.getfixturevalue("postgres_url")) if request.param == "postgresql" else ""
    return {"APP_SETTING": "testing", "DATABASE_URL": url, "DATA_DIR": str(tmp_path / "data")}
