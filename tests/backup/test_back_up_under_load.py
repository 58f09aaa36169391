"""A backup while people write: nobody notices, and it shows one moment for everybody."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path

import pytest
from sqlalchemy import text

from bucketlist.backup.backups import restore_backup
from bucketlist.backup.verify import find_problems
from bucketlist.config import Settings
from bucketlist.models import items
from tests.backup.conftest import NewDatabase
from tests.backup.steps import environment_of
from tests.bulk import insert_rows, item_rows
from tests.patience import LONG
from tests.raw_database import open_database
from tests.servers import LiveServer, run_command, start_server
from tests.serving.wire import Visitor, ask_on, sign_up

WRITERS = 3
PAUSE_SECONDS = 0.01
BACKUPS = 2
ITEMS_BEFOREHAND = 5_000

pytestmark = pytest.mark.slow


@dataclass
class Writer:
    """Adds items with numbers, one after the other, and knows when each was begun and acknowledged."""

    visitor: Visitor
    number: int
    times: dict[str, tuple[float, float]] = field(default_factory=dict)
    failures: list[tuple[int, bytes]] = field(default_factory=list)

    def write_until(self, stop: threading.Event) -> None:
        with closing(HTTPConnection("127.0.0.1", self.visitor.server.port, timeout=LONG)) as connection:
            headers = {"Authorization": f"Bearer {self.visitor.token}"}
            made = ask_on(connection, "POST", "/v1/buckets", {"name": "Under load"}, **headers)
            path = f"/v1/buckets/{made.json['id']}/items"
            while not stop.is_set():
                name = f"writer {self.number} item {len(self.times):06}"
                begun = time.monotonic()
                answer = ask_on(connection, "POST", path, {"name": name}, **headers)
                self.times[name] = (begun, time.monotonic())
                time.sleep(PAUSE_SECONDS)
                if answer.status != 201:
                    self.failures.append((answer.status, answer.body))


@pytest.fixture
def busy(kind: str, new_database: NewDatabase, tmp_path: Path) -> Settings:
    """The settings of the server's database."""
    return new_database(kind)


def fill(server: LiveServer, settings: Settings) -> None:
    """So many items that a backup takes its time."""
    somebody = sign_up(server)
    user_id = somebody.ask("GET", "/v1/users/me").json["id"]
    bucket = somebody.ask("POST", "/v1/buckets", {"name": "Beforehand"}).json
    insert_rows(settings, items, item_rows(user_id, bucket["id"], ITEMS_BEFOREHAND))


def back_up_while_they_write(settings: Settings, folder: Path) -> list[Writer]:
    """Some backups, one after the other; all writers have begun before the first and end after the last."""
    with start_server(folder, **environment_of(settings) | {"RATELIMIT_ENABLED": "false"}) as server:
        fill(server, settings)
        writers = [Writer(sign_up(server), number) for number in range(WRITERS)]
        stop = threading.Event()
        with ThreadPoolExecutor(WRITERS) as threads:
            at_work = [threads.submit(writer.write_until, stop) for writer in writers]
            try:
                for number in range(BACKUPS):
                    ended = run_command(folder, "backup", f"{number}.zip", **environment_of(settings))
                    assert ended.returncode == 0, ended.stderr
            finally:
                stop.set()
            for work in at_work:
                work.result()
        assert '"status":5' not in server.log
    return writers


def names_in(settings: Settings) -> set[str]:
    with open_database(settings) as connection:
        rows = connection.execute(text("SELECT name FROM items WHERE name LIKE 'writer %'"))
        return {str(name) for (name,) in rows}


def test_nobody_notices_a_backup_and_it_shows_one_moment(
    busy: Settings, kind: str, new_database: NewDatabase, tmp_path: Path
) -> None:
    writers = back_up_while_they_write(busy, tmp_path)

    assert [writer.failures for writer in writers] == [[]] * WRITERS
    assert min(len(writer.times) for writer in writers) > 10
    times = {name: when for writer in writers for name, when in writer.times.items()}
    sizes = []
    for number in range(BACKUPS):
        restored = new_database(kind)
        restore_backup(restored, tmp_path / f"{number}.zip")
        inside = names_in(restored)
        last_begun = max(times[name][0] for name in inside)
        first_missing = min(end for name, (_, end) in times.items() if name not in inside)
        assert last_begun < first_missing, "it has something that was begun after something else, not in it, was done"
        assert find_problems(restored) == []
        sizes.append(len(inside))
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[-1] < len(times)
