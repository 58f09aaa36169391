"""HTTP routes of the web app: all its pages and forms, on one blueprint."""

from typing import Any

from flask import Flask, Response

from bucketlist.docs.error_pages import page_or_problem, wants_page
from bucketlist.kit.errors import Refusal
from bucketlist.web import (
    actions,
    doors,
    entries,
    history,
    items,
    journal,
    letter_links,
    lists,
    pasting,
    photos,
    search,
    settings,
    several,
    sorting,
    trash,
    welcome,
)
from bucketlist.web.blueprint import blueprint, person_if_any
from bucketlist.web.fuzzy_words import say_fuzzy
from bucketlist.web.ideas import idea_lists
from bucketlist.web.installing import bookmarklet, capture_address, worker_address
from bucketlist.web.languages import LANGUAGES, direction, gettext, install_languages, language
from bucketlist.web.look import read_look
from bucketlist.web.markdown import to_html
from bucketlist.web.pages import here, page
from bucketlist.web.pictures import say_size
from bucketlist.web.search import search_address
from bucketlist.web.wishes import number
from bucketlist.web.words_of_time import greeting, say_day, say_moment

PAGES = (
    actions,
    doors,
    entries,
    history,
    items,
    journal,
    letter_links,
    lists,
    pasting,
    photos,
    search,
    settings,
    several,
    sorting,
    welcome,
    trash,
)  # each has declared its own on the blueprint


def install(app: Flask) -> None:
    """Add the web app to `app`, with its languages."""
    install_languages(app)
    app.register_blueprint(blueprint)


def page_of_nothing(refusal: Refusal) -> Response:
    """What renders the errors of addresses that no room has: whoever has a session finds the way back on the page."""
    person = person_if_any() if refusal.status == 404 and wants_page() else None
    if person is None:
        return page_or_problem(refusal)
    response = page("nothing.html", 404, person=person, lists=[])
    response.vary.add("Accept")
    return response


@blueprint.app_context_processor
def add_helpers() -> dict[str, Any]:
    """For the templates."""
    return {
        "bookmarklet": bookmarklet,
        "capture_address": capture_address,
        "direction": direction,
        "greeting": greeting,
        "idea_lists": idea_lists,
        "language": language,
        "languages": LANGUAGES,
        "look": read_look,
        "number": number,
        "place": here,
        "say_day": say_day,
        "say_moment": say_moment,
        "say_fuzzy": say_fuzzy,
        "say_size": say_size,
        "search_address": search_address,
        "to_html": to_html,
        "translated": gettext,
        "worker_address": worker_address,
    }
