"""HTML responses of the web app: whole pages, parts of them for htmx, and where a browser goes next.

A part is the very template that the whole page includes, so that the two cannot differ.
"""

import hashlib
from typing import Any

from flask import Response, render_template, request, url_for

from bucketlist.auth.actor import Actor
from bucketlist.kit.http.compression import compress
from bucketlist.kit.http.links import path_to
from bucketlist.services import services
from bucketlist.web.cookies import forget_cookie, set_cookie
from bucketlist.web.form_results import FormResult
from bucketlist.web.toasts import Toast

HTML = "text/html; charset=utf-8"
FLASH_SECONDS = 60
READER, PERSON, NOBODY = "Bucketlist-Reader", "Bucketlist-Person", "nobody"  # whose a page is, for the service worker


def page(template: str, status: int = 200, *, person: Actor | None, **values: Any) -> Response:
    """A whole page, which browsers keep and ask about. What was done before is told on it, once."""
    csrf = services().cookie_sessions.csrf_token(person) if person else ""
    toast = None if "toast" in values else Toast.parse(request.cookies.get(_name("said"), ""))
    text = render_template(
        f"web/{template}", **{"csrf": csrf, "toast": toast, "mark": person and mark_of(person), **values}
    )
    response = _response(text, status)
    if person:
        response.headers[READER] = reader_of(person)
        response.headers[PERSON] = mark_of(person)
    if toast:
        forget_cookie(response, "said")
    return response


def part(template: str, status: int = 200, *, person: Actor, toast: Toast | None = None, **values: Any) -> Response:
    """A part of a page, for htmx; what was done is told beside it."""
    csrf = services().cookie_sessions.csrf_token(person)
    text = render_template("web/part.html", part=f"web/{template}", csrf=csrf, toast=toast, **values)
    return _response(text, status)


def secret_page(template: str, outcome: FormResult, **values: Any) -> Response:
    """A page that nobody keeps and nobody lists: its address may hold a secret."""
    text = render_template(f"web/{template}", outcome=outcome, **values)
    response = Response(text, outcome.status, outcome.headers, content_type=HTML)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers[READER] = NOBODY
    response.vary.update(("Cookie", "Accept-Language"))
    return response


def reader_of(person: Actor) -> str:
    """Another text for each session, which tells nothing of it."""
    return hashlib.sha256(f"reader {person.session_id}".encode()).hexdigest()[:16]


def mark_of(person: Actor) -> str:
    """The same text for all sessions of a person, which tells nothing of them."""
    return hashlib.sha256(f"person {person.user_id}".encode()).hexdigest()[:16]


def changed(response: Response) -> Response:
    """Has a page on which lists of wishes stand ask for them anew."""
    response.headers["HX-Trigger"] = "wishes-changed"
    return response


def counted(response: Response) -> Response:
    """Has a page ask anew for what it tells of how much is done; its wishes stay in their places."""
    response.headers["HX-Trigger"] = "wishes-counted"
    return response


def go_to(endpoint: str, toast: Toast | None = None, **parts: Any) -> Response:
    """See other (303): the page where what was done is seen."""
    return go_to_path(url_for(f"web.{endpoint}", **parts), toast)


def go_to_path(path: str, toast: Toast | None = None) -> Response:
    response = Response(status=303, headers={"Location": path})
    del response.headers["Content-Type"]
    if toast:
        set_cookie(response, "said", toast.to_text(), FLASH_SECONDS)
    return response


def back_from(sent: str, otherwise: str) -> str:
    """Where a form says that it stood, if that is a place of ours: a path, as the browser has it below our root."""
    is_plain = sent.startswith("/") and sent.isascii() and sent.isprintable()
    is_ours = is_plain and not sent.startswith("//") and "\\" not in sent
    return path_to(sent) if is_ours else otherwise


def here() -> str:
    """The place of this page below our root, with its query: what `back_from` takes."""
    return request.full_path.removesuffix("?")


def is_htmx() -> bool:
    """Is a part of a page asked for, and not the whole?"""
    return request.headers.get("HX-Request") == "true"


def _name(cookie: str) -> str:
    return services().settings.cookie_name(cookie)


def _response(text: str, status: int) -> Response:
    response = Response(text, status, content_type=HTML)
    compress(response)
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Referrer-Policy"] = "same-origin"
    response.vary.update(("Cookie", "HX-Request", "Accept-Language"))
    return response
