"""Multipart upload over real HTTP, and what a server that was killed again and again has to have at the end."""

import http.client
from contextlib import closing
from datetime import timedelta
from typing import Any

import time_machine

from bucketlist.app import create_app
from bucketlist.backup.verify import find_problems
from bucketlist.config import Settings
from bucketlist.config.storage import file_storage_of
from bucketlist.kit import clock
from bucketlist.ops.pruning import prune
from bucketlist.services import services_of
from tests.patience import LONG
from tests.people import BOUNDARY, multipart
from tests.serving.wire import Answer, Visitor


def send_photo(visitor: Visitor, path: str, key: str, picture: bytes) -> Answer:
    headers = {
        "Authorization": f"Bearer {visitor.token}",
        "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
        "Idempotency-Key": key.replace(" ", "-"),
    }
    with closing(http.client.HTTPConnection("127.0.0.1", visitor.server.port, timeout=LONG)) as connection:
        connection.request("POST", path, multipart({"file": picture}), headers)
        with connection.getresponse() as response:
            return Answer(response.status, {}, response.read())


def everything(visitor: Visitor, name: str, path: str = "") -> list[dict[str, Any]]:
    """All pages of a list."""
    found: list[dict[str, Any]] = []
    following: str | None = f"{path or f'/v1/{name}'}?limit=100"
    while following:
        page = visitor.ask("GET", following).json
        found += page[name]
        following = page["next"]
    return found


def check_whole(settings: Settings, photo_ids: set[str]) -> None:
    """After what is swept the day after the day after, there are the files of these photos, and `verify` is content."""
    app = create_app(settings)
    with services_of(app).at_work() as services, time_machine.travel(clock.now() + timedelta(days=2)):
        prune()
        services.database.pool.close()
    kept = {key.file_id for key in file_storage_of(settings).find_keys(clock.now() + timedelta(days=1))}
    assert (kept, find_problems(settings)) == (photo_ids, [])
