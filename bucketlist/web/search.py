"""HTML pages of search: words, state and tags in the address, so that back, reload and bookmarks work."""

from typing import Any

from flask import Response, request, url_for

from bucketlist.auth.guard import actor
from bucketlist.items import service as items
from bucketlist.items.schemas import ItemQuery
from bucketlist.kit.errors import Invalid, NotFound
from bucketlist.kit.paging import PageQuery
from bucketlist.tags import service as tags
from bucketlist.web.blueprint import read
from bucketlist.web.finding import find_lists, wishes_on
from bucketlist.web.languages import gettext as _
from bucketlist.web.pages import page
from bucketlist.web.wish_forms import Mistaken, validate

PAGE = 50
STATES: dict[str, list[str]] = {"": [], "open": ["open", "doing"], "done": ["done"], "dropped": ["dropped"]}


@read("/search")
def read_search() -> Response:
    """What was found, by what was asked for."""
    return found_page(request.args.get("q", "").strip(), request.args.getlist("tag")[:50])


@read("/tags/<path:tag>")
def read_tag(tag: str) -> Response:
    """All wishes with a tag."""
    return found_page("", [tag])


def found_page(words: str, wanted_tags: list[str]) -> Response:
    """The page of what was found; what cannot be asked for is told beside the field."""
    person, state = actor(), request.args.get("state", "")
    state = state if state in STATES else ""
    lists = find_lists(person, archived="any")
    values: dict[str, Any] = {"lists": lists, "by_id": {one.id: one for one in lists}}
    values |= {
        "words": words,
        "tags": wanted_tags,
        "state": state,
        "errors": {},
        "filters": filters(words, wanted_tags, state),
    }
    if not words and not wanted_tags and not state:
        named = tags.list_tags(person, PageQuery.model_validate({"limit": "100"}))
        return page("search.html", person=person, found=None, all_tags=named.rows, **values)
    asked = {"limit": str(PAGE), "archived": "any", "state": STATES[state] or None, "tag": wanted_tags or None}
    asked |= {"q": words or None, "cursor": request.args.get("cursor")}
    try:
        query = validate(ItemQuery, {name: value for name, value in asked.items() if value is not None})
        found = items.list_items(person, None, query)
    except Mistaken as mistake:
        values["errors"] = mistake.errors
        return page("search.html", 422, person=person, found=None, all_tags=[], **values)
    except Invalid:  # a cursor of another list
        raise NotFound from None
    return page("search.html", person=person, found=found, wishes=wishes_on(found), **values)


def filters(words: str, wanted_tags: list[str], state: str) -> list[tuple[str, str, bool]]:
    """What to show: its name, its address, and whether it is shown."""
    names = {"": _("Everything"), "open": _("Not yet"), "done": _("Done"), "dropped": _("Let go")}
    return [(names[key], search_address(words, wanted_tags, key), key == state) for key in STATES]


def search_address(words: str, wanted_tags: list[str], state: str, cursor: str | None = None) -> str:
    asked: dict[str, Any] = {"q": words, "tag": wanted_tags, "state": state, "cursor": cursor}
    return url_for("web.read_search", **{name: value for name, value in asked.items() if value})
