"""Applications beside the usual one: another worker, and one that limits attempts."""

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from bucketlist.app import create_app
from bucketlist.auth import passwords
from bucketlist.config import Settings
from bucketlist.kit.db import Database
from bucketlist.kit.openapi import ApiApp
from tests import databases
from tests.patience import LONG


@pytest.fixture
def other_worker(app: ApiApp, settings: Settings) -> Iterator[ApiApp]:
    """A second process would be like this: the same database, nothing else in common."""
    worker = create_app(settings)
    worker.testing = False
    yield worker
    close(worker)


@pytest.fixture
def limited_app(migrated_app: ApiApp, settings: Settings) -> Iterator[ApiApp]:
    """The application at work with its limits on, on an empty database."""
    limited = create_app(settings.model_copy(update={"ratelimit_enabled": True}))
    limited.testing = False
    with limited.app_context():
        databases.empty_all_tables()
        yield limited
    close(limited)


@pytest.fixture
def other_limited_worker(limited_app: ApiApp) -> Iterator[ApiApp]:
    """Another worker with the limits on."""
    worker = create_app(limited_app.extensions["settings"])
    yield worker
    close(worker)


@pytest.fixture
def limited_client(limited_app: ApiApp) -> FlaskClient:
    return limited_app.test_client()


def close(app: ApiApp) -> None:
    database: Database = app.extensions["database"]
    database.pool.close()


@pytest.fixture
def hashings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The hashes that passwords are compared with, which is dear on purpose, as they are compared."""
    verify, seen = passwords._hasher.verify, []

    def note(password: str, password_hash: str) -> bool:
        seen.append(password_hash)
        return verify(password, password_hash)

    monkeypatch.setattr(passwords._hasher, "verify", note)
    return seen


@pytest.fixture
def patient_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits for a hash waits as long as a busy machine takes."""
    monkeypatch.setattr(passwords, "WAIT_SECONDS", LONG)
