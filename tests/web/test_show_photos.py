"""HTML pages of photos: uploads with a story, thumbnails, captions, order, deletion; what is refused is told."""

import re
from html import unescape
from io import BytesIO
from typing import Any

import pytest
from werkzeug.test import TestResponse

from bucketlist.kit.db.driver import Compiled
from tests.conftest import on_both_paths, on_sqlite
from tests.people import Person
from tests.pictures import encoded, noise, small_jpeg, with_exif
from tests.responses import json_of
from tests.web.browsing import Visitor, field_of
from tests.web.test_tell_stories import entries_of


def file(content: bytes | None = None, name: str = "swim.jpg") -> tuple[BytesIO, str]:
    return BytesIO(content or small_jpeg()), name


def taken_in_july() -> bytes:
    return encoded(noise((640, 480)), exif=with_exif("2026:07:14 18:03:11"))


def photos_of(person: Person) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json_of(person.get("/v1/photos"))["photos"]
    return sorted(found, key=lambda photo: photo["position"])


@pytest.fixture
def wish(visitor: Visitor) -> dict[str, Any]:
    return visitor.person.make_item(visitor.person.make_bucket()["id"])


def tell(visitor: Visitor, wish: dict[str, Any], *files: tuple[BytesIO, str], **fields: Any) -> TestResponse:
    return visitor.send(f"/items/{wish['id']}/entries", photos=list(files), **{"date": "", **fields})


@on_both_paths
def test_several_photos_come_with_the_story_each_with_its_caption(visitor: Visitor, wish: dict[str, Any]) -> None:
    sent = tell(visitor, wish, file(taken_in_july()), file(), story="Cold!", caption=["At the pier", ""])
    page = visitor.follow(sent)

    first, second = photos_of(visitor.person)
    (entry,) = entries_of(visitor.person)
    assert (first["caption"], second["caption"], entry["photoCount"]) == ("At the pier", None, 2)
    assert {first["entryId"], second["entryId"]} == {entry["id"]}
    assert re.search(r'<img src="[^"]*/preview" width="640" height="480" alt="At the pier" loading="lazy">', page)
    assert re.search(r'<img src="[^"]*/thumbnail" width="8" height="6" alt="A photo" loading="lazy">', page)
    assert visitor.read("/journal").text.count("/thumbnail") == 2


def test_a_photo_alone_is_a_note_and_offers_its_day(visitor: Visitor, wish: dict[str, Any]) -> None:
    page = visitor.follow(tell(visitor, wish, file(taken_in_july())))
    (entry,) = entries_of(visitor.person)
    assert "The photos say 14 July 2026." in page

    after = visitor.follow(
        visitor.send(f"/entries/{entry['id']}/date", date=field_of(page.partition("offer")[2], "date"))
    )

    assert entries_of(visitor.person)[0]["date"] == "2026-07-14"
    assert "The photos say" not in after
    assert visitor.send(f"/entries/{entry['id']}/date", date="soon").status_code == 409


def test_what_is_no_picture_is_told_by_its_name_and_all_else_is_saved(visitor: Visitor, wish: dict[str, Any]) -> None:
    files = [file(b"hello", "<b>notes</b>.txt"), file(), *(file(name=f"{number}.jpg") for number in range(9))]

    refused = tell(visitor, wish, *files, story="Cold!")
    again = tell(visitor, wish, file(), story="x" * 100_001)

    assert refused.status_code == 422
    assert "<b>&lt;b&gt;notes&lt;/b&gt;.txt</b>: This is no picture in JPEG" in refused.text
    assert "<b>8.jpg</b>: There are at most 10 at once." in refused.text
    assert "All that you wrote is saved. 9 other photos are in." in refused.text
    assert (entries_of(visitor.person)[0]["story"], len(photos_of(visitor.person))) == ("Cold!", 9)
    assert (again.status_code, "Your photos have to be chosen once more." in again.text) == (422, True)


def test_a_story_that_is_sent_twice_has_its_photos_once(visitor: Visitor, wish: dict[str, Any]) -> None:
    made = field_of(visitor.read(f"/items/{wish['id']}/entries/new").text, "id")

    for _ in range(2):
        assert tell(visitor, wish, file(), story="Cold!", id=made).status_code == 303

    assert (len(entries_of(visitor.person)), len(photos_of(visitor.person))) == (1, 1)


@on_both_paths
def test_photos_are_added_to_a_wish_and_to_an_entry_that_are_there(visitor: Visitor, wish: dict[str, Any]) -> None:
    entry = visitor.person.make_entry(wish["id"])

    pages = [
        visitor.follow(visitor.send(f"/{what}/photos", photos=[file()], caption="Here"))
        for what in (f"items/{wish['id']}", f"entries/{entry['id']}")
    ]
    nothing = visitor.follow(visitor.send(f"/entries/{entry['id']}/photos", photos=[(BytesIO(), "")]))

    assert [photo["caption"] for photo in photos_of(visitor.person)] == ["Here", "Here"]
    assert all(page.count("<figcaption>Here</figcaption>") == 1 for page in pages)
    assert "No photo was chosen." in nothing


