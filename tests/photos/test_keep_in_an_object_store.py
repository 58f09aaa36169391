"""Object storage of photos: the same over HTTP as from a folder, and 503 while it is away."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from PIL import Image

from bucketlist.kit import clock
from bucketlist.kit.file_storage import FileKey, files
from bucketlist.models import files as table
from bucketlist.ops.pruning import prune
from bucketlist.photos import service
from bucketlist.services import services_of
from tests.conftest import on_sqlite
from tests.object_stores import SECRET, NewFilesUrl, files_url
from tests.people import Person
from tests.pictures import encoded, read_image, small_jpeg
from tests.responses import code_of, json_of
from tests.rows import count_rows
from tests.servers import free_port
from tests.workers import WorkerWith

pytestmark = on_sqlite  # what is in the database does not know where files are
LARGE = 5 * 1024 * 1024  # what has more is put in parts


@pytest.fixture
def ada_there(ada: Person, worker_with: WorkerWith, new_files_url: NewFilesUrl) -> Iterator[Person]:
    """Ada, at a worker that keeps files in an object store."""
    app = worker_with(files_url=new_files_url())
    with services_of(app).at_work():
        yield replace(ada, client=app.test_client())


def keys_of(person: Person) -> set[FileKey]:
    soon = clock.now() + timedelta(hours=1)
    return {key for key in files().find_keys(soon) if key.owner_id == person.id}


def test_ada_gets_back_what_she_sent_whole_and_in_parts(ada_there: Person) -> None:
    picture = encoded(Image.effect_noise((2400, 2400), 90), "PNG")
    item = ada_there.make_item(ada_there.make_bucket()["id"])["id"]

    photo = ada_there.make_photo(item, picture)

    path = f"/v1/photos/{photo['id']}"
    original, preview = (ada_there.get(f"{path}/{form}") for form in ("original", "preview"))
    part = ada_there.get(f"{path}/original", Range="bytes=1000000-1000009")
    assert len(picture) > LARGE
    assert (original.data, part.status_code, part.data) == (picture, 206, picture[1_000_000:1_000_010])
    assert read_image(preview.data).size == (1600, 1600)
    known = original.headers["ETag"]
    assert ada_there.get(f"{path}/original", If_None_Match=known).status_code == 304
    assert ada_there.get(f"{path}/original", Range="bytes=999999999-").status_code == 416
    assert [ada_there.delete(gone).status_code for gone in (path, "/v1/trash")] == [204, 204]
    assert keys_of(ada_there) == set()


def test_orphans_are_swept_and_all_goes_with_an_account(ada_there: Person) -> None:
    photo = ada_there.make_photo(ada_there.make_item(ada_there.make_bucket()["id"])["id"])
    kept = set(service.keys_of(ada_there.id, photo["id"]))
    lost = FileKey(ada_there.id, ada_there.actor.session_id, "original")
    files().put(lost, b"of somebody who was killed before the row was written")

    with time_machine.travel(clock.now() + timedelta(days=2)):
        prune()

    assert keys_of(ada_there) == kept
    assert ada_there.delete("/v1/users/me", {"password": ada_there.password}).status_code == 204
    assert keys_of(ada_there) == set()


def test_while_the_store_is_away_nothing_is_kept_and_the_log_says_why(
    ada: Person, worker_with: WorkerWith, capsys: pytest.CaptureFixture[str]
) -> None:
    item = ada.make_item(ada.make_bucket()["id"])["id"]
    photo = ada.make_photo(item)
    app = worker_with(files_url=files_url(free_port(), "photos"))
    there = replace(ada, client=app.test_client())

    responses = [
        there.upload(f"/v1/items/{item}/photos", small_jpeg()),
        there.get(f"/v1/photos/{photo['id']}/preview"),
    ]

    assert [code_of(response) for response in responses] == [(503, "unavailable")] * 2
    assert count_rows(table) == 1
    told = "".join(capsys.readouterr()) + "".join(response.text for response in responses)
    assert SECRET not in told
    assert json_of(there.get(f"/v1/photos/{photo['id']}")) == photo
