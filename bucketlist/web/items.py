"""HTML pages of wishes: one with all that it says, the forms that add and change one, its steps."""

from collections.abc import Mapping
from typing import Any

from flask import Response, render_template, request, url_for

from bucketlist.auth.actor import Actor
from bucketlist.auth.guard import actor
from bucketlist.buckets import service as buckets
from bucketlist.buckets.schemas import BucketIn
from bucketlist.items import service as items
from bucketlist.items.schemas import ItemIn, ItemPatch
from bucketlist.kit.errors import Conflict, NotFound, PreconditionFailed
from bucketlist.kit.etags import Preconditions
from bucketlist.kit.ids import known, new_id
from bucketlist.photos.parents import Parent
from bucketlist.web.blueprint import MAX_FORM_BYTES, MAX_WISH_BYTES, act, act_with_photos, read
from bucketlist.web.capture import Captured, read_line, read_shared
from bucketlist.web.entry_forms import empty_entry, entry_fields, near_days
from bucketlist.web.finding import find_list, find_lists, find_photos, find_story, find_wish
from bucketlist.web.form import Form
from bucketlist.web.fuzzy_words import read_fuzzy, say_fuzzy, say_when
from bucketlist.web.languages import gettext as _
from bucketlist.web.look import today
from bucketlist.web.pages import HTML, back_from, changed, go_to, go_to_path, is_htmx, page, part
from bucketlist.web.photos import add_photos, page_of_refused
from bucketlist.web.toasts import Toast
from bucketlist.web.wish_forms import Errors, Mistaken, attempted, validate, wish_fields, write_wish
from bucketlist.web.wishes import WishView

MAX_CAPTURE_BYTES = 2 * MAX_FORM_BYTES  # the longest name, as a form spells it
MOST_PREFILLED = 2_000  # characters of what a share sheet or bookmarklet brings


@read("/items/<item_id>")
def read_wish(item_id: str) -> Response:
    """A wish with all that it says."""
    person = actor()
    wish = find_wish(person, known(item_id))
    lists = find_lists(person, archived="any")
    story = find_story(person, wish, request.args.get("cursor"), request.args.get("number", ""))
    fields = empty_entry(completes=wish.is_untold or wish.is_counted)
    values: dict[str, Any] = {"story": story, "fields": fields, "errors": {}, "other": None, "days": near_days()}
    values["photos"] = find_photos(person, Parent("item", wish.id))
    found = _list_of(person, wish.list_id, lists)
    return page("item.html", person=person, wish=wish, list=found, lists=lists, **values)


def _list_of(person: Actor, list_id: str, lists: list[Any]) -> Any:
    return next((one for one in lists if one.id == list_id), None) or find_list(person, list_id)


@read("/items/new")
def read_new_wish() -> Response:
    """A form for a new wish, filled in with what a bookmarklet or a share sheet brings."""
    brought = {name: request.args.get(name, "")[:MOST_PREFILLED].strip() for name in ("title", "url", "text", "list")}
    shared = read_shared(brought["title"], brought["text"], brought["url"])._asdict()
    if request.args.get("photos") and not shared["name"]:
        shared["name"] = _("A picture of %(day)s") % {"day": say_fuzzy(today().isoformat())}
    return _form(None, shared | {"list": brought["list"], "times": "1", "already": request.args.get("already", "")}, {})


@act_with_photos("/items/new")
def send_new_wish(sent: Form) -> Response:
    """Adds a wish with all its fields, and shows its list; photos go to its story, if it has one already."""
    fields, wrong = wish_fields(sent, today())
    entry_id = new_id() if sent.has("already") else ""
    if entry_id:
        fields["entry"], wrong_story = entry_fields(sent, "entry-")
        fields["entry"]["id"] = entry_id
        wrong |= wrong_story
    try:
        wish_id, list_id = _add_wish(sent, fields, wrong)
    except Mistaken as mistake:
        return _form(None, sent.as_dict(), mistake.errors, mistake.status, unsent=len(sent.files))
    refused = add_photos(actor(), Parent("entry", entry_id) if entry_id else Parent("item", wish_id), sent)
    if refused:
        address = url_for("web.read_wish", item_id=wish_id)
        return page_of_refused(fields["name"], address, refused, len(sent.files) - len(refused))
    return go_to("read_list", Toast("added", wish_id, "delete"), list_id=list_id)


