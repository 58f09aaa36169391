"""Configuration drift and clock skew among the servers of one database are told before people notice."""

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta

import pytest
import time_machine

from bucketlist.app import create_app, make_driver
from bucketlist.auth.tokens import GRACE_SECONDS
from bucketlist.config import Settings
from bucketlist.kit import clock
from bucketlist.migrations import runner
from bucketlist.ops import drift, queries
from bucketlist.ops.doctor.database import check_database
from bucketlist.services import services_of
from tests import databases
from tests.conftest import on_postgresql

OTHER_KEY = "another-key-for-the-suite-of-32-bytes"


@pytest.fixture
def shared(settings: Settings) -> Settings:
    """Those of servers on a database that nobody else uses."""
    return settings.model_copy(update={"database_url": databases.create_database(settings.database_url)})


@contextmanager
def server(settings: Settings) -> Iterator[None]:
    """One that is at work, and connected."""
    services = services_of(create_app(settings))
    with services.at_work(), closing(services.database.pool):
        queries.find_weak_settings()
        yield


def told(capfd: pytest.CaptureFixture[str]) -> list[str]:
    drift.warn_of_drift()
    return [json.loads(line)["event"] for line in capfd.readouterr().err.splitlines()]


def test_servers_that_agree_are_not_told(shared: Settings, capfd: pytest.CaptureFixture[str]) -> None:
    with server(shared), server(shared):
        assert told(capfd) == []


@on_postgresql
def test_servers_with_different_secret_keys_are_told_at_each(
    shared: Settings, capfd: pytest.CaptureFixture[str]
) -> None:
    other = shared.model_copy(update={"secret_key": OTHER_KEY})

    with server(shared), server(other):
        assert told(capfd) == ["secret_key_differs"]
    with server(other), server(shared):
        assert told(capfd) == ["secret_key_differs"]


@on_postgresql
def test_a_name_of_the_operators_own_is_kept(shared: Settings, capfd: pytest.CaptureFixture[str]) -> None:
    sign = "&" if "?" in shared.database_url else "?"
    named = {"secret_key": OTHER_KEY, "database_url": f"{shared.database_url}{sign}application_name=lists"}

    with server(shared.model_copy(update=named)), server(shared):
        assert told(capfd) == []


@on_postgresql
def test_diagnostics_tell_of_another_secret_key(shared: Settings) -> None:
    runner.upgrade(shared)

    with server(shared.model_copy(update={"secret_key": OTHER_KEY})):
        found = check_database(shared, make_driver(shared))

    assert [finding.told for finding in found if finding.level == "problem"] == [drift.KEY_DIFFERS]


def test_two_servers_may_differ_by_no_more_than_a_refresh_token_allows() -> None:
    assert 2 * drift.MOST_SKEW_SECONDS == GRACE_SECONDS


@on_postgresql
@pytest.mark.parametrize("seconds", [-20, 20])
def test_a_clock_by_which_a_refresh_would_look_like_a_theft_is_told(
    shared: Settings, capfd: pytest.CaptureFixture[str], seconds: int
) -> None:
    with server(shared), time_machine.travel(clock.now() + timedelta(seconds=seconds), tick=True):
        assert told(capfd) == ["clock_differs"]
