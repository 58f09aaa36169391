"""Dependency container: one frozen one an application, and the one at work is that of whoever is asked."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from bucketlist import config
from bucketlist.config import Settings
from bucketlist.kit.db.database import database
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.migrations import runner
from bucketlist.services import services, services_of
from tests.conftest import on_sqlite
from tests.people import PASSWORD
from tests.workers import open_worker

ADA = {"email": "ada@example.com", "password": PASSWORD}


@pytest.fixture
def other(settings: Settings, tmp_path: Path) -> Iterator[ApiApp]:
    """Another application in this process, on a database of its own."""
    wanted = settings.model_copy(update={"database_url": "", "data_dir": tmp_path})
    runner.upgrade(wanted)
    with open_worker(wanted) as made:
        yield made


def test_two_applications_in_one_process_keep_apart(app: ApiApp, other: ApiApp) -> None:
    signed_up = other.test_client().post("/v1/auth/register", json=ADA)
    here = app.test_client().post("/v1/auth/login", json=ADA)
    there = other.test_client().post("/v1/auth/login", json=ADA)

    assert (signed_up.status_code, here.status_code, there.status_code) == (201, 401, 200)


@on_sqlite
def test_after_a_request_of_another_the_application_before_is_at_work_again(app: ApiApp, other: ApiApp) -> None:
    with services_of(other).at_work():
        assert app.test_client().get("/readyz").status_code == 200
        assert database() is services_of(other).database

    assert services() is services_of(app)
    assert (database(), config.current()) == (services_of(app).database, services_of(app).settings)


@on_sqlite
def test_a_thread_has_no_services_but_those_it_is_given(app: ApiApp) -> None:
    def ask() -> bool:
        with services_of(app).at_work():
            return database() is services_of(app).database

    with ThreadPoolExecutor(1) as threads:
        assert threads.submit(ask).result()
        with pytest.raises(LookupError):
            threads.submit(database).result()


@on_sqlite
def test_services_cannot_be_exchanged_while_they_are_used(app: ApiApp) -> None:
    with pytest.raises(FrozenInstanceError):
        services_of(app).database = database()  # type: ignore[misc]  # what mypy says as well
