"""HTML pages of the trash: what lies there and for how long, restored in its old place, or gone for good."""

from typing import Any, NamedTuple

from flask import Response, request, url_for

from bucketlist.auth.guard import actor
from bucketlist.kit import clock
from bucketlist.kit.errors import Invalid, NotFound
from bucketlist.kit.ids import known
from bucketlist.trash import service as trash
from bucketlist.trash.errors import ParentInTrash
from bucketlist.trash.schemas import TrashOut, TrashQuery
from bucketlist.web.blueprint import act, read
from bucketlist.web.finding import find_lists
from bucketlist.web.form import Form
from bucketlist.web.languages import gettext as _
from bucketlist.web.languages import ngettext
from bucketlist.web.look import today, zone
from bucketlist.web.pages import back_from, go_to, go_to_path, page
from bucketlist.web.toasts import Toast

PAGE = 50
ICONS = {"bucket": "bookmark", "item": "list-checks", "entry": "quote", "photo": "camera"}


class TrashView(NamedTuple):
    """What lies in the trash, in words."""

    id: str
    icon: str
    name: str
    what: str
    deleted_at: str
    gone_at: str
    left: str


@read("/trash")
def read_trash() -> Response:
    """What was deleted and can be had back, the newest first."""
    return trash_page()


def trash_page(status: int = 200, waits_for: str = "", **values: Any) -> Response:
    """`waits_for` names what has to be restored first."""
    person, cursor = actor(), request.args.get("cursor")
    try:
        asked = TrashQuery.model_validate({"limit": str(PAGE)} | ({"cursor": cursor} if cursor else {}))
        found = trash.list_trash(person, asked)
    except Invalid:  # a cursor of another list
        raise NotFound from None
    rows = [_view(TrashOut.to_json_object(row)) for row in found.rows]
    values |= {"rows": rows, "found": found, "waits_for": waits_for, "lists": find_lists(person)}
    return page("trash.html", status, person=person, **values)


def _view(row: dict[str, Any]) -> TrashView:
    name = row["name"] or {"entry": _("An entry"), "photo": _("A photo")}.get(row["kind"], _("Without a name"))
    days = max(0, (clock.from_text(row["goneAt"]).astimezone(zone()).date() - today()).days)
    left = ngettext("in %(days)s day", "in %(days)s days", days) % {"days": days} if days else _("today")
    kind, wishes = row["kind"], row["itemCount"]
    in_list = ngettext("A list with %(number)s wish", "A list with %(number)s wishes", wishes) % {"number": wishes}
    what = {"bucket": in_list, "item": _("A wish"), "entry": _("An entry of a story"), "photo": _("A photo")}[kind]
    return TrashView(row["id"], ICONS[kind], name, what, row["deletedAt"], row["goneAt"], left)


@act("/trash/<trash_id>/restore")
def send_restore(trash_id: str, sent: Form) -> Response:
    """Brings it back to its old place, and shows it there, or the page where undo was asked for."""
    try:
        back = trash.restore(actor(), known(trash_id))
    except ParentInTrash as refusal:
        return trash_page(refusal.status, str(refusal.members["parent"]["name"] or ""))
    toast = Toast("restored")
    if sent.has("back"):
        return go_to_path(back_from(sent.text("back"), url_for("web.read_home")), toast)
    if back.kind == "bucket":
        return go_to("read_list", toast, list_id=back.id)
    if back.kind == "photo":
        return go_to("read_photo", toast, photo_id=back.id)
    item_id = back.id if back.kind == "item" else back.data["itemId"]
    return go_to("read_wish", toast, item_id=item_id, _anchor=None if back.kind == "item" else f"e-{back.id}")


@read("/trash/empty")
def read_empty_trash() -> Response:
    """Asks before all of it is gone."""
    return page("trash-empty.html", person=actor(), lists=find_lists(actor()), trash_id="")


@act("/trash/empty")
def send_empty_trash(sent: Form) -> Response:  # noqa: ARG001  # its CSRF token has been looked at
    """All of it is gone for good."""
    trash.empty(actor())
    return go_to("read_trash", Toast("deleted"))


@read("/trash/<trash_id>/delete")
def read_delete_trash(trash_id: str) -> Response:
    """Asks before one of it is gone."""
    return page("trash-empty.html", person=actor(), lists=find_lists(actor()), trash_id=known(trash_id))


@act("/trash/<trash_id>/delete")
def send_delete_trash(trash_id: str, sent: Form) -> Response:  # noqa: ARG001  # its CSRF token has been looked at
    """It is gone for good."""
    trash.empty(actor(), known(trash_id))
    return go_to("read_trash", Toast("deleted"))
