"""A backup while people write: nobody notices, and it shows one moment for everybody."""

from pathlib import Path

import pytest

from bucketlist.backup.backups import restore_backup
from bucketlist.backup.verify import find_problems
from bucketlist.config import Settings
from bucketlist.models import items
from tests.backup.conftest import NewDatabase
from tests.bulk import insert_rows, item_rows
from tests.concurrency import wait_until
from tests.load import Asked, Load, names_of_items, under_load
from tests.raw_database import environment_of, open_database
from tests.servers import LiveServer, run_command, start_server
from tests.serving.wire import sign_up

BACKUPS = 2
ITEMS_BEFOREHAND = 5_000

pytestmark = pytest.mark.slow


def fill(server: LiveServer, settings: Settings) -> None:
    """So many items that a backup takes its time."""
    somebody = sign_up(server)
    user_id = somebody.ask("GET", "/v1/users/me").json["id"]
    bucket = somebody.ask("POST", "/v1/buckets", {"name": "Beforehand"}).json
    insert_rows(settings, items, item_rows(user_id, bucket["id"], ITEMS_BEFOREHAND))


def back_up_while_they_write(settings: Settings, folder: Path) -> list[Asked]:
    """Some backups, one after the other; what was written from before the first until after the last."""
    with start_server(folder, **environment_of(settings) | {"RATELIMIT_ENABLED": "false"}) as server:
        fill(server, settings)
        with under_load(sign_up(server), ()) as load:
            for number in range(BACKUPS):
                wait_for_more(load)
                ended = run_command(folder, "backup", f"{number}.zip", **environment_of(settings))
                assert ended.returncode == 0, ended.stderr
            wait_for_more(load)
        assert '"status":5' not in server.log
    return load.made


def wait_for_more(load: Load) -> None:
    before = len(load.made)
    wait_until(lambda: len(load.made) > before + 10)


def test_nobody_notices_a_backup_and_it_shows_one_moment(kind: str, new_database: NewDatabase, tmp_path: Path) -> None:
    made = back_up_while_they_write(new_database(kind), tmp_path)

    assert {asked.answer.status for asked in made} == {201}
    sizes = []
    for number in range(BACKUPS):
        restored = new_database(kind)
        restore_backup(restored, tmp_path / f"{number}.zip")
        with open_database(restored) as connection:
            inside = names_of_items(connection)
        last_begun = max(asked.sent_at for asked in made if asked.name in inside)
        first_missing = min(asked.answered_at for asked in made if asked.name not in inside)
        assert last_begun < first_missing, "it has something that was begun after something else, not in it, was done"
        assert find_problems(restored) == []
        sizes.append(len(inside))
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[-1] < ITEMS_BEFOREHAND + len(made)
