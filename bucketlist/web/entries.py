"""HTML pages of entries: one by itself, and the forms that write, change and delete a part of the story of a wish."""

from contextlib import suppress
from typing import Any

from flask import Response

from bucketlist.auth.guard import actor
from bucketlist.entries import service as entries
from bucketlist.entries.schemas import EntryIn, EntryPut
from bucketlist.items import service as items
from bucketlist.items.schemas import ItemPatch
from bucketlist.kit.errors import IdTaken, NotFound, PreconditionFailed
from bucketlist.kit.etags import Preconditions
from bucketlist.kit.ids import is_id, known
from bucketlist.photos.parents import Parent
from bucketlist.web.actions import BY_STATE, answer_wish
from bucketlist.web.blueprint import MAX_WISH_BYTES, act, act_with_photos, read
from bucketlist.web.entry_forms import empty_entry, entry_fields, is_nothing, near_days, write_entry
from bucketlist.web.finding import find_entry, find_lists, find_photos, find_wish, with_photos
from bucketlist.web.form import Form
from bucketlist.web.look import today
from bucketlist.web.pages import go_to, page
from bucketlist.web.photos import add_photos, page_of_refused
from bucketlist.web.stories import EntryView, entry_view
from bucketlist.web.toasts import Toast
from bucketlist.web.wish_forms import Errors, Mistaken, attempted, validate
from bucketlist.web.wishes import WishView
from bucketlist.web.words import field_words


@read("/items/<item_id>/entries/new")
def read_new_entry(item_id: str) -> Response:
    """A form for a part of the story, with all its fields."""
    wish = find_wish(actor(), known(item_id))
    return _form(wish, None, empty_entry(completes=wish.is_untold), {})


@act_with_photos("/items/<item_id>/entries")
def send_new_entry(item_id: str, sent: Form) -> Response:
    """Adds to the story. What completes the wish as often as wished makes it done, unless it is to stay as it is."""
    wish = find_wish(actor(), known(item_id))
    try:
        entry = add_entry(wish, sent)
    except Mistaken as mistake:
        return _form(wish, None, sent.as_dict(), mistake.errors, mistake.status, unsent=len(sent.files))
    is_new = not find_photos(actor(), Parent("entry", entry.id)) if sent.files else False
    refused = add_photos(actor(), Parent("entry", entry.id), sent) if is_new else []
    response = go_to("read_wish", Toast(_did(wish, entry), wish.id), item_id=wish.id, _anchor=f"e-{entry.id}")
    if refused:
        return page_of_refused(entry.heading, response.headers["Location"], refused, len(sent.files) - len(refused))
    return response


def add_entry(wish: WishView, sent: Form) -> EntryView:
    """What was written, saved once. Raises: `Mistaken`."""
    fields, wrong = entry_fields(sent)
    if not (sent.has("completes") or sent.files) and is_nothing(fields):
        wrong.setdefault("story", field_words({"type": "missing", "msg": ""}))
    fields |= {"completes": sent.has("completes"), "keepState": sent.has("keepState")}
    fields |= {"id": sent.text("id")} if is_id(sent.text("id")) else {}
    wanted = validate(EntryIn, fields, wrong)
    return entry_view(attempted(lambda: _add_once(wish.id, wanted)))


def _add_once(item_id: str, wanted: EntryIn) -> Any:
    """A form that is sent twice, as by a second tap, is saved once; with other words in it, it is another entry."""
    try:
        return entries.add_entry(actor(), item_id, wanted)
    except IdTaken:
        with suppress(NotFound):
            there = entries.get_entry(actor(), str(wanted.id))
            if there[:9] == entries.row_of(wanted, item_id)[:9]:
                return there
    return entries.add_entry(actor(), item_id, wanted.model_copy(update={"id": None}))


def _did(wish: WishView, entry: EntryView) -> str:
    """What is said of it: that the wish is done now, if it was not before."""
    is_done_now = entry.completes and wish.state != "done" and find_wish(actor(), wish.id).state == "done"
    return "told-done" if is_done_now else "told"


