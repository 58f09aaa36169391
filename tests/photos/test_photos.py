"""REST resource photo: add, list, read, look at, change, delete."""

import hashlib
import io
from datetime import timedelta

import pytest
from PIL import Image

from bucketlist.kit import clock
from bucketlist.kit.errors import Unavailable
from bucketlist.kit.file_storage import FileKey, files
from bucketlist.kit.http.openapi import ApiApp
from bucketlist.photos import service
from tests.fault_injection import failing_at
from tests.people import Person
from tests.pictures import encoded, noise, read_image, small_jpeg, with_exif
from tests.responses import errors_of, json_of

FIELDS = {"itemId", "caption", "mediaType", "width", "height", "takenAt", "position"}


@pytest.fixture
def item(ada: Person) -> str:
    """The id of an item of Ada's."""
    made: str = ada.make_item(ada.make_bucket()["id"])["id"]
    return made


def keys_of(person: Person) -> list[FileKey]:
    """Of all files that are kept of somebody, how young they are."""
    soon = clock.now() + timedelta(hours=1)
    return [key for key in files().find_keys(soon) if key.owner_id == person.id]


def test_ada_adds_a_photo_and_reads_it_again(ada: Person, item: str) -> None:
    picture = encoded(noise((60, 40)), exif=with_exif("2026:07:14 18:03:11", orientation=6))

    response = ada.upload(f"/v1/items/{item}/photos", picture, " At two in the morning ")

    made = json_of(response)
    assert {name: made[name] for name in FIELDS} == {
        "itemId": item,
        "caption": "At two in the morning",
        "mediaType": "image/jpeg",
        "width": 40,
        "height": 60,
        "takenAt": "2026-07-14T18:03:11",
        "position": 1,
    }
    assert (made["bytes"], made["sha256"]) == (len(picture), hashlib.sha256(picture).hexdigest())
    read = ada.get(response.headers["Location"])
    assert (json_of(read), read.headers["ETag"]) == (made, response.headers["ETag"])


@pytest.mark.threat(row=36)
def test_ada_gets_the_very_bytes_that_she_sent_and_copies_without_metadata(ada: Person, item: str) -> None:
    picture = encoded(noise((2000, 1000)), exif=with_exif(orientation=8), comment=b"for Nora only")
    path = f"/v1/photos/{ada.make_photo(item, picture)['id']}"

    original, preview, thumbnail = (ada.get(f"{path}/{form}") for form in service.FORMS)

    assert original.data == picture
    assert original.headers["Content-Disposition"].startswith("attachment; filename=")
    for copy, size in ((preview, (800, 1600)), (thumbnail, (160, 320))):
        image = read_image(copy.data)
        assert (image.size, dict(image.getexif()), copy.content_type) == (size, {}, "image/jpeg")
        assert [told for told in (b"for Nora only", b"A camera of Ada") if told in copy.data] == []
        assert "icc_profile" not in image.info


def test_ada_lists_the_photos_of_an_item_in_their_order_and_all_of_hers_newest_first(ada: Person, item: str) -> None:
    other = ada.make_item(ada.make_bucket()["id"])["id"]
    taken = ["2020:01:01 00:00:00", "2022:01:01 00:00:00", None]
    first, second, third = (
        ada.make_photo(where, encoded(noise((4, 4)), exif=with_exif(when)))["id"]
        for where, when in zip((item, other, item), taken, strict=True)
    )

    of_item, everywhere = ada.get(f"/v1/items/{item}/photos"), ada.get("/v1/photos")

    assert [photo["id"] for photo in json_of(of_item)["photos"]] == [first, third]
    assert [photo["id"] for photo in json_of(everywhere)["photos"]] == [third, second, first]
    page = json_of(ada.get("/v1/photos?limit=1"))
    found = [page["photos"][0]["id"]]
    while page["next"]:
        page = json_of(ada.get(page["next"]))
        found += [photo["id"] for photo in page["photos"]]
    assert (found, page["count"]) == ([third, second, first], 3)


def test_ada_gives_a_photo_another_place_and_caption(ada: Person, item: str) -> None:
    ids = [ada.make_photo(item)["id"] for _ in range(4)]

    moved = ada.patch(f"/v1/photos/{ids[3]}", {"position": 2, "caption": "The best"})
    last = ada.patch(f"/v1/photos/{ids[0]}", {"position": 100})

    assert (json_of(moved)["position"], json_of(moved)["caption"]) == (2, "The best")
    assert json_of(last)["position"] == 4
    listed = json_of(ada.get(f"/v1/items/{item}/photos"))["photos"]
    assert [photo["id"] for photo in listed] == [ids[3], ids[1], ids[2], ids[0]]
    assert [photo["position"] for photo in listed] == [1, 2, 3, 4]
    assert json_of(ada.patch(f"/v1/photos/{ids[0]}", {"position": 4})) == listed[3]


