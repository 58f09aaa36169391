"""R8, crash recovery: kill -9 in the middle of a deletion in batches; what was deleted stays gone, to the end.

PostgreSQL knows nothing of its table yet, as autovacuum is off here, and as after a restore; it deletes all the same.
"""

import http.client
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import text

from bucketlist.config import Settings
from bucketlist.migrations import runner
from bucketlist.models import items
from tests.bulk import insert_rows, item_rows
from tests.concurrency import wait_until
from tests.processes import Service
from tests.raw_database import open_database
from tests.servers import run_command
from tests.serving.wire import Visitor, sign_up

pytestmark = pytest.mark.slow
COUNT = 30_000  # thirty batches


def count(settings: Settings, table: str) -> int:
    with open_database(settings) as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())  # noqa: S608  # a name of ours


@contextmanager
def deleting(somebody: Visitor, path: str) -> Iterator[None]:
    """Somebody asks for it, and for good, and may never hear of it."""

    def delete() -> None:
        with suppress(OSError, http.client.HTTPException):
            somebody.ask("DELETE", path)
            somebody.ask("DELETE", "/v1/trash")

    asking = Thread(target=delete)
    asking.start()
    yield
    asking.join()


@pytest.mark.threat(row=53)
@pytest.mark.parametrize("fresh_url", ["sqlite", "postgresql"], indirect=True)
def test_r8_what_a_killed_server_was_deleting_stays_gone_and_goes_to_its_end(fresh_url: str, tmp_path: Path) -> None:
    settings = Settings(database_url=fresh_url, data_dir=tmp_path / "data")
    runner.upgrade(settings)
    service = Service(tmp_path, DATABASE_URL=fresh_url)
    try:
        somebody = sign_up(service.start())
        bucket = somebody.ask("POST", "/v1/buckets", {"name": "Large"}).json
        user_id = somebody.ask("GET", "/v1/users/me").json["id"]
        insert_rows(settings, items, item_rows(user_id, bucket["id"], COUNT))
        with deleting(somebody, f"/v1/buckets/{bucket['id']}"):
            wait_until(lambda: count(settings, "items") < COUNT)
            service.kill()
        again = Visitor(service.start(), somebody.email, somebody.token)
        status = again.ask("GET", f"/v1/buckets/{bucket['id']}").status
        pruned = run_command(tmp_path, "prune", DATABASE_URL=fresh_url)
    finally:
        service.kill()

    assert (status, pruned.returncode) == (404, 0), pruned.stderr
    assert (count(settings, "items"), count(settings, "buckets"), count(settings, "tombstones")) == (0, 0, 0)
