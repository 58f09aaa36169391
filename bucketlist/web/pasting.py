"""HTML pages of bulk import: a pasted list of lines, a wish each, shown before it is saved; one undo for all."""

from typing import Any

from flask import Response

from bucketlist.auth.actor import Actor
from bucketlist.auth.guard import actor
from bucketlist.bulk import service as bulk
from bucketlist.items import service as items
from bucketlist.kit.ids import known
from bucketlist.web.blueprint import act, read
from bucketlist.web.finding import find_list, find_lists
from bucketlist.web.form import Form
from bucketlist.web.fuzzy_words import say_when
from bucketlist.web.languages import gettext as _
from bucketlist.web.look import today
from bucketlist.web.pages import go_to, page
from bucketlist.web.pasted import PastedLine, read_lines
from bucketlist.web.several import several
from bucketlist.web.wish_forms import Mistaken, attempted

MAX_PASTE_BYTES = 512 * 1024


@read("/lists/<list_id>/paste")
def read_paste_form(list_id: str) -> Response:
    """A field for many lines."""
    return _form(list_id, [], "")


@act("/lists/<list_id>/paste", MAX_PASTE_BYTES)
def send_paste_form(list_id: str, sent: Form) -> Response:
    """Shows what was read of the lines; when that has been seen, adds those that are ticked."""
    text, lines = sent.text("lines"), list[PastedLine]()
    try:
        lines = pasted_lines(actor(), known(list_id), text)
        if not was_seen(sent) or not lines:
            return _form(list_id, lines, text)
        wanted = ticked(lines, sent)
        done = attempted(lambda: bulk.add_items(actor(), known(list_id), wanted))
    except Mistaken as mistake:
        return _form(list_id, lines, text, mistake.status, errors=mistake.errors)
    return go_to("read_list", several("added", done), list_id=list_id)


def pasted_lines(person: Actor, list_id: str, text: str) -> list[PastedLine]:
    """What was read, for a list in which some of it may be already. Raises: `Mistaken`."""
    return read_lines(text, today(), lambda names: items.find_names(person, list_id, names) if names else set())


def was_seen(sent: Form) -> bool:
    """Were these very lines shown before?"""
    return sent.has("seen") and sent.text("seen").strip() == sent.text("lines").strip()


def ticked(lines: list[PastedLine], sent: Form) -> list[Any]:
    """The wishes of the lines that are ticked. Raises: `Mistaken` when there are none."""
    chosen = set(sent.all("line"))
    wanted = [line.wish for line in lines if line.wish and str(line.number) in chosen]
    if not wanted:
        raise Mistaken({"lines": _("Nothing is ticked yet.")})
    return wanted


def told_of(line: PastedLine) -> str:
    """The time and the tags of a line, in words."""
    return ", ".join([*([say_when(line.target)] if line.target else []), *(f"#{tag}" for tag in line.tags)])


def _form(list_id: str, lines: list[PastedLine], text: str, status: int = 200, **values: Any) -> Response:
    person = actor()
    values = {"errors": {}, "list": find_list(person, known(list_id)), "pasted": lines, "text": text} | values
    return page("paste.html", status, person=person, told_of=told_of, lists=find_lists(person), **values)
