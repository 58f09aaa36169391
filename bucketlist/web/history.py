"""HTML page of history: what changed in a wish, when, from what to what, and by which session or token, in words."""

from collections.abc import Callable
from typing import Any, NamedTuple

from flask import Response, request

from bucketlist.auth.actor import Actor
from bucketlist.auth.guard import actor
from bucketlist.history import service as history
from bucketlist.history.schemas import HistoryOut
from bucketlist.kit.errors import Invalid, NotFound
from bucketlist.kit.ids import known
from bucketlist.kit.paging import PageQuery
from bucketlist.sessions import service as sessions
from bucketlist.sessions.schemas import SessionQuery
from bucketlist.web.blueprint import read
from bucketlist.web.finding import find_lists, find_wish
from bucketlist.web.fuzzy_words import say_fuzzy
from bucketlist.web.languages import gettext as _
from bucketlist.web.markdown import first_line
from bucketlist.web.pages import page
from bucketlist.web.wishes import ListView, number, state_words
from bucketlist.web.words_of_time import say_day

PAGE = 50
LONGEST = 160  # characters of a text, as it is told


class Told(NamedTuple):
    """A change in words: what was done or what became what, when, and by whom."""

    words: list[str]
    at: str
    by: str
    is_joy: bool


@read("/items/<item_id>/history")
def read_history(item_id: str) -> Response:
    """What changed, the newest first."""
    person, cursor = actor(), request.args.get("cursor")
    wish = find_wish(person, known(item_id))
    lists = find_lists(person, archived="any")
    try:
        asked = PageQuery.model_validate({"limit": str(PAGE)} | ({"cursor": cursor} if cursor else {}))
        found = history.list_history(person, wish.id, asked)
    except Invalid:  # a cursor of another list
        raise NotFound from None
    names = _names_of_doers(person)
    told = [_tell(HistoryOut.to_json_object(row), lists, names) for row in found.rows]
    return page("history.html", person=person, wish=wish, lists=lists, told=told, found=found)


def _tell(change: dict[str, Any], lists: list[ListView], names: dict[str, str]) -> Told:
    fields = [one for one in change["fields"] if one["field"] in _labels()]
    words = [_became(one["field"], one["from"], one["to"], lists) for one in fields]
    is_joy = any(one["field"] == "state" and one["to"] == "done" for one in fields)
    by_token = change["tokenId"] is not None
    gone = _("A token that has ended") if by_token else _("A session that has ended")
    by = names.get(change["tokenId"] or change["sessionId"] or "", gone)
    return Told(words or [_actions()[change["action"]]], change["at"], by, is_joy)


def _names_of_doers(person: Actor) -> dict[str, str]:
    """What sessions and personal tokens that live are called, by their ids."""
    most = SessionQuery.model_validate({"limit": "100"})
    since = _("The session since %(day)s")
    names = {row[0]: since % {"day": say_day(str(row[1]))} for row in sessions.list_sessions(person, most).rows}
    tokens = [sessions.as_shown(row) for row in sessions.list_tokens(person, most).rows]
    names |= {row[0]: _("Token “%(name)s”") % {"name": row[1]} for row in tokens}
    return names | {person.session_id: _("This session")}


def _became(field: str, was: Any, is_now: Any, lists: list[ListView]) -> str:
    before, now = _say(field, was, lists), _say(field, is_now, lists)
    said = {"what": _labels()[field], "before": before, "now": now}
    if before and now:
        return _("%(what)s: %(before)s became %(now)s") % said
    return (_("%(what)s: %(now)s") if now else _("%(what)s: no longer %(before)s")) % said


def _say(field: str, value: Any, lists: list[ListView]) -> str:
    """The value of a field in words; nothing when it is empty."""
    if value in (None, "", []):
        return ""
    if field == "bucketId":
        return next((f"“{one.name}”" for one in lists if one.id == value), _("a list that is gone"))
    return WRITERS[field](value) if field in WRITERS else f"“{first_line(value, LONGEST)}”"


def _say_steps(steps: list[dict[str, Any]]) -> str:
    return ", ".join(f"{'✓ ' if step['done'] else ''}{step['text']}" for step in steps)[:LONGEST]


WRITERS: dict[str, Callable[[Any], str]] = {  # of what is no text
    "state": lambda state: state_words().get(state, state),
    "target": say_fuzzy,
    "steps": _say_steps,
    "links": lambda links: ", ".join(link["title"] or link["url"] for link in links)[:LONGEST],
    "tags": lambda tags: ", ".join(f"#{tag}" for tag in tags),
    "times": number,
    "timesDone": number,
}


def _labels() -> dict[str, str]:
    return {
        "name": _("Name"),
        "description": _("Notes"),
        "state": _("State"),
        "droppedReason": _("Why it was let go"),
        "target": _("When"),
        "times": _("How often"),
        "timesDone": _("Times done"),
        "place": _("Where"),
        "tags": _("Tags"),
        "steps": _("Steps"),
        "links": _("Links"),
        "bucketId": _("In list"),
    }


def _actions() -> dict[str, str]:
    return {
        "created": _("Put in the bucket"),
        "changed": _("Put in another order"),
        "deleted": _("Put in the trash"),
        "restored": _("Brought back"),
    }
