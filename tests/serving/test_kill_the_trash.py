"""Crash recovery of the trash: kill -9 while things are deleted, restored and emptied; nothing is lost or doubled.

What was answered is so; what was not is done as a whole, or not at all.
"""

import hashlib
import http.client
import os
from contextlib import suppress
from pathlib import Path
from random import Random
from threading import Thread
from time import sleep

import pytest

from bucketlist.config import Settings
from bucketlist.migrations import runner
from tests.conftest import Tell
from tests.processes import Service
from tests.serving.keepers import Keeper
from tests.serving.uploads import check_whole
from tests.serving.wire import Visitor, sign_up

pytestmark = pytest.mark.slow
KILLS = int(os.environ.get("KILLS", "2"))
SEED = os.environ.get("KILLS_SEED", "1")
KEEPERS = 3  # people at once
LONGEST_LIFE = 1.5  # seconds until the next kill


def keep_on(keeper: Keeper) -> None:
    """Until the server is dead."""
    with suppress(OSError, http.client.HTTPException):
        while True:
            keeper.do_something()


def check(keeper: Keeper) -> None:
    """The lists, the trash, what the feed told, and the files are what this person knows."""
    keeper.settle(keeper.look())
    keeper.follow()
    assert keeper.copy.keys() == keeper.seen().ids
    for thing_id in keeper.seen().ids & keeper.pictures.keys():
        original, *copies = (
            keeper.visitor.ask("GET", f"/v1/photos/{thing_id}/{form}") for form in ("original", "preview", "thumbnail")
        )
        assert hashlib.sha256(original.body).digest() == keeper.pictures[thing_id]
        assert all(copy.status == 200 and copy.body for copy in copies)


def kill_at_work(service: Service, keepers: list[Keeper], seconds: float) -> None:
    for keeper in keepers:
        keeper.stock_up()
    hands = [Thread(target=keep_on, args=(keeper,)) for keeper in keepers]
    for hand in hands:
        hand.start()
    sleep(seconds)
    service.kill()
    for hand in hands:
        hand.join()


def start_and_check(service: Service, keepers: list[Keeper]) -> None:
    server = service.start()
    for keeper in keepers:
        keeper.visitor = Visitor(server, keeper.visitor.email, keeper.visitor.token)
        check(keeper)


@pytest.mark.parametrize("fresh_url", ["sqlite", "postgresql"], indirect=True)
def test_nothing_is_lost_or_doubled_on_its_way_to_the_trash_and_back(
    fresh_url: str, tmp_path: Path, tell: Tell
) -> None:
    settings = Settings(database_url=fresh_url, data_dir=tmp_path / "data", secret_key="a-key", app_setting="testing")
    runner.upgrade(settings)
    moments = Random(SEED)
    service = Service(tmp_path, DATABASE_URL=fresh_url)
    try:
        server = service.start()
        keepers = [Keeper(sign_up(server), Random(f"{SEED} {number}")) for number in range(KEEPERS)]
        for _ in range(KILLS):
            kill_at_work(service, keepers, moments.uniform(0.05, LONGEST_LIFE))
            start_and_check(service, keepers)
        for keeper in keepers:
            keeper.restore_all()
            check(keeper)
    finally:
        with suppress(AssertionError):
            service.kill()

    told, unknown = (
        sum(numbers) for numbers in zip(*((keeper.done, keeper.unknown) for keeper in keepers), strict=True)
    )
    where = fresh_url.partition(":")[0] or "SQLite"
    tell(f"{where}, {KILLS} kills: {told:,} requests were acknowledged, {unknown} were not")
    check_whole(settings, {photo for keeper in keepers for photo in keeper.pictures.keys() & keeper.things.keys()})
