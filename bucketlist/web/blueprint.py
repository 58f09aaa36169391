"""Blueprint of the web app: how a page is declared, who may read it, and what every form is held to.

A page is for whoever is signed in, by a cookie, unless it says that it is public. A form that changes something carries
the CSRF token of its session, and comes from a page of ours, as `Sec-Fetch-Site` or `Origin` say.

Source: OWASP, Cross-Site Request Forgery Prevention Cheat Sheet; https://www.w3.org/TR/fetch-metadata/.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast
from urllib.parse import urlsplit

from flask import Blueprint, Response, request, url_for

from bucketlist import config
from bucketlist.auth.actor import Actor
from bucketlist.auth.guard import actor, read_cookie
from bucketlist.docs.error_pages import wants_page
from bucketlist.kit.errors import Forbidden, Unauthorized
from bucketlist.kit.http.error_handlers import answer_errors
from bucketlist.kit.http.multipart import FormLimits
from bucketlist.kit.http.requests import ApiRequest
from bucketlist.kit.http.route_policy import body_limit, by_cookie, public
from bucketlist.kit.http.validation import takes_form
from bucketlist.kit.schemas import MOST_BODY_BYTES
from bucketlist.limits.networks import Place, place_of
from bucketlist.services import services
from bucketlist.web.form import Form
from bucketlist.web.languages import gettext_noop
from bucketlist.web.pages import back_from, here, is_htmx, page
from bucketlist.web.refusals import page_of_refusal

View = Callable[..., Response]

blueprint = Blueprint("web", __name__, template_folder="templates")
answer_errors(blueprint, page_of_refusal)

MAX_FORM_BYTES = 8 * 1024
MAX_WISH_BYTES = MOST_BODY_BYTES  # of a form with notes, steps and links
MOST_PHOTOS_AT_ONCE = 10
MOST_UPLOAD_BYTES = MOST_PHOTOS_AT_ONCE * 25 * 1024 * 1024 + MAX_WISH_BYTES
UPLOAD_LIMITS = FormLimits(parts=50, text_bytes=MAX_WISH_BYTES, is_multiple=True)
FORGED = gettext_noop(
    "This form did not come from a page of this service. Read the page again, and send it from there."
)
OURS = ("same-origin", "none")  # who sent a form: a page of ours, or the person, by a reload


def read(rule: str) -> Callable[[View], View]:
    """A page for whoever is signed in."""
    return lambda view: blueprint.get(rule)(by_cookie(view))


def read_in_public(rule: str) -> Callable[[View], View]:
    """A page for everybody."""
    return lambda view: blueprint.get(rule)(public(view))


def act(rule: str, most_bytes: int = MAX_FORM_BYTES) -> Callable[[Callable[..., Response]], View]:
    """A form of whoever is signed in; the view is called with what was `sent`. Raises: `Forbidden`."""

    def decorate(view: Callable[..., Response]) -> View:
        @by_cookie
        @takes_form(most_bytes)
        @wraps(view)
        def answer(*, form: Any, **parts: str) -> Response:
            sent = Form(form)
            refuse_other_sites()
            if not services().cookie_sessions.is_csrf_token(actor(), sent.text("csrf")):
                return page_of_unsent(sent)
            return view(sent=sent, **parts)

        return blueprint.post(rule)(answer)

    return decorate


def act_with_photos(rule: str) -> Callable[[Callable[..., Response]], View]:
    """As `act`, of a form in which photos can be chosen: where it comes from is looked at before it is read."""

    def decorate(view: Callable[..., Response]) -> View:
        @by_cookie
        @body_limit(MOST_UPLOAD_BYTES)
        @wraps(view)
        def answer(**parts: str) -> Response:
            refuse_other_sites()
            read_by = cast("ApiRequest", request).read_sent
            sent = Form(*read_by(MOST_UPLOAD_BYTES, frozenset({"photos"}), UPLOAD_LIMITS))
            if not services().cookie_sessions.is_csrf_token(actor(), sent.text("csrf")):
                return page_of_unsent(sent)
            return view(sent=sent, **parts)

        return blueprint.post(rule)(answer)

    return decorate


def page_of_unsent(sent: Form) -> Response:
    """A form of another session, to be sent again by hand if the browser says that it is ours. Raises: `Forbidden`."""
    is_told = "Sec-Fetch-Site" in request.headers or "Origin" in request.headers
    if is_htmx() or not (is_told and wants_page()):
        raise Forbidden(FORGED)
    action = back_from(here(), url_for("web.read_home"))
    return page("kept.html", 403, person=actor(), kept=sent.without_secrets(), action=action)


def refuse_other_sites() -> None:
    """Raises: `Forbidden` for what the browser says a page of others has sent.

    Who says nothing is no browser. A page without TLS on another machine is told by `Origin` alone.
    """
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None:
        is_ours = site in OURS
    else:
        is_ours = origin is None or urlsplit(origin).netloc in (own_host(), request.headers.get("Host"))
    if not is_ours:
        raise Forbidden(FORGED)


def own_host() -> str:
    return urlsplit(config.current().base_url).netloc


def person_if_any() -> Actor | None:
    """Who asks, when a cookie came along that was not forged; whether the session lives is for the database to say."""
    cookie = request.cookies.get(config.current().cookie_name("session"))
    if not cookie:
        return None
    try:
        return read_cookie(services().cookie_sessions, cookie)
    except Unauthorized:
        return None


def asked_from() -> Place:
    """Where the request comes from."""
    return place_of(request.remote_addr or "")
