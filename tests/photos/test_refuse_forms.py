"""Multipart forms: whatever is wrong with one is told, is no failure of ours, and leaves nothing behind."""

import pytest

from bucketlist.config import Settings
from bucketlist.kit.file_storage import files
from tests.conftest import on_sqlite
from tests.people import BOUNDARY, Form, Person, multipart
from tests.pictures import encoded, noise, small_jpeg
from tests.raw_database import read_all_tables
from tests.responses import errors_of, json_of
from tests.workers import WorkerWith

pytestmark = on_sqlite  # what is refused comes to no database
TYPE = f"multipart/form-data; boundary={BOUNDARY}"
WHOLE = multipart({"file": small_jpeg()})
HEAD = f"--{BOUNDARY}\r\nContent-Disposition: form-data"


@pytest.fixture
def path(ada: Person) -> str:
    """Where Ada adds photos."""
    return f"/v1/items/{ada.make_item(ada.make_bucket()['id'])['id']}/photos"


BODIES: dict[str, tuple[bytes, str, int]] = {
    "not a form": (b"hello", TYPE, 400),
    "cut off": (WHOLE[:-10], TYPE, 400),
    "cut off in a head": (WHOLE[:30], TYPE, 400),
    "another boundary": (WHOLE, "multipart/form-data; boundary=other", 400),
    "no boundary": (WHOLE, "multipart/form-data", 400),
    "a long boundary": (WHOLE, f"multipart/form-data; boundary={'x' * 300}", 400),
    "no name": (f"{HEAD}\r\n\r\nx\r\n--{BOUNDARY}--".encode(), TYPE, 400),
    "no disposition": (f"--{BOUNDARY}\r\nX: y\r\n\r\nx\r\n--{BOUNDARY}--".encode(), TYPE, 400),
    "an endless head": (f"{HEAD}; name=file; x={'x' * 600_000}".encode(), TYPE, 400),
    "no text": (multipart({"file": small_jpeg()}).replace(b'name="file"', b'name="caption"'), TYPE, 400),
    "many parts": (multipart({f"part{n}": "x" for n in range(100)}), TYPE, 400),
    "a long text": (multipart({"file": small_jpeg(), "caption": "x" * 100_000}), TYPE, 413),
    "JSON": (b'{"file": ""}', "application/json", 415),
    "another kind of form": (b"file=x", "application/x-www-form-urlencoded", 415),
    "no media type": (WHOLE, "", 415),
}


@pytest.mark.parametrize("what", BODIES)
def test_a_body_that_is_no_form_is_told(ada: Person, settings: Settings, path: str, what: str) -> None:
    body, media_type, status = BODIES[what]
    before = read_all_tables(settings)

    response = ada.client.post(
        path, data=body, content_type=media_type, headers={"Authorization": f"Bearer {ada.access_token}"}
    )

    assert response.status_code == status, response.text
    assert read_all_tables(settings) == before


def test_a_boundary_is_as_short_as_a_letter(ada: Person, path: str) -> None:
    body, media_type = WHOLE.replace(BOUNDARY.encode(), b"x"), "multipart/form-data; boundary=x"

    response = ada.client.post(
        path, data=body, content_type=media_type, headers={"Authorization": f"Bearer {ada.access_token}"}
    )

    assert response.status_code == 201, response.text


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({}, ("/file", "missing")),
        ({"caption": "x"}, ("/file", "missing")),
        ({"file": b""}, ("/file", "photo_format")),
        ({"file": b"GIF89a"}, ("/file", "photo_format")),
        ({"file": small_jpeg(), "colour": "red"}, ("/colour", "extra_forbidden")),
        ({"file": small_jpeg(), "position": "1"}, ("/position", "extra_forbidden")),
        ({"file": small_jpeg(), "caption": "x" * 501}, ("/caption", "string_too_long")),
        ({"file": small_jpeg(), "caption": "a\0b"}, ("/caption", "control_character")),
        ({"file": small_jpeg(), "caption": "a\nb"}, ("/caption", "control_character")),
        ({"file": encoded(noise())[:500]}, ("/file", "photo_damaged")),
    ],
)
def test_a_form_that_is_wrong_says_where(
    ada: Person, settings: Settings, path: str, form: dict[str, bytes | str], told: tuple[str, str]
) -> None:
    before = read_all_tables(settings)

    response = ada.post(path, Form(form))

    assert errors_of(response) == [told]
    assert read_all_tables(settings) == before