@act("/items", MAX_CAPTURE_BYTES)
def capture_wish(sent: Form) -> Response:
    """Adds a wish in one line, whose tags and time are read; what cannot be taken is shown in the whole form."""
    captured = read_line(sent.text("title"), today())
    fields: dict[str, Any] = captured._asdict()
    try:
        wish_id, list_id = _add_wish(sent, fields)
    except Mistaken as mistake:
        if is_htmx():
            return Response(mistake.sentence, mistake.status, content_type=HTML)
        fields = {"name": sent.text("title"), "list": sent.text("list"), "times": "1"}
        return _form(None, fields, mistake.errors, mistake.status)
    toast = Toast("added", wish_id, "delete", list_id)
    if is_htmx():
        return changed(part("said.html", person=actor(), toast=toast, back=sent.text("back")))
    return go_to_path(back_from(sent.text("back"), url_for("web.read_list", list_id=list_id)), toast)


def _add_wish(sent: Form, fields: Mapping[str, Any], wrong: Errors | None = None) -> tuple[str, str]:
    """Its id, and that of its list. Raises: `Mistaken`."""
    wanted = validate(ItemIn, fields, wrong)
    list_id = chosen_list(actor(), sent.text("list"))
    return attempted(lambda: items.add_item(actor(), list_id, wanted)).id, list_id


def chosen_list(person: Actor, list_id: str) -> str:
    """The list that was chosen; else the first there is; where there is none, one is made. Raises: `Mistaken`."""
    if list_id:
        try:
            return find_list(person, known(list_id)).id
        except NotFound:
            raise Mistaken({"list": _("There is no such list of yours.")}) from None
    lists = find_lists(person)
    return lists[0].id if lists else buckets.add_bucket(person, BucketIn(name=_("One day"))).id


@read("/items/<item_id>/edit")
def read_wish_form(item_id: str) -> Response:
    """A form with all its fields."""
    wish = find_wish(actor(), known(item_id))
    return _form(wish, write_wish(wish), {})


@act("/items/<item_id>/edit", MAX_WISH_BYTES)
def send_wish_form(item_id: str, sent: Form) -> Response:
    """Changes a wish, unless somebody else has meanwhile: then both are shown, and neither is lost."""
    fields, wrong = wish_fields(sent, today())
    fields |= {"bucketId": sent.text("list")} if sent.text("list") else {}
    try:
        wanted = validate(ItemPatch, fields, wrong).model_dump(exclude_unset=True)
        seen = Preconditions(if_match=sent.text("etag"))
        attempted(lambda: items.change_item(actor(), known(item_id), wanted, seen))
    except Mistaken as mistake:
        return _form(find_wish(actor(), known(item_id)), sent.as_dict(), mistake.errors, mistake.status)
    except PreconditionFailed:
        other = find_wish(actor(), known(item_id))
        return _form(other, sent.as_dict() | {"etag": other.etag}, {}, 412, other=write_wish(other))
    return go_to("read_wish", Toast("saved"), item_id=item_id)


def _form(wish: WishView | None, fields: dict[str, str], errors: Errors, status: int = 200, **values: Any) -> Response:
    lists = find_lists(actor(), archived="any")
    return page(
        "item-form.html", status, person=actor(), wish=wish, fields=fields, errors=errors, lists=lists, **values
    )


@act("/items/<item_id>/steps", MAX_CAPTURE_BYTES)
def send_steps(item_id: str, sent: Form) -> Response:
    """Ticks steps, and adds one at the end."""
    wish, ticked = find_wish(actor(), known(item_id)), set(sent.all("done"))
    steps = [{**step, "done": str(number) in ticked} for number, step in enumerate(wish.steps)]
    steps += [{"text": sent.text("text"), "done": False}] if sent.text("text").strip() else []
    try:
        wanted = validate(ItemPatch, {"steps": steps}).model_dump(exclude_unset=True)
        attempted(lambda: items.change_item(actor(), wish.id, wanted, Preconditions(if_match=sent.text("etag"))))
    except Mistaken as mistake:
        raise Conflict(mistake.sentence) from mistake
    if is_htmx():
        return part("steps.html", person=actor(), wish=find_wish(actor(), wish.id))
    return go_to("read_wish", item_id=item_id, _anchor="steps")


@read("/echo")
def read_echo() -> Response:
    """What is read of a line or a time while it is typed, to be shown back before it is saved."""
    title, past = request.args.get("title"), request.args.get("past")
    try:
        if title is not None:
            captured = read_line(title, today())
        else:
            typed = request.args.get("target", "") if past is None else past
            captured = Captured("", [], read_fuzzy(typed, today(), looks_back=past is not None))
        told = [say_when(captured.target)] if captured.target or title is None else []
        told += [f"#{tag}" for tag in captured.tags]
    except ValueError:
        told = [_("Keep typing: 2031, June 2031, summer 2031, the thirties")]
    return Response(render_template("web/echo.html", told=told), content_type=HTML)
