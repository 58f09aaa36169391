"""Crash recovery of uploads: kill -9 while photos come and go; no row is left without its files, and nothing is lost.

A photo whose upload was answered is there, to the byte; one that was not is there once when it is sent again with its
Idempotency-Key. Files without a row are swept.
"""

import hashlib
import http.client
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from random import uniform
from threading import Event, Lock, Thread
from time import sleep
from typing import Any

import pytest

from bucketlist.config import Settings
from bucketlist.migrations import runner
from bucketlist.photos.service import FORMS
from tests.conftest import Tell
from tests.object_stores import NewFilesUrl
from tests.pictures import encoded, noise
from tests.processes import Service
from tests.serving.uploads import check_whole, everything, send_photo
from tests.serving.wire import Visitor, sign_up

pytestmark = pytest.mark.slow
KILLS = int(os.environ.get("KILLS", "2"))
HANDS = 3  # that upload at once
LONGEST_LIFE = 1.5  # seconds until the next kill


@dataclass
class Somebody:
    """Uploads pictures that are all different, deletes every third, and knows what was answered."""

    visitor: Visitor
    item: str
    kept: dict[str, bytes] = field(default_factory=dict)  # by id
    unanswered: dict[str, bytes] = field(default_factory=dict)  # by key: uploads of which nobody knows
    maybe_gone: set[str] = field(default_factory=set)
    read: set[str] = field(default_factory=set)  # those whose bytes were looked at after a kill
    lock: Lock = field(default_factory=Lock)
    numbers: Iterator[int] = field(default_factory=count)

    def upload(self, key: str, picture: bytes) -> str:
        """Raises: `OSError`, `HTTPException`."""
        answer = send_photo(self.visitor, f"/v1/items/{self.item}/photos", key, picture)
        assert answer.status == 201, answer.body
        photo_id: str = answer.json["id"]
        with self.lock:
            self.unanswered.pop(key, None)
            self.kept[photo_id] = picture
        return photo_id

    def go_on(self, is_over: Event) -> None:
        """Until it is over, or the server is dead."""
        while not is_over.is_set():
            number = next(self.numbers)
            picture = encoded(noise((64, 48))) + os.urandom(200_000)
            with self.lock:
                self.unanswered[f"key {number}"] = picture
            try:
                photo_id = self.upload(f"key {number}", picture)
                if number % 3 == 0:
                    self.delete(photo_id)
            except (OSError, http.client.HTTPException):
                return

    def delete(self, photo_id: str) -> None:
        with self.lock:
            self.maybe_gone.add(photo_id)
            self.kept.pop(photo_id)
        assert self.visitor.ask("DELETE", f"/v1/photos/{photo_id}").status == 204
        with self.lock:
            self.maybe_gone.discard(photo_id)

    def send_again(self) -> None:
        for key, picture in list(self.unanswered.items()):
            self.upload(key, picture)


@contextmanager
def uploading(somebody: Somebody) -> Iterator[None]:
    is_over = Event()
    hands = [Thread(target=somebody.go_on, args=(is_over,)) for _ in range(HANDS)]
    for hand in hands:
        hand.start()
    try:
        yield
    finally:
        is_over.set()
        for hand in hands:
            hand.join()


def photos_of(visitor: Visitor) -> dict[str, Any]:
    return {photo["id"]: photo for photo in everything(visitor, "photos")}


def check(somebody: Somebody) -> None:
    """What there is now is what was answered, whole; what was being deleted is gone, or whole as well.

    Bytes that were read after an earlier kill are read again at the end only: to read all each time would take longest.
    """
    found = photos_of(somebody.visitor)
    assert set(somebody.kept) <= set(found) <= set(somebody.kept) | somebody.maybe_gone
    for photo_id in found.keys() - somebody.read:
        photo = found[photo_id]
        original, *copies = (somebody.visitor.ask("GET", f"/v1/photos/{photo_id}/{form}") for form in FORMS)
        assert hashlib.sha256(original.body).hexdigest() == photo["sha256"]
        assert original.body == somebody.kept.get(photo_id, original.body)
        assert all(copy.status == 200 and copy.body for copy in copies)
        somebody.read.add(photo_id)


@pytest.fixture(params=["folder", "object store"])
def files_url(request: pytest.FixtureRequest) -> str:
    """Where files are: nothing for a folder."""
    if request.param == "folder":
        return ""
    new_files_url: NewFilesUrl = request.getfixturevalue("new_files_url")
    return new_files_url()


@pytest.fixture
def kept_there(fresh_url: str, files_url: str, tmp_path: Path) -> Settings:
    settings = Settings(
        database_url=fresh_url,
        files_url=files_url,
        data_dir=tmp_path / "data",
        secret_key="a-key",
        app_setting="testing",
    )
    runner.upgrade(settings)
    return settings


def kill_at_work(service: Service, somebody: Somebody) -> None:
    with uploading(somebody):
        sleep(uniform(0.05, LONGEST_LIFE))
        service.kill()
    somebody.visitor = Visitor(service.start(), somebody.visitor.email, somebody.visitor.token)
    somebody.send_again()
    check(somebody)


@pytest.mark.parametrize("fresh_url", ["sqlite", "postgresql"], indirect=True)
def test_no_upload_that_was_answered_is_lost_and_no_row_is_without_its_files(
    fresh_url: str, files_url: str, kept_there: Settings, tmp_path: Path, tell: Tell
) -> None:
    service = Service(tmp_path, DATABASE_URL=fresh_url, FILES_URL=files_url)
    try:
        visitor = sign_up(service.start())
        bucket = visitor.ask("POST", "/v1/buckets", {"name": "Far away"}).json["id"]
        item = visitor.ask("POST", f"/v1/buckets/{bucket}/items", {"name": "See it"}).json["id"]
        somebody = Somebody(visitor, item)
        for _ in range(KILLS):
            kill_at_work(service, somebody)
        somebody.read.clear()
        check(somebody)
        rows = set(photos_of(somebody.visitor))
        assert somebody.visitor.ask("DELETE", "/v1/trash").status == 204
    finally:
        with suppress(AssertionError):
            service.kill()

    where = f"{fresh_url.partition(':')[0] or 'SQLite'}, {'object store' if files_url else 'folder'}"
    tell(f"{where}, {KILLS} kills: {next(somebody.numbers)} pictures were sent, {len(rows)} of them are there")
    check_whole(kept_there, rows)
