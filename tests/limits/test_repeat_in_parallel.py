"""Twins: the same request with the same Idempotency-Key at the same moment."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import psycopg
import pytest
from werkzeug.test import TestResponse

from bucketlist.config import Settings
from bucketlist.kit import locks
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.models import buckets
from bucketlist.services import services_of
from tests import citus
from tests.authentication import bearer
from tests.concurrency import together, wait_until
from tests.people import Person
from tests.responses import code_of
from tests.rows import count_rows

BLOCK = """INSERT INTO idempotency_keys (user_id, key, request_hash, created_at) VALUES (%s, 'twin', 'x', now())"""


def make_bucket(app: ApiApp, person: Person) -> TestResponse:
    headers = bearer(person.access_token) | {"Idempotency-Key": "twin"}
    return app.test_client().post("/v1/buckets", json={"name": "Far away"}, headers=headers)


@pytest.fixture
def transaction(settings: Settings) -> Iterator[psycopg.Connection]:
    """Of another worker, in PostgreSQL."""
    if not settings.database_url:
        pytest.skip("in SQLite there is one writer at a time, so that twins never meet")
    with closing(psycopg.connect(settings.database_url)) as connection:
        yield connection


def wait_for_a_twin(first: psycopg.Connection) -> None:
    """Until somebody waits for what `first` has locked."""
    wait_until(lambda: citus.is_waited_for(first))


@pytest.fixture
def first(transaction: psycopg.Connection, ada: Person) -> psycopg.Connection:
    """A first twin that is still at work."""
    transaction.execute(BLOCK, [ada.id])
    return transaction


@pytest.fixture
def farewell(transaction: psycopg.Connection, ada: Person) -> psycopg.Connection:
    """Ada's account is about to go."""
    transaction.execute("DELETE FROM users WHERE id = %s", [ada.id])
    return transaction


def test_twelve_parallel_twins_make_one_bucket(app: ApiApp, ada: Person, other_worker: ApiApp) -> None:
    workers = [app, other_worker]

    answers = together(12, lambda number: make_bucket(workers[number % 2], ada))

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.data for answer in answers}) == 1
    assert (
        sorted(answer.headers.get("Idempotency-Replayed", "first") for answer in answers) == ["first"] + ["true"] * 11
    )
    assert count_rows(buckets) == 1


def test_a_twin_waits_for_the_first_and_takes_its_place_when_it_fails(
    app: ApiApp, ada: Person, first: psycopg.Connection
) -> None:
    with ThreadPoolExecutor() as threads, first:
        twin = threads.submit(make_bucket, app, ada)
        wait_for_a_twin(first)
        first.rollback()

        assert twin.result().status_code == 201

    assert count_rows(buckets) == 1


def test_a_twin_waits_for_the_first_and_hears_that_the_key_is_used(
    app: ApiApp, ada: Person, first: psycopg.Connection
) -> None:
    with ThreadPoolExecutor() as threads, first:
        twin = threads.submit(make_bucket, app, ada)
        wait_for_a_twin(first)
        first.commit()

        assert code_of(twin.result()) == (422, "idempotency_key_reused")


def test_a_twin_does_not_wait_for_ever(app: ApiApp, ada: Person, first: psycopg.Connection) -> None:
    with first:
        response = make_bucket(app, ada)

        assert code_of(response) == (409, "request_in_progress")
        assert int(response.headers["Retry-After"]) >= 1
        first.rollback()

    assert make_bucket(app, ada).status_code == 201


@pytest.mark.parametrize(
    "lock",
    ["LOCK TABLE idempotency_keys IN SHARE MODE", "SELECT id FROM users WHERE id = %(id)s FOR UPDATE"],
    ids=["table, as when it is altered or its shard is moved", "account"],
)
def test_who_waits_for_another_lock_than_that_of_a_twin_hears_nothing_of_one(
    app: ApiApp, ada: Person, transaction: psycopg.Connection, lock: str
) -> None:
    with transaction:
        transaction.execute(lock.encode(), {"id": ada.id})

        response = make_bucket(app, ada)

        transaction.rollback()
    assert code_of(response) == (503, "unavailable")
    assert int(response.headers["Retry-After"]) >= 1
    assert make_bucket(app, ada).status_code == 201


def test_a_twin_behind_a_first_that_waits_for_sqlite_does_not_wait_longer(
    app: ApiApp, settings: Settings, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "WAIT_SECONDS", 0.05)  # far below the 5 that the first waits for SQLite
    if settings.database_url:
        pytest.skip("in PostgreSQL another writer is no obstacle")
    with closing(sqlite3.connect(settings.sqlite_path)) as other, ThreadPoolExecutor() as threads:
        other.execute("BEGIN IMMEDIATE")
        first = threads.submit(make_bucket, app, ada)
        wait_until(lambda: bool(services_of(app).keyed_lock._taken))
        second = threads.submit(make_bucket, app, ada)

        answer = second.result()
        assert not first.done()
        other.rollback()

        assert code_of(answer) == (409, "request_in_progress")
        assert answer.headers["Retry-After"] == "1"
        assert first.result().status_code == 201
    assert make_bucket(app, ada).headers["Idempotency-Replayed"] == "true"


def test_who_makes_something_while_the_account_goes_is_nobody(
    app: ApiApp, ada: Person, farewell: psycopg.Connection
) -> None:
    with ThreadPoolExecutor() as threads, farewell:
        late = threads.submit(make_bucket, app, ada)
        wait_for_a_twin(farewell)
        farewell.commit()

        assert code_of(late.result()) == (401, "unauthorized")