def test_a_part_that_comes_twice_is_refused(ada: Person, path: str) -> None:
    twice = WHOLE.removesuffix(f"--{BOUNDARY}--\r\n".encode()) + WHOLE

    response = ada.client.post(
        path, data=twice, content_type=TYPE, headers={"Authorization": f"Bearer {ada.access_token}"}
    )

    assert errors_of(response) == [("/file", "repeated")]


@pytest.mark.parametrize("megabytes", [25.1, 30])
def test_a_file_that_is_too_large_is_refused(ada: Person, path: str, megabytes: float) -> None:
    large = small_jpeg() + bytes(int(megabytes * 1024 * 1024))

    response = ada.upload(path, large)

    assert response.status_code == 413
    assert json_of(ada.get(path))["count"] == 0


def test_nobody_keeps_more_than_the_quota(worker_with: WorkerWith, ada: Person, path: str) -> None:
    client = worker_with(storage_quota=1).test_client()
    large = small_jpeg() + bytes(600 * 1024)
    sent = {"data": multipart({"file": large}), "content_type": TYPE}
    headers = {"Authorization": f"Bearer {ada.access_token}"}

    first, second = (client.post(path, headers=headers, **sent) for _ in range(2))

    assert (first.status_code, second.status_code) == (201, 409)
    assert json_of(second)["code"] == "storage_full"
    assert json_of(client.get("/v1/users/me", headers=headers))["storageQuotaBytes"] == 1024 * 1024
    ada.delete(f"/v1/photos/{json_of(first)['id']}")
    assert json_of(client.post(path, headers=headers, **sent))["code"] == "storage_full"  # it lies in the trash
    ada.delete("/v1/trash")
    assert client.post(path, headers=headers, **sent).status_code == 201


def test_nobody_keeps_more_photos_than_there_may_be(ada: Person, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bucketlist.photos.service.MOST_PHOTOS", 1)

    first, second = (ada.upload(path, small_jpeg()) for _ in range(2))

    assert (first.status_code, second.status_code, json_of(second)["code"]) == (201, 409, "limit_reached")


@pytest.mark.parametrize(
    ("header", "status", "part"),
    [
        ("bytes=0-9", 206, (0, 10)),
        ("bytes=10-", 206, (10, None)),
        ("bytes=-5", 206, (-5, None)),
        ("bytes=-999999999", 206, (0, None)),
        ("bytes=0-999999999", 206, (0, None)),
        ("bytes=999999999-", 416, None),
        ("bytes=-0", 416, None),
        ("bytes=0-1,3-4", 200, (0, None)),
        ("bytes=5-1", 200, (0, None)),
        ("lines=1-2", 200, (0, None)),
        ("nonsense", 200, (0, None)),
        ("bytes=" + "0-1," * 2000, 200, (0, None)),
    ],
)
def test_ada_gets_the_part_that_she_asks_for(
    ada: Person, path: str, header: str, status: int, part: tuple[int, int | None] | None
) -> None:
    data = encoded(noise())
    original = f"/v1/photos/{json_of(ada.upload(path, data))['id']}/original"
    etag = ada.get(original).headers["ETag"]

    response = ada.get(original, Range=header)

    assert response.status_code == status
    if part:
        assert response.data == data[slice(*part)]
        assert response.content_length == len(response.data)
    assert (response.headers.get("Content-Range") is not None) == (status != 200)
    assert ada.get(original, Range="bytes=0-9", If_Range=etag).status_code == 206
    assert ada.get(original, Range="bytes=0-9", If_Range='"other"').data == data
    assert ada.get(original, If_None_Match=etag).status_code == 304
    assert ada.ask("HEAD", original).content_length == len(data)


def test_a_file_that_is_lost_is_told_and_not_a_failure_of_ours(ada: Person, path: str) -> None:
    photo = json_of(ada.upload(path, small_jpeg()))
    files().remove_owner(ada.id)

    assert ada.get(f"/v1/photos/{photo['id']}/preview").status_code == 503
