"""HTML forms of one button, actions on a wish: done, not done after all, begin, let go, move, delete; their undo."""

from typing import Any

from flask import Response, url_for

from bucketlist.auth.guard import actor
from bucketlist.items import service as items
from bucketlist.items.schemas import ItemPatch
from bucketlist.kit.errors import Conflict
from bucketlist.kit.etags import Preconditions
from bucketlist.kit.ids import known
from bucketlist.web.blueprint import act
from bucketlist.web.finding import find_list, find_lists, find_wish
from bucketlist.web.form import Form
from bucketlist.web.pages import back_from, changed, counted, go_to_path, is_htmx, part
from bucketlist.web.toasts import Toast
from bucketlist.web.wish_forms import Mistaken, validate
from bucketlist.web.wishes import WishView

BY_STATE = {"open": "reopen", "doing": "start", "done": "done", "dropped": "drop"}  # which form leads to it


@act("/items/<item_id>/done")
def finish_wish(item_id: str, sent: Form) -> Response:
    """One tap; the story can be told later, or never."""
    return _to_state(item_id, sent, "done", "done")


@act("/items/<item_id>/reopen")
def reopen_wish(item_id: str, sent: Form) -> Response:
    """Not done after all, or not let go."""
    return _to_state(item_id, sent, "open", "reopened")


@act("/items/<item_id>/start")
def start_wish(item_id: str, sent: Form) -> Response:
    """It is under way."""
    return _to_state(item_id, sent, "doing", "started")


@act("/items/<item_id>/drop", 32 * 1024)
def drop_wish(item_id: str, sent: Form) -> Response:
    """Let it go, with a reason or without."""
    reason = {"droppedReason": sent.text("reason")} if sent.has("reason") else {}
    return _to_state(item_id, sent, "dropped", "dropped", **reason)


def _to_state(item_id: str, sent: Form, state: str, did: str, **more: str) -> Response:
    before = find_wish(actor(), known(item_id))
    changes = _valid({"state": state, **more})
    items.change_item(actor(), before.id, changes, Preconditions())
    undo = BY_STATE[before.state] if before.state != state else ""
    return answer_wish(before.id, sent, Toast("saved" if not undo else did, before.id, undo), just_done=did == "done")


@act("/items/<item_id>/move")
def move_wish(item_id: str, sent: Form) -> Response:
    """To the end of another list."""
    before = find_wish(actor(), known(item_id))
    items.change_item(actor(), before.id, _valid({"bucketId": sent.text("list")}), Preconditions())
    toast = Toast("moved", before.id, "move", before.list_id)
    return go_to_path(back_from(sent.text("back"), url_for("web.read_wish", item_id=before.id)), toast)


@act("/items/<item_id>/delete")
def delete_wish(item_id: str, sent: Form) -> Response:
    """Puts a wish in the trash, and shows where it was."""
    wish = find_wish(actor(), known(item_id))
    toast = Toast("trashed", "", "restore", items.delete_item(actor(), wish.id, Preconditions()))
    if is_htmx():
        response = changed(part("said.html", person=actor(), toast=toast, back=sent.text("back")))
        response.headers["HX-Reswap"] = "delete"  # of the row
        return response
    of_list = url_for("web.read_list", list_id=wish.list_id)
    back = back_from(sent.text("back"), of_list)
    return go_to_path(of_list if wish.id in back else back, toast)


def _valid(fields: dict[str, str]) -> dict[str, Any]:
    """Raises: `Conflict` for what no form of ours sends."""
    try:
        return validate(ItemPatch, fields).model_dump(exclude_unset=True)
    except Mistaken as mistake:
        raise Conflict(mistake.sentence) from mistake


def answer_wish(item_id: str, sent: Form, toast: Toast, *, just_done: bool) -> Response:
    """The wish as it is now, for htmx; else the page where the form stood."""
    if not is_htmx() or sent.text("part") != "row":
        return go_to_path(back_from(sent.text("back"), url_for("web.read_wish", item_id=item_id)), toast)
    wish: WishView = find_wish(actor(), item_id)
    names = {wish.list_id: find_list(actor(), wish.list_id)} if sent.has("named") else {}
    values: dict[str, Any] = {
        "just_done": just_done,
        "by_id": names,
        "back": sent.text("back"),
        "lists": find_lists(actor()),
    }
    return counted(part("row.html", person=actor(), toast=toast, wish=wish, **values))