@pytest.mark.parametrize("body", [{"position": 0}, {"position": True}, {"caption": "x" * 501}, {"caption": "a\nb"}])
def test_ada_cannot_make_up_places_and_captions(ada: Person, item: str, body: dict[str, object]) -> None:
    path = f"/v1/photos/{ada.make_photo(item)['id']}"

    response = ada.patch(path, body)

    assert [pointer for pointer, _ in errors_of(response)] == [f"/{next(iter(body))}"]


def test_ada_deletes_a_photo_and_its_files_are_gone_when_the_trash_is_emptied(ada: Person, item: str) -> None:
    photo = ada.make_photo(item)
    path = f"/v1/photos/{photo['id']}"

    response = ada.delete(path, If_Match=ada.get(path).headers["ETag"])

    assert response.status_code == 204
    assert [ada.get(f"{path}{form}").status_code for form in ("", "/original", "/preview")] == [404, 404, 404]
    assert len(keys_of(ada)) == 3
    assert json_of(ada.get("/v1/users/me"))["storageBytes"] > photo["bytes"]
    assert ada.delete("/v1/trash").status_code == 204
    assert (keys_of(ada), json_of(ada.get("/v1/users/me"))["storageBytes"]) == ([], 0)


@pytest.mark.parametrize("what", ["item", "bucket"])
def test_a_photo_goes_with_its_item_and_its_bucket(ada: Person, what: str) -> None:
    bucket = ada.make_bucket()["id"]
    item = ada.make_item(bucket)["id"]
    photo = ada.make_photo(item)["id"]

    ada.delete(f"/v1/items/{item}" if what == "item" else f"/v1/buckets/{bucket}")

    assert ada.get(f"/v1/photos/{photo}").status_code == 404
    assert json_of(ada.get("/v1/photos"))["photos"] == []


def test_ada_sees_how_much_her_photos_take(ada: Person, item: str) -> None:
    before = ada.get("/v1/users/me")
    photo = ada.make_photo(item)

    after = ada.get("/v1/users/me")

    kept = sum(files().find_size(key) or 0 for key in service.keys_of(ada.id, photo["id"]))
    assert (json_of(before)["storageBytes"], json_of(after)["storageBytes"]) == (0, kept)
    assert json_of(after)["storageQuotaBytes"] == 2048 * 1024 * 1024
    assert ada.get("/v1/users/me", If_None_Match=before.headers["ETag"]).status_code == 200
    assert ada.get("/v1/users/me", If_None_Match=after.headers["ETag"]).status_code == 304
    renamed = ada.patch("/v1/users/me", {"name": "Ada L."}, If_Match=after.headers["ETag"])
    assert (renamed.status_code, json_of(renamed)["storageBytes"]) == (200, kept)


def test_a_retry_with_the_same_key_and_file_adds_one_photo(ada: Person, item: str) -> None:
    path = f"/v1/items/{item}/photos"

    first, again = (ada.upload(path, small_jpeg(), "x", Idempotency_Key="once") for _ in range(2))
    other = ada.upload(path, encoded(noise()), "x", Idempotency_Key="once")

    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 422)
    assert (json_of(first), again.headers["Idempotency-Replayed"]) == (json_of(again), "true")
    assert json_of(ada.get(path))["count"] == 1
    assert len(keys_of(ada)) == 3


def test_nothing_is_kept_of_a_photo_that_is_refused(ada: Person, item: str, app: ApiApp) -> None:
    wrong = ada.upload(f"/v1/items/{item}/photos", small_jpeg(), If_Match='"x"')
    nowhere = ada.upload("/v1/items/019abcde-0000-7000-8000-000000000000/photos", small_jpeg())

    assert (wrong.status_code, nowhere.status_code) == (412, 404)
    assert keys_of(ada) == []
    with failing_at(app, 3, Unavailable()):  # by which nobody knows whether it was committed
        assert ada.upload(f"/v1/items/{item}/photos", small_jpeg()).status_code == 503
    assert len(keys_of(ada)) == 3


@pytest.mark.threat(row=35)
def test_a_photo_is_told_by_its_bytes_and_not_by_its_name(ada: Person, item: str) -> None:
    data = {"file": (io.BytesIO(encoded(noise(), "PNG")), "photo.jpg", "text/html")}

    response = ada.client.post(
        f"/v1/items/{item}/photos", data=data, headers={"Authorization": f"Bearer {ada.access_token}"}
    )

    assert json_of(response)["mediaType"] == "image/png"
    assert Image.open(io.BytesIO(ada.get(f"{response.headers['Location']}/original").data)).format == "PNG"
