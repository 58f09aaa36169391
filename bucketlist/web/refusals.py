"""Error pages of the web app: what went wrong, in words for people, and a way on.

Whoever is not signed in, or not any more, is led to the door and back; what a form held waits on its page.
"""

from typing import cast

from flask import Response, g, render_template, request, url_for
from werkzeug.exceptions import RequestEntityTooLarge

from bucketlist.auth.guard import actor
from bucketlist.docs.error_pages import page_or_problem, wants_page
from bucketlist.kit.errors import Refusal
from bucketlist.kit.http.error_handlers import problem_response
from bucketlist.kit.http.requests import ApiRequest
from bucketlist.kit.schemas import LEAST_BODY_BYTES
from bucketlist.web.form import Form
from bucketlist.web.form_results import FormResult
from bucketlist.web.languages import gettext as _
from bucketlist.web.pages import HTML, back_from, go_to_path, here, is_htmx, page
from bucketlist.web.words import refusal_words


def page_of_refusal(refusal: Refusal) -> Response:
    """What renders the errors of the web app; a program is answered as everywhere."""
    if is_htmx():
        return _answer(refusal_words(refusal), refusal)
    if not wants_page():
        return problem_response(refusal)
    if refusal.status == 401 and request.method in ("GET", "HEAD"):
        return go_to_path(url_for("web.read_sign_in", next=here()))
    if refusal.status == 401:
        return _answer(_signed_out(), refusal)
    if refusal.status == 404:
        is_known = "actor" in g
        return page("nothing.html", 404, person=actor(), lists=[]) if is_known else page_or_problem(refusal)
    return _answer(render_template("web/refused.html", refusal=refusal, words=refusal_words(refusal)), refusal)


def _signed_out() -> str:
    if kept := _kept():
        action = back_from(here(), url_for("web.read_home"))
        return render_template("web/signed-out.html", outcome=FormResult(401), action=action, kept=kept)
    told = FormResult(401, _("You are signed out. Sign in, go back, and send it again."))
    return render_template("web/sign-in.html", outcome=told, next="", email="")


def _kept() -> list[tuple[str, str]]:
    """What the form held, but for secrets: all of it where the cookie was good, else no more than visitors may send."""
    try:
        return Form(cast("ApiRequest", request).read_form(LEAST_BODY_BYTES)).without_secrets()
    except RequestEntityTooLarge:
        return []


def _answer(text: str, refusal: Refusal) -> Response:
    headers = {name: value for name, value in refusal.headers.items() if name != "WWW-Authenticate"}
    response = Response(text, refusal.status, headers, content_type=HTML)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "same-origin"  # or a form on it would come from nowhere
    return response
