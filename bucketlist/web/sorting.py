"""HTML pages for sorting by hand: lists, and the wishes of a list, by buttons, keys or drag and drop.

A form names all that it shows, in their new order; they trade places among themselves, and what is not shown keeps its
own. So nothing is lost when there is more than a page, and a group of a list is sorted without the others.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from flask import Response, request, url_for

from bucketlist.auth.actor import Actor
from bucketlist.auth.guard import actor
from bucketlist.buckets import service as buckets
from bucketlist.items import service as items
from bucketlist.kit.errors import Invalid, NotFound, OrderDiffers
from bucketlist.kit.ids import known
from bucketlist.web.blueprint import MAX_FORM_BYTES, act, read
from bucketlist.web.finding import find_list, find_lists, find_sorted
from bucketlist.web.form import Form
from bucketlist.web.languages import gettext as _
from bucketlist.web.pages import HTML, back_from, go_to_path, is_htmx, page, part
from bucketlist.web.wishes import Group


class Place(NamedTuple):
    """A thing to sort: what it is called and where it leads."""

    id: str
    name: str
    address: str


@read("/lists/order")
def read_list_order() -> Response:
    """All lists, to be sorted."""
    return _page_of_lists(actor())


@act("/lists/order")
def send_list_order(sent: Form) -> Response:
    """Sorts the lists; where one is gone meanwhile nothing is moved, and all are shown as they are now."""
    person, ids = actor(), new_order(sent)
    return _sorted(sent, lambda: buckets.arrange_buckets(person, ids), lambda: _page_of_lists(person, is_stale=True))


@read("/lists/<list_id>/order")
def read_wish_order(list_id: str) -> Response:
    """The wishes of a list that have no date, to be sorted: a date sorts by itself."""
    return _page_of_wishes(actor(), known(list_id))


@act("/lists/<list_id>/order", MAX_FORM_BYTES)
def send_wish_order(list_id: str, sent: Form) -> Response:
    """Sorts some wishes of a list; where one is gone meanwhile nothing is moved, and all are shown as they are now."""
    person, found, ids = actor(), known(list_id), new_order(sent)
    return _sorted(
        sent, lambda: items.arrange_items(person, found, ids), lambda: _page_of_wishes(person, found, is_stale=True)
    )


def new_order(sent: Form) -> list[str]:
    """The ids of a form, one of which its button moves up or down by one place."""
    ids = [known(one) for one in sent.all("ids")]
    moved, by = (sent.text("up"), -1) if sent.has("up") else (sent.text("down"), 1)
    if moved in ids:
        at = ids.index(moved)
        to = min(max(at + by, 0), len(ids) - 1)
        ids[at], ids[to] = ids[to], ids[at]
    return ids


def _sorted(sent: Form, work: Callable[[], None], stale: Callable[[], Response]) -> Response:
    try:
        work()
    except OrderDiffers:
        return stale()
    if is_htmx():
        return Response(_("Sorted."), content_type=HTML)
    return go_to_path(_back_to_button(sent))


def _back_to_button(sent: Form) -> str:
    """The page as it was, at the button that was pressed: it can be pressed again."""
    by = "up" if sent.has("up") else "down"
    return f"{back_from(sent.text('back'), url_for('web.read_home'))}#{by}-{known(sent.text(by))}"


def _page_of_lists(person: Actor, *, is_stale: bool = False) -> Response:
    lists = find_lists(person)
    places = [Place(one.id, one.name, url_for("web.read_list", list_id=one.id)) for one in lists]
    groups = [(Group("lists", _("Your lists"), [], len(places)), places)]
    return _page(person, groups, is_stale=is_stale, action=url_for("web.send_list_order"), lists=lists, list=None)


def _page_of_wishes(person: Actor, list_id: str, *, is_stale: bool = False) -> Response:
    found = find_list(person, list_id)
    try:
        shown = find_sorted(person, list_id, request.args.get("show", ""), request.args.get("cursor"))
    except Invalid:  # a cursor of another list
        raise NotFound from None
    groups = [(group, _places(group)) for group in shown if group.wishes]
    action = url_for("web.send_wish_order", list_id=list_id)
    return _page(person, groups, is_stale=is_stale, action=action, lists=find_lists(person, archived="any"), list=found)


def _places(group: Group) -> list[Place]:
    return [Place(one.id, one.name, url_for("web.read_wish", item_id=one.id)) for one in group.wishes]


def _page(person: Actor, groups: Sequence[tuple[Group, Sequence[Place]]], *, is_stale: bool, **values: Any) -> Response:
    status = 409 if is_stale else 200
    values |= {"groups": groups, "is_stale": is_stale}
    return (
        part("order-groups.html", status, person=person, **values)
        if is_htmx()
        else page("order.html", status, person=person, **values)
    )
