"""HTML pages of photos: several are added at once, each is looked at, described, sorted and deleted; their bytes.

What is refused is told by its name, and what was written with it is saved all the same.
"""

from functools import partial
from typing import Any, NamedTuple

from flask import Response

from bucketlist.auth.actor import Actor
from bucketlist.auth.guard import actor
from bucketlist.entries import service as entries
from bucketlist.entries.schemas import EntryPatch
from bucketlist.kit.errors import Conflict, NotFound, PreconditionFailed, Refusal
from bucketlist.kit.etags import Preconditions, make_etag
from bucketlist.kit.http.file_response import ServedFile, file_response
from bucketlist.kit.ids import known
from bucketlist.kit.uploads import UploadedFile
from bucketlist.photos import service as photos
from bucketlist.photos.parents import Parent
from bucketlist.photos.schemas import PhotoForm, PhotoPatch
from bucketlist.web.blueprint import MOST_PHOTOS_AT_ONCE, act, act_with_photos, read
from bucketlist.web.finding import find_entry, find_lists, find_photo, find_photos, find_wish
from bucketlist.web.form import Form
from bucketlist.web.languages import gettext as _
from bucketlist.web.pages import go_to, page
from bucketlist.web.pictures import PhotoView
from bucketlist.web.toasts import Toast
from bucketlist.web.wish_forms import Errors, Mistaken, attempted, validate
from bucketlist.web.words import refusal_words

MOST_PHOTO_BYTES = 25 * 1024 * 1024
COPY = "image/jpeg"


class Refused(NamedTuple):
    """A file that was not taken: what its sender calls it, and why."""

    name: str
    why: str


def add_photos(person: Actor, parent: Parent, sent: Form) -> list[Refused]:
    """All photos of a form, each with its caption; those that were not taken."""
    refused = []
    captions = sent.all("caption")
    for number, file in enumerate(sent.files[:MOST_PHOTOS_AT_ONCE]):
        try:
            _add_photo(person, parent, file, captions[number] if number < len(captions) else "")
        except Mistaken as mistake:
            refused.append(Refused(file.name, mistake.sentence))
        except Refusal as refusal:
            if refusal.status in (401, 404):
                raise
            refused.append(Refused(file.name, refusal_words(refusal)))
    too_many = _("There are at most %(most)s at once.") % {"most": MOST_PHOTOS_AT_ONCE}
    return [*refused, *(Refused(file.name, too_many) for file in sent.files[MOST_PHOTOS_AT_ONCE:])]


