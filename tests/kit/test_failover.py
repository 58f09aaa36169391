"""Failover with fencing: of two servers that both take writes, the one that was promoted last gets them all."""

from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from socket import socket
from threading import Thread

import pytest
from sqlalchemy import text

from bucketlist.config import load_settings
from bucketlist.kit.db.database import Database, Statement
from bucketlist.kit.db.errors import ConnectionLost, NotReplicated
from bucketlist.kit.db.failover import OldPrimary, Servers
from bucketlist.kit.db.postgres import PostgresConnection
from bucketlist.kit.db.postgres_driver import PostgresDriver
from bucketlist.kit.db.server_state import survey
from bucketlist.migrations import runner
from bucketlist.ops.doctor.servers import judge_servers
from tests import databases
from tests.concurrency import wait_until
from tests.kit.conftest import ADD, add, ids, make_table
from tests.standby import Pair, ask, pair_of_machines

pytestmark = pytest.mark.slow

WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
CANCEL = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
FOLDER = Statement(text("SELECT current_setting('unix_socket_directories')"))


@dataclass
class Split:
    """Split brain: two servers that take writes, as the old primary was only thought to be dead."""

    pair: Pair
    url: str
    idle: Database  # with a connection to the old primary
    busy: PostgresConnection  # in a transaction there, which has written

    def is_there(self, thing_id: int, *, old: bool) -> bool:
        machine = self.pair.standby if old else self.pair.primary
        url = self.url.replace(f"{self.pair.standby.folder},{self.pair.primary.folder}", str(machine.folder))
        database = Database(PostgresDriver(url), 1)
        try:
            return thing_id in ids(database)
        finally:
            database.pool.close()


@pytest.fixture(scope="module")
def pair(postgres_url: str) -> Iterator[Pair]:
    with pair_of_machines() as both:
        both.attach()
        yield both


@pytest.fixture(scope="module")
def unreplicated(pair: Pair) -> Database:
    """A database whose primary waits for a standby that is dead."""
    database = Database(PostgresDriver(pair.url_of(databases.create_database(pair.primary.url))), 2)
    make_table(database.driver)
    pair.standby.stop("immediate")
    return database


@pytest.fixture(scope="module")
def split(pair: Pair, unreplicated: Database) -> Iterator[Split]:
    pair.attach()
    url = pair.url_of(databases.create_database(pair.primary.url))
    driver = PostgresDriver(url)
    make_table(driver)
    idle = Database(driver, 2)
    ids(idle)
    pair.wait_for("")  # what the old primary writes is written at once
    with closing(driver.connect()) as busy:
        busy.begin()
        busy.run(ADD.compiled(driver.dialect), thing(1))
        pair.promote()
        watch = driver.watch()
        assert watch
        wait_until(busy.is_stale)
        watch.stop()
        yield Split(pair, url, idle, busy)
    idle.pool.close()


def thing(thing_id: int) -> dict[str, int | str | None]:
    return {"id": thing_id, "number": 1, "words": None, "moment": None, "uuid": None}


def test_a_commit_that_no_standby_has_is_not_acknowledged(pair: Pair, unreplicated: Database) -> None:
    caught: list[Exception] = []

    def write() -> None:
        try:
            add(unreplicated, 1)
        except NotReplicated as refusal:
            caught.append(refusal)

    writer = Thread(target=write)
    writer.start()
    wait_until(lambda: ask(pair.primary, WAITING) == 1)
    ask(pair.primary, CANCEL)
    writer.join()

    assert len(caught) == 1


def test_a_transaction_under_way_at_the_old_primary_is_not_committed(split: Split) -> None:
    with pytest.raises(ConnectionLost):
        split.busy.commit()

    split.busy.close()
    assert not split.is_there(1, old=True)


def test_a_connection_that_lies_idle_at_the_old_primary_is_not_used_again(split: Split) -> None:
    add(split.idle, 2)

    assert (split.is_there(2, old=True), split.is_there(2, old=False)) == (False, True)


@pytest.mark.parametrize("is_first", [True, False])
def test_who_has_just_started_finds_the_server_that_was_promoted(split: Split, is_first: bool) -> None:
    hosts = [str(split.pair.standby.folder), str(split.pair.primary.folder)]
    url = split.url.replace(",".join(hosts), ",".join(hosts if is_first else hosts[::-1]))
    driver = PostgresDriver(url)

    with closing(driver.connect()) as connection:
        found = connection.run(FOLDER.compiled(driver.dialect), {})

    assert found == [[hosts[1]]]


def test_who_looks_around_for_the_first_time_leaves_no_doubt_who_was_promoted(split: Split, hanging: socket) -> None:
    old, promoted = split.pair.standby.folder, split.pair.primary.folder
    ports = f"5432,{hanging.getsockname()[1]},5432"
    servers = Servers(f"{split.url.partition('?')[0]}?host={old},127.0.0.1,{promoted}&port={ports}")
    watch = servers.watch()
    assert watch
    wait_until(lambda: bool(servers._clusters))  # it has heard the old primary, and waits for the next one

    with closing(servers.connect().connection) as connection:
        assert connection.info.host == str(promoted)
    watch.stop()


def test_hosts_whose_load_is_balanced_are_asked_in_any_order() -> None:
    servers = Servers("postgresql://one.example.com,two.example.com/lists?load_balance_hosts=random")

    assert len({str(servers._in_order()[0]) for _ in range(100)}) == 2


def test_who_has_one_server_watches_nobody(postgres_driver: PostgresDriver) -> None:
    assert postgres_driver.watch() is None


def test_commands_find_the_server_that_was_promoted(split: Split) -> None:
    with runner.transaction(load_settings(app_setting="testing", database_url=split.url)) as connection:
        assert connection.scalar(FOLDER.core) == str(split.pair.primary.folder)


def test_an_old_primary_that_is_there_alone_is_refused(split: Split, monkeypatch: pytest.MonkeyPatch) -> None:
    servers = Servers(split.url.partition("?")[0])
    monkeypatch.setenv("PGHOST", str(split.pair.primary.folder))
    servers.connect().connection.close()

    monkeypatch.setenv("PGHOST", str(split.pair.standby.folder))
    with pytest.raises(OldPrimary, match="timeline 1, where 2 has begun"):
        servers.connect()


def test_the_doctor_names_two_servers_that_both_take_writes(split: Split) -> None:
    found = judge_servers(survey(split.url))

    told = [finding.told for finding in found if finding.level == "problem"]
    assert len(told) == 1
    assert told[0].startswith(f"{split.pair.standby.folder}:5432 takes writes on timeline 1, ")


def test_a_server_that_does_not_tell_its_timeline_is_taken(split: Split) -> None:
    with suppress(KeyError):
        ask(split.pair.primary, "CREATE ROLE carol LOGIN")
    ask(split.pair.primary, "REVOKE EXECUTE ON FUNCTION pg_control_system() FROM public")
    url = split.url.replace("postgres@", "carol@").replace(str(split.pair.standby.folder), "/nowhere")

    with closing(Servers(url).connect().connection) as connection:
        assert connection.info.user == "carol"
