"""Distribution on a real cluster: by command, with rows that are there, and through migrations, backup and restore."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from bucketlist.app import create_app
from bucketlist.backup.backups import make_backup, restore_backup
from bucketlist.backup.verify import find_problems
from bucketlist.config import Settings
from bucketlist.migrations import distribution, runner
from bucketlist.migrations.opening import snapshot
from bucketlist.services import services_of
from tests import citus
from tests.authentication import sign_up
from tests.backup.steps import command, content_of, log_in, refused, restored_rows, rows_of
from tests.migrations.conftest import fill
from tests.raw_database import open_database

pytestmark = [pytest.mark.slow, citus.needs_citus]

REVISIONS = ("0009", "0008", "0007", "0006", "0005", "0004", "0003", "0002", "0001")


def is_distributed(settings: Settings) -> bool:
    with snapshot(settings) as connection:
        return distribution.is_distributed(connection)


def bytes_at_the_coordinator(settings: Settings) -> int:
    with open_database(settings) as connection:
        return int(
            connection.scalar(
                text("SELECT sum(pg_relation_size(oid)) FROM pg_class WHERE relname IN ('items', 'users')")
            )
            or 0
        )


def test_rows_that_are_there_are_distributed_and_their_copies_removed(undistributed: Settings, tmp_path: Path) -> None:
    fill(undistributed)
    before = rows_of(undistributed)

    told = command(undistributed, tmp_path, "db", "distribute", "--yes")

    assert told.startswith("Distributed: users, ")
    assert rows_of(undistributed) == before
    assert bytes_at_the_coordinator(undistributed) == 0
    assert find_problems(undistributed) == []
    assert log_in(undistributed) == 200
    assert command(undistributed, tmp_path, "db", "distribute", "--yes") == "All is distributed already.\n"


def test_without_servers_nothing_is_distributed(undistributed: Settings, tmp_path: Path) -> None:
    with open_database(undistributed) as connection:
        connection.execute(text("SELECT citus_remove_node(nodename, nodeport) FROM pg_dist_node WHERE groupid > 0"))

    assert refused(undistributed, tmp_path, "db", "distribute", "--yes") == distribution.NO_SERVERS


@pytest.mark.parametrize("arguments", [("db", "distribute", "--yes"), ("prune",)])
def test_a_role_that_waits_without_end_on_a_server_is_refused(
    undistributed: Settings, arguments: tuple[str, ...], tmp_path: Path
) -> None:
    name, port = citus.name_of(undistributed.database_url), citus.PORTS[1]
    with psycopg.connect(citus.url_of(name, port), autocommit=True) as server:
        server.execute(f'ALTER ROLE postgres IN DATABASE "{name}" SET lock_timeout = 0'.encode())

    told = refused(undistributed, tmp_path, *arguments)

    assert told.startswith(f"The role has no lock_timeout at 127.0.0.1:{port}, ")


@pytest.mark.parametrize("revision", REVISIONS)
def test_migrations_run_on_a_distributed_database_both_ways(filled: Settings, revision: str) -> None:
    fill_users = rows_of(filled)["users"]

    runner.downgrade(filled, revision)
    runner.upgrade(filled)

    assert len(rows_of(filled)["users"]) == len(fill_users)
    assert find_problems(filled) == []
    assert distribution.plan(filled) is None


def test_a_backup_is_restored_into_a_distributed_database(filled: Settings, tmp_path: Path) -> None:
    before = make_backup(filled, tmp_path / "all.zip")
    expected = restored_rows(filled)

    restore_backup(filled, tmp_path / "all.zip", is_forced=True)

    assert before.count("items") == 24
    assert rows_of(filled) == expected
    assert is_distributed(filled)
    assert distribution.plan(filled) is None
    assert find_problems(filled) == []
    assert log_in(filled) == 200


def test_a_backup_of_a_distributed_database_fits_a_plain_one(
    filled: Settings, undistributed: Settings, tmp_path: Path
) -> None:
    before = make_backup(filled, tmp_path / "all.zip")

    restore_backup(undistributed, tmp_path / "all.zip", are_sessions_kept=True)

    assert content_of(make_backup(undistributed, tmp_path / "again.zip")) == content_of(before)
    assert not is_distributed(undistributed)


def test_backups_while_people_sign_up_are_whole_once_they_are_restored(
    filled: Settings, undistributed: Settings, tmp_path: Path
) -> None:
    app = create_app(filled.model_copy(update={"ratelimit_enabled": False}))
    with closing(services_of(app).database.pool), ThreadPoolExecutor(2) as threads:
        people = threads.map(lambda number: sign_up(app.test_client(), f"person{number}@example.com"), range(40))
        for number in range(2):
            make_backup(filled, tmp_path / f"{number}.zip")
        list(people)

    restore_backup(undistributed, tmp_path / "1.zip")

    assert find_problems(undistributed) == []
