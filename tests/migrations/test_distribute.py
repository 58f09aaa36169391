"""Sharding: what is distributed and what is kept, what has to be there before, how it is told.

Without a cluster the catalog of Citus is stood in for by tables and functions of these names; `tests/distributed` has
the same commands on a real one.
"""

from pathlib import Path

import pytest
from sqlalchemy import text

from bucketlist import models
from bucketlist.cli.schema import prepare
from bucketlist.config import Settings, load_settings
from bucketlist.migrations import distribution, runner
from bucketlist.migrations.runner import MigrationError
from tests import citus, databases
from tests.commands import refusal, succeed
from tests.raw_database import environment_of, open_database

pytestmark = citus.is_acted

CATALOG = """
CREATE TABLE pg_dist_node (nodeid int, groupid int, nodename text, nodeport int, noderole text DEFAULT 'primary',
  isactive bool DEFAULT true, shouldhaveshards bool);
INSERT INTO pg_dist_node (nodeid, groupid, nodename, nodeport, shouldhaveshards)
  VALUES (1, 0, 'coordinator', 5432, false), (2, 1, 'one', 5432, true), (3, 2, 'two', 5432, true);
CREATE TABLE pg_dist_partition (logicalrelid regclass, partmethod text);
CREATE TABLE answers (command text, nodeid int, success bool DEFAULT true, result text);
INSERT INTO answers SELECT command, nodeid, true, said FROM pg_dist_node, (VALUES
  ('SHOW max_prepared_transactions', '100'), ('SHOW lock_timeout', '3s')) AS x (command, said);
CREATE FUNCTION run_command_on_all_nodes(asked text) RETURNS TABLE (nodeid int, success bool, result text)
  LANGUAGE sql AS $$ SELECT nodeid, success, result FROM answers WHERE command = asked $$;
CREATE FUNCTION create_distributed_table(regclass, text, colocate_with text) RETURNS void
  LANGUAGE sql AS $$ INSERT INTO pg_dist_partition VALUES ($1, 'h') $$;
CREATE FUNCTION citus_add_local_table_to_metadata(regclass) RETURNS void
  LANGUAGE sql AS $$ INSERT INTO pg_dist_partition VALUES ($1, 'n') $$;
CREATE FUNCTION truncate_local_data_after_distributing_table(regclass) RETURNS void LANGUAGE sql AS '';
"""
NO_LOCK_TIMEOUT = "UPDATE answers SET result = '0' WHERE command = 'SHOW lock_timeout' AND nodeid = 3"
ABOUT_LOCKS = (
    "The role has no lock_timeout at two:5432, where nobody may wait without end; "
    "ALTER ROLE postgres SET lock_timeout = '3s' first, on every server."
)
UNREADY = {
    "DELETE FROM pg_dist_node WHERE nodeid = 1": distribution.NO_COORDINATOR,
    "DELETE FROM pg_dist_node WHERE nodeid > 1": distribution.NO_SERVERS,
    "UPDATE answers SET success = false, result = 'no route' WHERE nodeid = 2": (
        "These servers do not answer: one:5432 (no route)."
    ),
    "UPDATE answers SET result = '0' WHERE command LIKE '%prepared%' AND nodeid > 1": (
        "max_prepared_transactions is 0 at one:5432, two:5432, so that no transaction on two servers would be safe; "
        "set it to max_connections or more, and restart them."
    ),
    NO_LOCK_TIMEOUT: ABOUT_LOCKS,
}
OWNED = [table.name for table in models.OWNED]
KEPT = [*sorted(table.name for table in models.DIRECTORY), distribution.REVISION]


@pytest.fixture
def plain(postgres_url: str, tmp_path: Path) -> Settings:
    """A database with its schema, on one server."""
    url = databases.create_database(postgres_url)
    settings = load_settings(app_setting="testing", secret_key="a-key", database_url=url, data_dir=tmp_path)
    runner.upgrade(settings)
    return settings


@pytest.fixture
def cluster(plain: Settings) -> Settings:
    """One that says it were the coordinator of two servers."""
    say(plain, CATALOG)
    databases.pretend_citus(plain.database_url)
    return plain


def say(settings: Settings, sql: str) -> None:
    with open_database(settings) as connection:
        connection.execute(text(sql))


def methods_of(settings: Settings) -> dict[str, str]:
    """How each table is distributed: `h` by a hash of its column, `n` not at all, though the cluster knows it."""
    with open_database(settings) as connection:
        found = connection.execute(
            text("SELECT relname, partmethod FROM pg_dist_partition JOIN pg_class ON oid = logicalrelid")
        )
        return {row.relname: row.partmethod for row in found}


def test_all_is_distributed_and_the_directory_kept_and_that_once(cluster: Settings, tmp_path: Path) -> None:
    world = environment_of(cluster)

    told = [succeed(tmp_path, "db", "distribute", "--yes", **world) for _ in range(2)]

    assert told == [f"Distributed: {', '.join(OWNED + KEPT)}.\n", "All is distributed already.\n"]
    assert methods_of(cluster) == dict.fromkeys(OWNED, "h") | dict.fromkeys(KEPT, "n")


def test_without_somebody_to_ask_it_says_what_it_would_do(cluster: Settings, tmp_path: Path) -> None:
    told = refusal(tmp_path, "db", "distribute", **environment_of(cluster))

    assert told == (
        f"This distributes by user, to one:5432, two:5432: {', '.join(OWNED)}; and keeps at the coordinator: "
        f"{', '.join(KEPT)}. Nothing was changed; --yes goes on."
    )
    assert methods_of(cluster) == {}


@pytest.mark.parametrize(("sql", "sentence"), UNREADY.items())
def test_what_is_not_ready_is_not_distributed(cluster: Settings, sql: str, sentence: str, tmp_path: Path) -> None:
    say(cluster, sql)

    assert refusal(tmp_path, "db", "distribute", "--yes", **environment_of(cluster)) == sentence
    assert methods_of(cluster) == {}


def test_a_plain_database_is_not_distributed(plain: Settings, tmp_path: Path) -> None:
    on_sqlite = environment_of(plain) | {"DATABASE_URL": ""}

    assert refusal(tmp_path, "db", "distribute", **environment_of(plain)) == distribution.NO_EXTENSION
    assert refusal(tmp_path, "db", "distribute", **on_sqlite) == distribution.NO_POSTGRESQL


def test_a_migration_distributes_what_it_adds(cluster: Settings, tmp_path: Path) -> None:
    distribution.distribute_all(cluster)
    runner.downgrade(cluster, "0008")
    before = methods_of(cluster)

    runner.upgrade(cluster)

    assert "tombstones" not in before
    assert methods_of(cluster)["tombstones"] == "h"
    assert distribution.plan(cluster) is None


def test_a_table_that_was_added_without_is_distributed_alone(cluster: Settings, tmp_path: Path) -> None:
    distribution.distribute_all(cluster)
    say(cluster, "DELETE FROM pg_dist_partition WHERE logicalrelid = 'tombstones'::regclass")

    told = succeed(tmp_path, "db", "distribute", "--yes", **environment_of(cluster))

    assert told == "Distributed: tombstones.\n"


def test_nothing_starts_where_locks_are_waited_for_without_end(cluster: Settings) -> None:
    say(cluster, NO_LOCK_TIMEOUT)

    with pytest.raises(MigrationError) as refused:
        prepare(cluster)

    assert str(refused.value) == ABOUT_LOCKS
