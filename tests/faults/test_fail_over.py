"""Failover: the primary dies or hangs while people write, and its synchronous standby is promoted.

What was measured is printed. `FAILOVERS` is how often it is killed: `make test-failover` does so 20 times.
"""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

import pytest
from sqlalchemy import text

from bucketlist.app import create_app
from bucketlist.config import Settings
from bucketlist.services import services_of
from tests import databases
from tests.concurrency import wait_until
from tests.conftest import Tell
from tests.faults.conftest import migrated
from tests.load import Load, find_misfits, names_of_items, under_load, wait_until_all_is_well
from tests.patience import allowed
from tests.people import make_person
from tests.postgres_machine import PostgresMachine
from tests.processes import service_on
from tests.raw_database import open_database
from tests.servers import LiveServer
from tests.serving.wire import sign_up
from tests.standby import Pair, ask, pair_of_machines

pytestmark = pytest.mark.slow

FAILOVERS = int(os.environ.get("FAILOVERS", "2"))
END_ALL = """SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"""
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
CANCEL = "SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
TWICE = text("SELECT count(*) FROM (SELECT FROM items GROUP BY name HAVING count(*) > 1) AS twice")


@pytest.fixture(scope="module")
def machines(postgres_url: str) -> Iterator[Pair]:
    with pair_of_machines() as both:
        yield both


@pytest.fixture
def pair(machines: Pair) -> Pair:
    """A primary and a synchronous standby of it."""
    machines.attach()
    return machines


@pytest.fixture
def settings(pair: Pair, tmp_path: Path) -> Settings:
    """Those of a database with its schema, whose primary is named first."""
    there = migrated(tmp_path / "data", databases.create_database(pair.primary.url))
    return there.model_copy(update={"database_url": pair.url_of(there.database_url)})


@pytest.fixture
def server(settings: Settings, tmp_path: Path) -> Iterator[LiveServer]:
    with service_on(settings, tmp_path) as service:
        yield service.start()


def show_all(machine: PostgresMachine) -> None:
    """Have its commits wait for no standby any more, so that what they wrote is seen."""
    ask(machine, "ALTER SYSTEM SET synchronous_standby_names = ''")
    ask(machine, "SELECT pg_reload_conf()")
    wait_until(lambda: ask(machine, WAITING) == 0)


def seen_on(pair: Pair, settings: Settings, *, old: bool = False) -> Settings:
    machine = pair.standby if old else pair.primary
    both = {str(pair.primary.folder), str(pair.standby.folder)}
    url, _, hosts = settings.database_url.partition("host=")
    assert set(hosts.split(",")) == both
    return settings.model_copy(update={"database_url": f"{url}host={machine.folder}"})


def look(name: str, loads: list[Load], settings: Settings, seconds: list[float], tell: Tell) -> None:
    """What holds after every failover."""
    acknowledged = {found for load in loads for found in load.acknowledged}
    all_asked = [asked for load in loads for asked in load.all_asked()]
    with open_database(settings) as connection:
        lost = acknowledged - names_of_items(connection)
        twice = connection.scalar(TWICE)
    refused = sum(len(load.refused) for load in loads)
    tell(
        f"{name}: {len(acknowledged):,} acknowledged, {len(lost)} lost, {twice} twice, {refused:,} × 503, "
        f"writes {max(seconds):.2f} s after the promotion at most ({median(seconds):.2f} s mostly), "
        f"slowest answer {max(asked.seconds for asked in all_asked):.2f} s"
    )
    assert [misfit for load in loads for misfit in find_misfits(load)] == []
    assert {status for load in loads for status in load.statuses("/healthz") | load.statuses("/")} == {200}
    assert (lost, twice) == (set(), 0)


def fail_over(pair: Pair, load: Load) -> float:
    """Promote the standby once somebody was refused, and wait until all is well; gives the moment of the promotion."""
    refused = len(load.refused)
    wait_until(lambda: len(load.refused) > refused)
    promoted_at = pair.promote()
    wait_until_all_is_well(load)
    return promoted_at


def test_a_retry_of_what_no_standby_has_is_not_acknowledged_either(pair: Pair, settings: Settings) -> None:
    app = create_app(settings)
    with services_of(app).at_work(), ThreadPoolExecutor(1) as threads:
        ada = make_person(app, "ada@example.com")
        path = f"/v1/buckets/{ada.make_bucket()['id']}/items"
        pair.standby.stop("immediate")

        def create() -> int:
            asked = threads.submit(ada.post, path, {"name": "Far away"}, Idempotency_Key="once")
            wait_until(lambda: asked.done() or ask(pair.primary, WAITING) == 1)
            ask(pair.primary, CANCEL)
            return asked.result().status_code

        assert [create(), create()] == [503, 503]
        services_of(app).database.pool.close()


def test_when_the_primary_is_killed_nothing_is_lost_and_nothing_is_done_twice(
    pair: Pair, settings: Settings, server: LiveServer, tell: Tell
) -> None:
    seconds, loads = [], []
    for _ in range(FAILOVERS):
        pair.attach()
        with under_load(sign_up(server), insists=True) as load:
            wait_until_all_is_well(load)
            pair.primary.kill()
            seconds.append(load.first_success_after(fail_over(pair, load)))
        loads.append(load)

    assert all(load.refused for load in loads)
    look(f"primary killed {FAILOVERS} times", loads, seen_on(pair, settings), seconds, tell)


def test_a_primary_that_hangs_is_told_of_and_not_written_to_when_it_wakes_up(
    pair: Pair, settings: Settings, server: LiveServer, tell: Tell
) -> None:
    with under_load(sign_up(server), insists=True) as load:
        wait_until_all_is_well(load)
        with pair.primary.paused():
            promoted_at = fail_over(pair, load)
        ask(pair.primary, END_ALL)  # so that connections are opened anew, and the old primary is named first
        wait_until_all_is_well(load)

    before = {asked.name for asked in load.made if asked.sent_at < promoted_at}
    show_all(pair.standby)
    with open_database(seen_on(pair, settings, old=True)) as connection:
        assert names_of_items(connection) <= before
    assert max(asked.seconds for asked in load.all_asked()) < allowed(load.made[-1].seconds)
    name = "primary hung and woken"
    look(name, [load], seen_on(pair, settings), [load.first_success_after(promoted_at)], tell)