@pytest.mark.parametrize("already", [{}, {"already": "yes"}], ids=["a wish", "done already"])
def test_a_new_wish_comes_with_its_photos(visitor: Visitor, already: dict[str, str]) -> None:
    files = [file(), file(b"no picture", "notes.txt")]

    page = visitor.send("/items/new", name="Swim", times="1", photos=files, caption=["Lake", ""], **already).text

    (photo,) = photos_of(visitor.person)
    assert (photo["caption"], bool(photo["entryId"])) == ("Lake", bool(already))
    assert "notes.txt" in page


def test_a_photo_is_described_sorted_and_deleted(visitor: Visitor, wish: dict[str, Any]) -> None:
    visitor.send(f"/items/{wish['id']}/photos", photos=[file(), file(), file()], caption=["a", "b", "c"])
    path = f"/photos/{photos_of(visitor.person)[1]['id']}"
    page = visitor.read(path).text
    assert ("2 of 3" in page, "Further to the end" in page) == (True, True)

    visitor.follow(visitor.send(f"{path}/edit", caption="Båt", etag=field_of(page, "etag")))
    visitor.follow(visitor.send(f"{path}/move", position="1"))
    moved = [photo["caption"] for photo in photos_of(visitor.person)]
    gone = visitor.follow(visitor.send(f"{path}/delete"))

    assert moved == ["Båt", "a", "c"]
    assert "In the trash." in gone
    assert [photo["caption"] for photo in photos_of(visitor.person)] == ["a", "c"]
    assert visitor.send(f"/photos/{photos_of(visitor.person)[0]['id']}/move", position="x").status_code == 409


def test_when_two_describe_a_photo_both_texts_are_shown(visitor: Visitor, wish: dict[str, Any]) -> None:
    photo = visitor.person.make_photo(wish["id"], caption="old")
    path = f"/photos/{photo['id']}"
    etag = field_of(visitor.read(path).text, "etag")
    visitor.person.patch(f"/v1{path}", {"caption": "theirs"})

    clash = visitor.send(f"{path}/edit", caption="mine", etag=etag)
    long = visitor.send(f"{path}/edit", caption="x" * 501, etag="*")

    assert (clash.status_code, "theirs" in clash.text, field_of(clash.text, "caption")) == (412, True, "mine")
    assert (long.status_code, "At most 500 characters fit here." in long.text) == (422, True)


@pytest.mark.threat(row=48)
def test_the_bytes_of_a_photo_are_for_its_owner_alone_and_are_asked_about(
    visitor: Visitor, wish: dict[str, Any], cleo: Person
) -> None:
    original = taken_in_july()
    photo = visitor.person.make_photo(wish["id"], original)
    strange = cleo.make_photo(cleo.make_item(cleo.make_bucket()["id"])["id"])

    answers = {form: visitor.read(f"/photos/{photo['id']}/{form}") for form in ("original", "preview", "thumbnail")}
    tag = answers["preview"].headers["ETag"]

    assert answers["original"].data == original
    assert answers["original"].headers["Content-Disposition"].startswith("attachment")
    assert b"A camera of Ada" not in answers["preview"].data + answers["thumbnail"].data
    assert {answer.headers["Cache-Control"] for answer in answers.values()} == {"private, no-cache"}
    assert visitor.read(f"/photos/{photo['id']}/preview", If_None_Match=tag).status_code == 304
    assert visitor.read(f"/photos/{photo['id']}/poster").status_code == 404
    reads = [f"/photos/{strange['id']}{what}" for what in ("", "/preview", "/original")]
    assert {visitor.read(path).status_code for path in reads} == {404}
    sends = [f"/photos/{strange['id']}/{what}" for what in ("edit", "move", "delete")]
    assert {visitor.send(path, position="1", etag="*").status_code for path in sends} == {404}


@on_sqlite
@pytest.mark.threat(row=42)
def test_no_byte_of_a_form_of_others_is_read(visitor: Visitor, wish: dict[str, Any]) -> None:
    path = f"/items/{wish['id']}/photos"
    form = {"csrf": visitor.csrf(), "photos": [file()]}

    elsewhere = visitor.client.post(path, data=form, headers={"Sec-Fetch-Site": "cross-site"})
    unsigned = visitor.client.post(path, data={"csrf": "x", "photos": [file()]}, headers={"Accept": "text/html"})
    broken = visitor.client.post(path, data=b"--x", content_type="multipart/form-data; boundary=x")

    assert (elsewhere.status_code, unsigned.status_code, broken.status_code) == (403, 403, 400)
    assert photos_of(visitor.person) == []


def test_settings_tell_how_much_room_photos_take(visitor: Visitor, wish: dict[str, Any]) -> None:
    visitor.person.make_photo(wish["id"], taken_in_july())

    told = unescape(visitor.read("/settings").text)

    assert re.search(r"Your photos take [\d.]+ (kB|MB) of [\d.,]+ (MB|GB)\.", told)


def test_a_page_with_many_photos_takes_few_statements(
    visitor: Visitor, wish: dict[str, Any], statements: list[Compiled]
) -> None:
    for _ in range(3):
        tell(visitor, wish, file(), file(), story="Cold!")
    photo = photos_of(visitor.person)[0]
    visitor.read("/settings")  # the use of the session is noted

    taken = {}
    for path in (f"/items/{wish['id']}", f"/photos/{photo['id']}", f"/photos/{photo['id']}/preview", "/journal"):
        statements.clear()
        visitor.read(path)
        taken[path] = len(statements)

    assert list(taken.values()) == [5, 4, 1, 4]
