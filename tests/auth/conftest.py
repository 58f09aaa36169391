"""Test fixtures of applications beside the usual one: another worker, and one with rate limits."""

from collections.abc import Iterator

import pytest
import time_machine
from flask.testing import FlaskClient

from bucketlist.app import create_app
from bucketlist.auth import passwords
from bucketlist.config import Settings
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.services import services_of
from tests import databases
from tests.auth.steps import EMAIL
from tests.patience import LONG
from tests.people import Person, make_person


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """It stands still until it is shifted."""
    with time_machine.travel("2026-11-24T12:00:00Z", tick=False) as traveller:
        yield traveller


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
    with services_of(limited).at_work():
        databases.empty_all_tables()
        yield limited
    close(limited)


@pytest.fixture
def other_limited_worker(limited_app: ApiApp) -> Iterator[ApiApp]:
    """Another worker with the limits on."""
    worker = create_app(services_of(limited_app).settings)
    yield worker
    close(worker)


@pytest.fixture
def limited_client(limited_app: ApiApp) -> FlaskClient:
    return limited_app.test_client()


@pytest.fixture
def limited_ada(limited_app: ApiApp) -> Person:
    """The owner, where attempts are limited."""
    return make_person(limited_app, EMAIL, "Ada")


def close(app: ApiApp) -> None:
    database = services_of(app).database
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
