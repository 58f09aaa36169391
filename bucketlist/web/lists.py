"""HTML pages of lists: the overview, a list with its wishes, and forms that make, change and delete one."""

from typing import Any

from flask import Response, request

from bucketlist.auth import users
from bucketlist.auth.actor import Actor
from bucketlist.auth.guard import actor
from bucketlist.buckets import service as buckets
from bucketlist.buckets.schemas import BucketIn, BucketPatch
from bucketlist.docs.homepage import homepage
from bucketlist.kit.errors import Invalid, NotFound, PreconditionFailed, Unauthorized
from bucketlist.kit.etags import Preconditions
from bucketlist.kit.ids import known
from bucketlist.web.blueprint import MAX_WISH_BYTES, act, person_if_any, read, read_in_public
from bucketlist.web.finding import (
    FEW,
    FEW_OF_EACH,
    GROUPS,
    MOST_SHOWN,
    MOST_TOGETHER,
    find_groups,
    find_list,
    find_lists,
    find_wishes,
    wishes_on,
)
from bucketlist.web.form import Form
from bucketlist.web.ideas import some_ideas
from bucketlist.web.look import present
from bucketlist.web.pages import NOBODY, READER, go_to, is_htmx, page, part
from bucketlist.web.toasts import Toast
from bucketlist.web.wish_forms import Errors, Mistaken, attempted, validate
from bucketlist.web.wishes import WishView


@read_in_public("/")
def read_home() -> Response:
    """For a visitor the documentation and the doors; for whoever is signed in the overview."""
    person = person_if_any()
    if person is not None:
        try:
            return overview(person)
        except Unauthorized:  # the session has ended elsewhere
            pass
    response = homepage()
    response.vary.add("Cookie")
    response.headers[READER] = NOBODY
    return response


def overview(person: Actor) -> Response:
    """What is under way, a wish that waits, and all lists; an empty bucket says what goes into one."""
    if is_htmx():
        return part("lists.html", person=person, lists=find_lists(person), is_beside=True)
    user, lists = users.get_user(person), find_lists(person)
    if not lists:
        return page("first.html", person=person, name=user.name, ideas=some_ideas(), lists=[])
    under_way = find_wishes(person, limit=str(FEW), state=["doing"])
    names = {one.id: one for one in lists}
    return page(
        "overview.html",
        person=person,
        name=user.name,
        lists=lists,
        by_id=names,
        under_way=wishes_on(under_way)[:5],
        under_way_count=under_way.count,
        waiting=_waiting_wish(person),
        now=present(),
    )


def _waiting_wish(person: Actor) -> WishView | None:
    """One of those that wait longest: another each day, and another by choice."""
    found = wishes_on(find_wishes(person, limit=str(FEW), state=["open"], sort="createdAt"))
    other = request.args.get("other", "0")
    turn = present().toordinal() + (int(other) if other.isascii() and other.isdigit() and len(other) < 6 else 0)
    return found[turn % len(found)] if found else None


@read("/lists/<list_id>")
def read_list(list_id: str) -> Response:
    """A list, its wishes in groups; with `show`, one of the groups, page by page."""
    person, show = actor(), request.args.get("show", "")
    return list_page(person, list_id, show if show in GROUPS else "", request.args.get("cursor"))


def list_page(person: Actor, list_id: str, show: str, cursor: str | None = None) -> Response:
    found = find_list(person, known(list_id))
    if is_htmx() and request.args.get("part") == "counts":
        return part("counts.html", person=person, list=found)
    most = MOST_SHOWN if show or found.item_count <= MOST_TOGETHER else FEW_OF_EACH
    try:
        groups = find_groups(person, found.id, [show] if show else GROUPS, cursor if show else None, most)
    except Invalid:  # a cursor of another list
        raise NotFound from None
    values: dict[str, Any] = {"list": found, "groups": groups, "show": show}
    if is_htmx():
        return part("groups.html", person=person, is_beside=True, **values)
    return page("list.html", person=person, lists=find_lists(person, archived="any"), **values)


@read("/lists/new")
def read_new_list() -> Response:
    """A form for a new list."""
    return page("list-form.html", person=actor(), list=None, fields={}, errors={}, lists=find_lists(actor()))


@act("/lists/new", MAX_WISH_BYTES)
def send_new_list(sent: Form) -> Response:
    """Makes a list, and shows it."""
    fields = {"name": sent.text("name"), "description": sent.text("notes")}
    try:
        wanted = validate(BucketIn, fields)
        made = attempted(lambda: buckets.add_bucket(actor(), wanted))
    except Mistaken as mistake:
        return _form_again(None, sent, mistake.errors, mistake.status)
    return go_to("read_list", Toast("list-added"), list_id=made.id)


@read("/lists/<list_id>/edit")
def read_list_form(list_id: str) -> Response:
    """A form for its name, what it is about, and whether it is out of the way."""
    found = find_list(actor(), known(list_id))
    fields = {"name": found.name, "notes": found.description or "", "etag": found.etag}
    fields |= {"archived": "yes"} if found.is_archived else {}
    return page("list-form.html", person=actor(), list=found, fields=fields, errors={}, lists=find_lists(actor()))


@act("/lists/<list_id>/edit", MAX_WISH_BYTES)
def send_list_form(list_id: str, sent: Form) -> Response:
    """Changes a list, unless somebody else has meanwhile: then both are shown."""
    fields = {"name": sent.text("name"), "description": sent.text("notes"), "archived": sent.has("archived")}
    try:
        wanted = validate(BucketPatch, fields).model_dump(exclude_unset=True)
        seen = Preconditions(if_match=sent.text("etag"))
        attempted(lambda: buckets.change_bucket(actor(), known(list_id), wanted, seen))
    except Mistaken as mistake:
        return _form_again(list_id, sent, mistake.errors, mistake.status)
    except PreconditionFailed:
        return _form_again(list_id, sent, {}, 412)
    return go_to("read_list", Toast("saved"), list_id=list_id)


def _form_again(list_id: str | None, sent: Form, errors: Errors, status: int) -> Response:
    """The form as it was filled in. What was changed by somebody else meanwhile is beside it."""
    found = find_list(actor(), known(list_id)) if list_id else None
    fields, other = sent.as_dict(), None
    if status == 412 and found:
        fields["etag"], other = found.etag, found
    values: dict[str, Any] = {
        "list": found,
        "fields": fields,
        "errors": errors,
        "other": other,
        "lists": find_lists(actor()),
    }
    return page("list-form.html", status, person=actor(), **values)


@act("/lists/<list_id>/delete")
def send_delete_list(list_id: str, sent: Form) -> Response:  # noqa: ARG001  # its CSRF token has been looked at
    """Puts a list in the trash with its wishes."""
    trash_id = buckets.delete_bucket(actor(), known(list_id), Preconditions())
    return go_to("read_home", Toast("trashed", "", "restore", trash_id))
