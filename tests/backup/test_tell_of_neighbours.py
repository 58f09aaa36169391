"""R13: a restore says plainly when others, most likely the service, use the database that it replaces."""

from pathlib import Path

import psycopg
import pytest

from bucketlist.app import make_driver
from bucketlist.backup.backups import make_backup
from bucketlist.config import Settings
from bucketlist.migrations import runner
from bucketlist.ops.neighbours import is_in_use
from tests.backup.conftest import NewDatabase
from tests.commands import invoke
from tests.raw_database import environment_of


@pytest.mark.parametrize("is_used", [True, False])
def test_r13_a_restore_says_when_others_use_the_database(
    filled: Settings, empty: Settings, is_used: bool, tmp_path: Path
) -> None:
    make_backup(filled, tmp_path / "all.zip")
    runner.upgrade(empty)
    connection = make_driver(empty).connect()
    if not is_used:
        connection.close()

    done = invoke(tmp_path, "restore", "all.zip", **environment_of(empty))
    connection.close()

    assert done.exit_code == 0, done.output
    assert ("Stop the service first" in done.stderr) == is_used


def test_r13_what_the_servers_of_a_cluster_keep_among_themselves_is_no_use(new_database: NewDatabase) -> None:
    settings = new_database("postgresql")

    with psycopg.connect(settings.database_url, application_name="citus_internal gpid=20000031785"):
        assert not is_in_use(settings)


def test_r13_looking_for_others_leaves_the_database_as_it_is(filled: Settings, tmp_path: Path) -> None:
    refused = invoke(tmp_path, "restore", "nothing.zip", **environment_of(filled))

    with runner.snapshot(filled) as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        assert not is_sqlite or connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    assert refused.exit_code == 1