@act("/items/<item_id>/more")
def send_one_more(item_id: str, sent: Form) -> Response:
    """Once more, in one tap: today unless another date is given, and perhaps which one it was."""
    before = find_wish(actor(), known(item_id))
    fields, wrong = entry_fields(sent)
    fields |= {} if sent.has("date") else {"date": today().isoformat()}
    try:
        wanted = validate(EntryIn, {"title": fields["title"], "date": fields.get("date")}, wrong)
        entry = attempted(lambda: entries.add_entry(actor(), before.id, wanted))
    except Mistaken as mistake:
        return _form(before, None, {**sent.as_dict(), "completes": "yes"}, mistake.errors, mistake.status)
    is_last = find_wish(actor(), before.id).state != before.state
    toast = Toast("last-one" if is_last else "one-more", before.id, f"less-{before.state}", entry.id)
    return answer_wish(before.id, sent, toast, just_done=True)


@act("/items/<item_id>/less")
def send_one_less(item_id: str, sent: Form) -> Response:
    """Takes back what was counted just now, and the state that it led to."""
    wish, entry = find_wish(actor(), known(item_id)), find_entry(actor(), known(sent.text("entry")))
    if entry.item_id != wish.id:
        raise NotFound
    entries.delete_entry(actor(), entry.id, Preconditions())
    if wish.state == "done" and sent.text("state") in BY_STATE:
        wanted = validate(ItemPatch, {"state": sent.text("state")}).model_dump(exclude_unset=True)
        items.change_item(actor(), wish.id, wanted, Preconditions())
    return answer_wish(wish.id, sent, Toast("taken-back"), just_done=False)


@read("/entries/<entry_id>")
def read_entry(entry_id: str) -> Response:
    """A part of the story by itself."""
    (entry,) = with_photos(actor(), [find_entry(actor(), known(entry_id))])
    wish = find_wish(actor(), entry.item_id)
    return page("entry.html", person=actor(), entry=entry, wish=wish, lists=find_lists(actor()))


@read("/entries/<entry_id>/edit")
def read_entry_form(entry_id: str) -> Response:
    """A form with all its fields."""
    entry = find_entry(actor(), known(entry_id))
    return _form(find_wish(actor(), entry.item_id), entry, write_entry(entry), {})


@act("/entries/<entry_id>/edit", MAX_WISH_BYTES)
def send_entry_form(entry_id: str, sent: Form) -> Response:
    """Changes an entry, unless somebody else has meanwhile: then both are shown, and neither is lost."""
    entry = find_entry(actor(), known(entry_id))
    wish = find_wish(actor(), entry.item_id)
    fields, wrong = entry_fields(sent)
    fields |= {"completes": sent.has("completes"), "keepState": sent.has("keepState")}
    try:
        wanted = validate(EntryPut, fields, wrong)
        seen = Preconditions(if_match=sent.text("etag"))
        changes, keep = wanted.model_dump(), wanted.keep_state
        attempted(lambda: entries.change_entry(actor(), entry.id, changes, seen, keep_state=keep))
    except Mistaken as mistake:
        return _form(wish, entry, sent.as_dict(), mistake.errors, mistake.status)
    except PreconditionFailed:
        other = find_entry(actor(), entry.id)
        return _form(wish, other, sent.as_dict() | {"etag": other.etag}, {}, 412, other=write_entry(other))
    return go_to("read_wish", Toast("saved"), item_id=wish.id, _anchor=f"e-{entry.id}")


@act("/entries/<entry_id>/delete")
def send_delete_entry(entry_id: str, sent: Form) -> Response:  # noqa: ARG001  # its CSRF token has been looked at
    """Puts an entry in the trash; the state of its wish stays what it is."""
    entry = find_entry(actor(), known(entry_id))
    trash_id = entries.delete_entry(actor(), entry.id, Preconditions())
    return go_to("read_wish", Toast("trashed", "", "restore", trash_id), item_id=entry.item_id, _anchor="story")


def _form(
    wish: WishView,
    entry: EntryView | None,
    fields: dict[str, str],
    errors: Errors,
    status: int = 200,
    other: dict[str, str] | None = None,
    unsent: int = 0,
) -> Response:
    values: dict[str, Any] = {"wish": wish, "entry": entry, "fields": fields, "errors": errors, "other": other}
    values |= {"unsent": unsent}  # photos that have to be chosen once more
    return page("entry-form.html", status, person=actor(), lists=find_lists(actor()), days=near_days(), **values)
