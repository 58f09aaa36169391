"""HTML form of a first run (onboarding): the first wish, the first list, ideas and pasted lines, all in one."""

from typing import Any

from flask import Response

from bucketlist.auth import users
from bucketlist.auth.actor import Actor
from bucketlist.auth.guard import actor
from bucketlist.buckets import service as buckets
from bucketlist.buckets.schemas import BucketIn
from bucketlist.bulk import service as bulk
from bucketlist.items.schemas import ItemIn
from bucketlist.kit.db.database import in_transaction
from bucketlist.kit.ids import NO_ID
from bucketlist.web.blueprint import act, read
from bucketlist.web.capture import read_line
from bucketlist.web.finding import find_lists
from bucketlist.web.form import Form
from bucketlist.web.ideas import some_ideas
from bucketlist.web.languages import gettext as _
from bucketlist.web.look import today
from bucketlist.web.pages import go_to, page
from bucketlist.web.pasted import PastedLine
from bucketlist.web.pasting import MAX_PASTE_BYTES, pasted_lines, ticked, told_of, was_seen
from bucketlist.web.several import several
from bucketlist.web.wish_forms import Mistaken, attempted, validate

MOST_IDEAS = 20  # that are taken of one form


@read("/welcome")
def read_welcome() -> Response:
    """What a new person sees first."""
    return _form({"list": _("One day")}, [], [])


@act("/welcome", MAX_PASTE_BYTES)
def send_welcome(sent: Form) -> Response:
    """Puts all of it into a first list, once the pasted lines have been seen."""
    person, lines = actor(), list[PastedLine]()
    try:
        lines = pasted_lines(person, NO_ID, sent.text("lines"))
        if lines and not was_seen(sent):
            return _form(sent.as_dict(), sent.all("idea"), lines)
        wanted = [*_typed(sent), *(ticked(lines, sent) if lines else [])]
        named = validate(BucketIn, {"name": sent.text("list")})
        list_id, done = attempted(lambda: _begin(person, named, wanted))
    except Mistaken as mistake:
        return _form(sent.as_dict(), sent.all("idea"), lines, mistake)
    return go_to("read_list", several("added", done) if done else None, list_id=list_id)


def _typed(sent: Form) -> list[ItemIn]:
    """The first wish, and the ideas that were ticked. Raises: `Mistaken`."""
    first = sent.text("title")
    typed = [_wish("title", **read_line(first, today())._asdict())] if first.strip() else []
    return typed + [_wish("", name=idea) for idea in dict.fromkeys(sent.all("idea")[:MOST_IDEAS])]


def _wish(field: str, **fields: Any) -> ItemIn:
    try:
        return validate(ItemIn, fields)
    except Mistaken as mistake:
        raise Mistaken({field: mistake.sentence}) from mistake


@in_transaction
def _begin(person: Actor, named: BucketIn, wanted: list[ItemIn]) -> tuple[str, bulk.Act | None]:
    """The list of that name, which is made if there is none, with all that was wanted: all of it or nothing."""
    same = [one for one in find_lists(person) if one.name == named.name]
    list_id = same[0].id if same else buckets.add_bucket(person, named).id
    return list_id, bulk.add_items(person, list_id, wanted)


def _form(
    fields: dict[str, str], chosen: list[str], lines: list[PastedLine], mistake: Mistaken | None = None
) -> Response:
    person = actor()
    shown = some_ideas()
    ideas = list(dict.fromkeys([*chosen, *shown]))[: max(len(shown), len(chosen))]
    values: dict[str, Any] = {"fields": fields, "ideas": ideas, "chosen": chosen, "pasted": lines}
    values |= {"text": fields.get("lines", ""), "errors": mistake.errors if mistake else {}, "told_of": told_of}
    name, status = users.get_user(person).name, mistake.status if mistake else 200
    return page("welcome.html", status, person=person, name=name, lists=find_lists(person), **values)
