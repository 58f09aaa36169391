"""Lock waits on a real cluster: whoever waits for a shard that is moved hears nothing of a twin."""

from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest

from bucketlist.config import Settings
from bucketlist.kit.http.openapi import ApiApp
from tests import citus
from tests.conftest import on_postgresql
from tests.limits.test_repeat_in_parallel import BLOCK, make_bucket
from tests.people import Person
from tests.responses import code_of

pytestmark = [pytest.mark.slow, citus.needs_citus, on_postgresql]

SHARD = """
SELECT shardid, nodeport FROM pg_dist_shard_placement
WHERE shardid = get_shard_id_for_distribution_column('users', CAST(%s AS uuid))
"""
MOVE = "SELECT citus_move_shard_placement(%s::bigint, '127.0.0.1', %s::int, '127.0.0.1', %s::int, 'block_writes')"


@pytest.fixture
def other(settings: Settings, app: ApiApp) -> Iterator[psycopg.Connection]:
    """Somebody else’s transaction."""
    with closing(psycopg.connect(settings.database_url)) as connection:
        yield connection


def test_who_writes_to_a_shard_that_is_moved_is_told_to_come_again(
    app: ApiApp, ada: Person, other: psycopg.Connection
) -> None:
    found = other.execute(SHARD, [ada.id]).fetchone()
    assert found
    shard, port = found
    target = next(int(other_port) for other_port in citus.PORTS[1:] if int(other_port) != port)
    other.execute(MOVE, [shard, port, target])

    meanwhile = make_bucket(app, ada)
    other.commit()

    assert code_of(meanwhile) == (503, "unavailable")
    assert meanwhile.headers["Retry-After"]
    assert make_bucket(app, ada).status_code == 201


def test_a_twin_that_waits_on_another_server_is_told_so(app: ApiApp, ada: Person, other: psycopg.Connection) -> None:
    other.execute(BLOCK, [ada.id])

    meanwhile = make_bucket(app, ada)
    other.rollback()

    assert code_of(meanwhile) == (409, "request_in_progress")
    assert make_bucket(app, ada).status_code == 201
