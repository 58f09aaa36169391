"""Connection pool exhaustion: more people than connections, all busy: the rest is told in good time."""

import re
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from bucketlist.config import Settings
from tests import databases
from tests.concurrency import together, wait_until
from tests.conftest import Tell
from tests.faults.conftest import METRICS_TOKEN, POOL_SIZE, migrated
from tests.load import is_proper
from tests.processes import Service, service_on
from tests.serving.wire import Answer, Visitor, ask, sign_up

pytestmark = pytest.mark.slow

PEOPLE = 50
SHARE = (POOL_SIZE + 1) // 2  # of the connections, for one person


@pytest.fixture
def somebody(service: Service) -> Visitor:
    assert service.server
    return sign_up(service.server)


@pytest.fixture
def locked(settings_there: Settings) -> Iterator[psycopg.Connection]:
    """Somebody else has locked the table of buckets."""
    with psycopg.connect(settings_there.database_url) as operator:
        operator.execute("LOCK TABLE buckets")
        yield operator


def timed(somebody: Visitor, path: str) -> tuple[Answer, float]:
    started = time.monotonic()
    answer = somebody.ask("GET", path)
    return answer, time.monotonic() - started


def connections_in_use(somebody: Visitor) -> int:
    metrics = ask(somebody.server, "GET", "/metrics", Authorization=f"Bearer {METRICS_TOKEN}").body.decode()
    found = re.search(r"^bucketlist_database_connections_in_use (\d+)", metrics, re.MULTILINE)
    assert found
    return int(found[1])


def test_of_fifty_who_ask_for_five_busy_connections_each_is_answered_in_time_and_none_is_left_behind(
    somebody: Visitor, locked: psycopg.Connection, tell: Tell
) -> None:
    with ThreadPoolExecutor(1) as watcher:
        asked = watcher.submit(together, PEOPLE, lambda _: timed(somebody, "/v1/buckets"))
        wait_until(lambda: connections_in_use(somebody) == SHARE)
        healthy = [timed(somebody, "/healthz") for _ in range(20)]
        answers = asked.result()

    longest = max(seconds for _, seconds in answers)
    tell(f"pool of {POOL_SIZE} held by a lock, {PEOPLE} people: all answered 503 within {longest:.2f} s")
    assert all(is_proper(answer) for answer, _ in answers)
    assert {answer.status for answer, _ in healthy} == {200}
    locked.rollback()  # all of this was told while the table was locked
    assert {answer.status for answer, _ in together(PEOPLE, lambda _: timed(somebody, "/v1/buckets"))} == {200}
    wait_until(lambda: connections_in_use(somebody) == 0)
    assert locked.execute(f"SELECT count(*) {databases.OTHERS}".encode()).fetchone() == (SHARE,)


def test_while_somebody_else_writes_to_sqlite_people_read_and_writers_are_told(tmp_path: Path, tell: Tell) -> None:
    settings = migrated(tmp_path / "data")
    with service_on(settings, tmp_path) as service, closing(sqlite3.connect(settings.sqlite_path)) as other:
        somebody = sign_up(service.start())
        other.execute("BEGIN IMMEDIATE")
        started = time.monotonic()

        with ThreadPoolExecutor(20) as writers:
            writing = [writers.submit(somebody.ask, "POST", "/v1/buckets", {"name": "x"}) for _ in range(20)]
            reading = [somebody.ask("GET", "/v1/buckets").status for _ in range(50)]
            told = [each.result() for each in writing]

        tell(f"SQLite held by another process: 20 writers answered 503 within {time.monotonic() - started:.2f} s")
        other.rollback()
        assert Counter(reading) == {200: 50}
        assert all(is_proper(answer) for answer in told)
        assert somebody.ask("POST", "/v1/buckets", {"name": "x"}).status == 201
