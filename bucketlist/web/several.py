"""HTML pages of bulk actions: several wishes of a list are ticked, and tagged, moved or let go together; one undo."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Response, request, url_for

from bucketlist.auth.guard import actor
from bucketlist.bulk import service as bulk
from bucketlist.bulk.service import Act
from bucketlist.items.schemas import ItemPatch
from bucketlist.kit.errors import Invalid, NotFound
from bucketlist.kit.ids import NO_ID, known
from bucketlist.web.blueprint import MAX_FORM_BYTES, act, read
from bucketlist.web.finding import GROUPS, find_groups, find_list, find_lists
from bucketlist.web.form import Form
from bucketlist.web.items import chosen_list
from bucketlist.web.languages import gettext as _
from bucketlist.web.pages import back_from, go_to_path, page
from bucketlist.web.toasts import Toast
from bucketlist.web.wish_forms import Mistaken, attempted, read_tags, validate
from bucketlist.web.wishes import wish_view

MAX_SEVERAL_BYTES = 4 * MAX_FORM_BYTES  # the ids of all that a page shows

Changes = Callable[[Any], Mapping[str, Any]]


@read("/lists/<list_id>/select")
def read_selection(list_id: str) -> Response:
    """The wishes of a list, each to be ticked."""
    return _selection(list_id)


@act("/lists/<list_id>/select", MAX_SEVERAL_BYTES)
def send_selection(list_id: str, sent: Form) -> Response:
    """Does one thing to all that was ticked, or says what was wrong and keeps the ticks."""
    ids = [known(one) for one in sent.all("id")]
    did = (
        "moved"
        if sent.has("move")
        else {"tag": "tagged", "drop": "dropped", "trash": "trashed"}.get(sent.text("do"), "")
    )
    try:
        changes_of = _changes(did, sent, is_any=bool(ids))
        done = attempted(lambda: _do(did, ids, changes_of))
    except Mistaken as mistake:
        return _selection(list_id, mistake, ticked=ids, tag=sent.text("tag"))
    place = back_from(sent.text("back"), url_for("web.read_selection", list_id=list_id))
    return go_to_path(place, several(did, done))


def _do(did: str, ids: list[str], changes_of: Changes) -> Act | None:
    return bulk.trash_items(actor(), ids) if did == "trashed" else bulk.change_items(actor(), ids, changes_of)


def _changes(did: str, sent: Form, *, is_any: bool) -> Changes:
    """What becomes of each. Raises: `Mistaken`."""
    if not is_any:
        raise Mistaken({"": _("Nothing is ticked yet.")})
    if did == "moved":
        list_id = chosen_list(actor(), sent.text("move") or NO_ID)
        return lambda _: {"bucket_id": list_id}
    if did == "trashed":
        return lambda _: {}
    if did == "dropped":
        return lambda _: {"state": "dropped"}
    tags = read_tags(sent.text("tag"))
    if did != "tagged" or not tags:
        raise Mistaken({"tag": _("Write a tag here.")} if did else {"": _("Choose what to do with them.")})
    return lambda item: validate(ItemPatch, {"tags": [*wish_view(item).tags, *tags]}).model_dump(exclude_unset=True)


def several(did: str, done: Act | None) -> Toast:
    """What is told of an act, with its undo."""
    value = f"{done.first}-{done.last}-{done.size}" if done else ""
    return Toast(f"several-{did}" if done else "nothing-changed", undo="several" if done else "", value=value)


@act("/items/several/undo")
def undo_several(sent: Form) -> Response:
    """Takes back what was done to several wishes, but for what has changed since."""
    toast = Toast("several-undone", value=sent.text("act"))
    done = toast.act
    if done is None or done.last - done.first > MOST_NUMBERS:
        raise NotFound
    toast = toast._replace(value=f"{done.first}-{done.last}-{bulk.undo(actor(), done.first, done.last)}")
    return go_to_path(back_from(sent.text("back"), url_for("web.read_home")), toast)


MOST_NUMBERS = 4 * bulk.MOST_AT_ONCE  # that an act takes; each of its items takes a few, with its tags


def _selection(list_id: str, mistake: Mistaken | None = None, **values: Any) -> Response:
    person, show = actor(), request.args.get("show", "")
    show, found = (show if show in GROUPS else ""), find_list(person, known(list_id))
    try:
        groups = find_groups(person, found.id, [show] if show else GROUPS, request.args.get("cursor") if show else None)
    except Invalid:  # a cursor of another list
        raise NotFound from None
    errors, status = (mistake.errors, mistake.status) if mistake else ({}, 200)
    values |= {"list": found, "groups": groups, "show": show, "errors": errors}
    lists = find_lists(person, archived="any")
    others = [one for one in lists if one.id != found.id and not one.is_archived]
    return page("select.html", status, person=person, lists=lists, others=others, **values)
