"""Outage: PostgreSQL is restarted, paused or throws everybody out, while people write: they are told to come again.

What was measured is printed. Where it says how soon something has to be over, the test leaves a busy machine more time.
"""

import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import psycopg
import pytest

from bucketlist.app import create_app
from bucketlist.config import Settings
from bucketlist.ops import queries
from bucketlist.services import services_of
from tests.concurrency import wait_until
from tests.conftest import Tell
from tests.faults.conftest import POOL_SIZE
from tests.load import Load, find_misfits, names_of_items, under_load, wait_until_all_is_well
from tests.postgres_machine import PostgresMachine
from tests.processes import Service
from tests.raw_database import open_database
from tests.serving.wire import Visitor, sign_up

pytestmark = pytest.mark.slow

PAUSE_SECONDS = 6.5  # longer than we wait for an answer
END_ALL = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"""


@pytest.fixture
def somebody(service: Service) -> Visitor:
    assert service.server
    return sign_up(service.server)


@pytest.fixture(autouse=True)
def _ours_is_not_restarted(service: Service) -> Iterator[None]:
    before = service.workers()
    yield
    assert service.workers() == before


def look(name: str, load: Load, back_at: float, settings: Settings, tell: Tell) -> None:
    """What holds after every fault."""
    recovery = load.first_success_after(back_at)
    slowest = max(asked.seconds for asked in load.all_asked())
    with open_database(settings) as connection:
        there = names_of_items(connection)
    lost = load.acknowledged - there
    tell(
        f"{name}: {len(load.acknowledged):,} × 201, {len(load.refused):,} × 503, first success {recovery:.2f} s after "
        f"it was ready, slowest answer {slowest:.2f} s, {len(lost)} lost"
    )
    assert find_misfits(load) == []
    assert load.statuses("/healthz") == load.statuses("/") == {200}
    assert lost == set()


def test_of_a_careful_database_nobody_is_warned(settings_there: Settings) -> None:
    app = create_app(settings_there)
    with services_of(app).at_work():
        assert queries.find_weak_settings() == []
    database = services_of(app).database
    database.pool.close()


@pytest.mark.parametrize("how", ["fast", "immediate"])
def test_while_the_database_is_restarted_people_are_told_to_come_again(
    how: str, machine: PostgresMachine, settings_there: Settings, somebody: Visitor, tell: Tell
) -> None:
    with under_load(somebody) as load:
        wait_until_all_is_well(load)
        machine.stop(how)
        wait_until(lambda: bool(load.refused) and 503 in load.statuses("/readyz"))
        machine.start()
        back_at = wait_until_all_is_well(load)

    assert load.refused
    assert load.statuses("/readyz") == {200, 503}
    look(f"restart, {how}", load, back_at, settings_there, tell)


def test_while_the_database_hangs_nobody_waits_for_ever(
    machine: PostgresMachine, settings_there: Settings, somebody: Visitor, tell: Tell
) -> None:
    with under_load(somebody) as load:
        wait_until_all_is_well(load)
        with machine.paused():
            time.sleep(PAUSE_SECONDS)
            wait_until(lambda: bool(load.refused))
        back_at = wait_until_all_is_well(load)

    assert load.refused
    look(f"pause of {PAUSE_SECONDS} s", load, back_at, settings_there, tell)


def test_when_everybody_is_thrown_out_they_come_in_again(
    machine: PostgresMachine, settings_there: Settings, somebody: Visitor, tell: Tell
) -> None:
    with under_load(somebody) as load, psycopg.connect(machine.url, autocommit=True) as operator:
        for _ in range(3):
            wait_until_all_is_well(load)
            operator.execute(END_ALL)
        back_at = wait_until_all_is_well(load)

    look("all connections ended, 3 times", load, back_at, settings_there, tell)


@pytest.mark.threat(row=64)
def test_f3_after_a_time_without_writes_people_write_again_without_a_restart(
    machine: PostgresMachine, settings_there: Settings, somebody: Visitor
) -> None:
    name = urlsplit(settings_there.database_url).path[1:]
    with psycopg.connect(machine.url, autocommit=True) as operator:
        operator.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on'.encode())
        operator.execute(END_ALL)
        unready = somebody.ask("GET", "/readyz").status
        operator.execute(END_ALL)  # so that every connection of the pool is one of this time
        meanwhile = [write(somebody) for _ in range(POOL_SIZE)]
        operator.execute(f'ALTER DATABASE "{name}" RESET default_transaction_read_only'.encode())

    afterwards = [write(somebody), write(somebody)]

    assert (set(meanwhile), unready) == ({503}, 503)
    assert afterwards[1] == 201
    assert somebody.ask("GET", "/readyz").status == 200


def write(somebody: Visitor) -> int:
    return somebody.ask("POST", "/v1/buckets", {"name": "Far away"}).status