def _add_photo(person: Actor, parent: Parent, file: UploadedFile, caption: str) -> None:
    """Raises: `Mistaken`, and what refuses a photo."""
    if file.size > MOST_PHOTO_BYTES:
        raise Mistaken({"": _("It has more than %(most)s MiB.") % {"most": MOST_PHOTO_BYTES // 1024**2}})
    wanted = validate(PhotoForm, {"file": file, "caption": caption})
    with photos.stored(person, parent, file, wanted.caption) as new:
        photos.add_photo(person, new)


def page_of_refused(place: str, address: str, refused: list[Refused], count: int) -> Response:
    """What was saved, what was not and why, and a form that takes others."""
    values: dict[str, Any] = {"place_name": place, "address": address, "refused": refused, "taken": count}
    values["toast"] = Toast("saved")  # and so the page’s script forgets what was kept of it
    return page("photos-refused.html", 422, person=actor(), lists=find_lists(actor()), **values)


@act_with_photos("/items/<item_id>/photos")
def send_wish_photos(item_id: str, sent: Form) -> Response:
    """Adds photos to a wish."""
    wish = find_wish(actor(), known(item_id))
    return _answer_added(Parent("item", wish.id), wish.name, sent, "read_wish", item_id=wish.id)


@act_with_photos("/entries/<entry_id>/photos")
def send_entry_photos(entry_id: str, sent: Form) -> Response:
    """Adds photos to a part of the story."""
    entry = find_entry(actor(), known(entry_id))
    return _answer_added(Parent("entry", entry.id), entry.heading, sent, "read_entry", entry_id=entry.id)


def _answer_added(parent: Parent, name: str, sent: Form, endpoint: str, **parts: str) -> Response:
    refused = add_photos(actor(), parent, sent)
    response = go_to(endpoint, Toast("photos" if sent.files else "no-photos"), **parts, _anchor="photos")
    if refused:
        return page_of_refused(name, response.headers["Location"], refused, len(sent.files) - len(refused))
    return response


@act("/entries/<entry_id>/date")
def send_entry_date(entry_id: str, sent: Form) -> Response:
    """Takes over the day that a photo of an entry says."""
    entry = find_entry(actor(), known(entry_id))
    try:
        wanted = validate(EntryPatch, {"date": sent.text("date")}).model_dump(exclude_unset=True)
    except Mistaken as mistake:
        raise Conflict(mistake.sentence) from mistake
    entries.change_entry(actor(), entry.id, wanted, Preconditions(), keep_state=True)
    return go_to("read_wish", Toast("saved"), item_id=entry.item_id, _anchor=f"e-{entry.id}")


@read("/photos/<photo_id>")
def read_photo(photo_id: str) -> Response:
    """A photo, large, with what is said of it, and the way to those beside it."""
    return _photo_page(find_photo(actor(), known(photo_id)))


def _photo_page(photo: PhotoView, status: int = 200, errors: Errors | None = None, **values: Any) -> Response:
    person = actor()
    beside = find_photos(person, Parent("entry", photo.entry_id) if photo.entry_id else Parent("item", photo.item_id))
    at = next((number for number, one in enumerate(beside) if one.id == photo.id), 0)
    values |= {"before": beside[at - 1] if at else None, "behind": beside[at + 1] if at + 1 < len(beside) else None}
    values |= {"wish": find_wish(person, photo.item_id), "number_of_all": len(beside), "at_place": at + 1}
    values = {"fields": {"caption": photo.caption or "", "etag": photo.etag}, "other": None, **values}
    lists = find_lists(person)
    return page("photo.html", status, person=person, photo=photo, errors=errors or {}, lists=lists, **values)


@act("/photos/<photo_id>/edit")
def send_photo(photo_id: str, sent: Form) -> Response:
    """Writes its caption, unless somebody else has meanwhile: then both are shown."""
    photo = find_photo(actor(), known(photo_id))
    try:
        wanted = validate(PhotoPatch, {"caption": sent.text("caption")}).model_dump(exclude_unset=True)
        seen = Preconditions(if_match=sent.text("etag"))
        attempted(lambda: photos.change_photo(actor(), photo.id, wanted, seen))
    except Mistaken as mistake:
        return _photo_page(photo, mistake.status, mistake.errors, fields=sent.as_dict())
    except PreconditionFailed:
        other = find_photo(actor(), photo.id)
        fields = sent.as_dict() | {"etag": other.etag}
        return _photo_page(other, 412, fields=fields, other={"caption": other.caption or ""})
    return go_to("read_photo", Toast("saved"), photo_id=photo.id)


@act("/photos/<photo_id>/move")
def send_photo_place(photo_id: str, sent: Form) -> Response:
    """One place further to the front or to the end."""
    photo = find_photo(actor(), known(photo_id))
    place = sent.text("position")
    try:
        position = int(place) if place.isascii() and place.isdigit() and len(place) < 8 else 0
        wanted = validate(PhotoPatch, {"position": position}).model_dump(exclude_unset=True)
    except Mistaken as mistake:
        raise Conflict(mistake.sentence) from mistake
    photos.change_photo(actor(), photo.id, wanted, Preconditions())
    return go_to("read_photo", Toast("moved"), photo_id=photo.id)


@act("/photos/<photo_id>/delete")
def send_delete_photo(photo_id: str, sent: Form) -> Response:  # noqa: ARG001  # its CSRF token has been looked at
    """Puts a photo in the trash, and shows what it was of."""
    photo = find_photo(actor(), known(photo_id))
    toast = Toast("trashed", "", "restore", photos.delete_photo(actor(), photo.id, Preconditions()))
    if photo.entry_id:
        return go_to("read_entry", toast, entry_id=photo.entry_id)
    return go_to("read_wish", toast, item_id=photo.item_id, _anchor="photos")


@read("/photos/<photo_id>/<copy>")
def read_picture(photo_id: str, copy: str) -> Response:
    """Its bytes: `preview` and `thumbnail` to look at, the `original` as a download."""
    if copy not in photos.FORMS:
        raise NotFound
    photo = photos.get_photo(actor(), known(photo_id))
    is_original = copy == "original"
    size = {"original": photo.bytes, "preview": photo.preview_bytes, "thumbnail": photo.thumbnail_bytes}[copy]
    served = ServedFile(
        size=size,
        media_type=photo.media_type if is_original else COPY,
        etag=make_etag(photo.sha256[:32], copy, size),
        open=partial(photos.open_file, actor(), photo, copy),
        redirect=photos.redirect_to(actor(), photo, copy),
        name=f"{photo.id}.{photo.media_type.partition('/')[2].replace('jpeg', 'jpg')}" if is_original else "",
    )
    response = file_response(served)
    response.vary.add("Cookie")
    return response
