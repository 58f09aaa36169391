"""Test fixtures of worker processes, a cache: each is made once a run.

One more on the same database, one that limits attempts, one with settings of a test's own.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any, TypeVar

import pytest
import time_machine
from flask.testing import FlaskClient

from bucketlist.app import create_app
from bucketlist.auth import passwords
from bucketlist.config import Settings
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.services import services_of
from tests import databases
from tests.authentication import EMAIL
from tests.patience import LONG
from tests.people import Person, make_person
from tests.two_servers import balanced

T = TypeVar("T")
WorkerWith = Callable[..., ApiApp]


class Keeper:
    """What lives until the `stack` ends. What depends on a parameter, pytest makes anew in each file by itself."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._things: dict[str, Any] = {}

    def get(self, name: str, make: Callable[[], AbstractContextManager[T]]) -> T:
        if name not in self._things:
            self._things[name] = self._stack.enter_context(make())
        thing: T = self._things[name]
        return thing


@contextmanager
def open_worker(settings: Settings) -> Iterator[ApiApp]:
    app = create_app(settings)
    app.testing = False  # errors are answered, as they are outside
    databases.sync_nothing(services_of(app).database)
    yield balanced(app)
    close(app)


def close(app: ApiApp) -> None:
    database = services_of(app).database
    database.pool.close()


@pytest.fixture(scope="session")
def worker_with(settings: Settings, keeper: Keeper) -> WorkerWith:
    """Makes the worker whose settings are those of the test but for what is named; nobody may change it.

    Of two with the same settings, the second has a name.
    """

    def make(name: str = "", **changes: Any) -> ApiApp:
        wanted = settings.model_copy(update=changes)
        return keeper.get(f"worker {name} {settings.database_url} {changes}", lambda: open_worker(wanted))

    return make


@pytest.fixture
def other_worker(app: ApiApp, worker_with: WorkerWith) -> ApiApp:
    """A second process would be like this: the same database, nothing else in common."""
    return worker_with()


@pytest.fixture
def limited_app(migrated_app: ApiApp, worker_with: WorkerWith) -> Iterator[ApiApp]:
    """The application at work with its limits on, on an empty database."""
    yield from at_work(worker_with(ratelimit_enabled=True))


def at_work(worker: ApiApp) -> Iterator[ApiApp]:
    """On an empty database."""
    with services_of(worker).at_work():
        databases.empty_all_tables()
        yield worker
    services_of(worker).database.on_execute = None


@pytest.fixture
def other_limited_worker(worker_with: WorkerWith) -> ApiApp:
    """Another worker with the limits on."""
    return worker_with("another", ratelimit_enabled=True)


@pytest.fixture
def limited_client(limited_app: ApiApp) -> FlaskClient:
    return limited_app.test_client()


@pytest.fixture
def limited_ada(limited_app: ApiApp) -> Person:
    """The owner, where attempts are limited."""
    return make_person(limited_app, EMAIL, "Ada")


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """It stands still until it is shifted."""
    with time_machine.travel("2026-11-24T12:00:00Z", tick=False) as traveller:
        yield traveller


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
