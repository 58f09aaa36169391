"""Web app manifest, service worker and share target: the web app on a home screen (PWA), offline, and shared to.

The service worker keeps pages on the device for whoever saw them, as they say in a header, and for nobody else.

Source: W3C Web Application Manifest; W3C Service Workers; https://w3c.github.io/web-share-target/.
"""

import json
from typing import Any
from urllib.parse import urlsplit

from flask import Response, url_for

from bucketlist import config
from bucketlist.docs.assets import asset_response, static_files, static_fingerprint
from bucketlist.kit.http.route_policy import public
from bucketlist.kit.http.validation import takes_form
from bucketlist.kit.schemas import LEAST_BODY_BYTES
from bucketlist.limits.route_limits import not_rate_limited
from bucketlist.web.blueprint import blueprint, read_in_public
from bucketlist.web.form import Form
from bucketlist.web.form_results import FormResult
from bucketlist.web.languages import direction, language
from bucketlist.web.languages import gettext as _
from bucketlist.web.pages import go_to, page

MANIFEST = "application/manifest+json"
ICONS = {"icon-192.png": "any", "icon-512.png": "any", "icon-maskable-512.png": "maskable"}


@read_in_public("/manifest.webmanifest")
def read_manifest() -> Response:
    """What a browser asks for to install the web app, with its addresses below ours."""
    response = Response(json.dumps(manifest(), ensure_ascii=False), content_type=MANIFEST)
    response.headers["Cache-Control"] = "private, no-cache"
    response.vary.update(("Accept-Language", "Cookie"))
    return response


def manifest() -> dict[str, Any]:
    home = url_for("web.read_home")
    return {
        "id": home,
        "name": "bucketlist",
        "short_name": "bucketlist",
        "description": _("A home for bucket lists: a small place that keeps what people want to do before they die."),
        "lang": language(),
        "dir": direction(),
        "start_url": home,
        "scope": home,
        "display": "standalone",
        "background_color": "#f1f5f3",
        "theme_color": "#0b5a5c",
        "icons": [icon(name, purpose) for name, purpose in ICONS.items()],
        "shortcuts": [
            {"name": _("Add something"), "url": url_for("web.read_new_wish")},
            {"name": _("Search"), "url": url_for("web.read_search")},
        ],
        "share_target": share_target(),
    }


def icon(name: str, purpose: str) -> dict[str, str]:
    address = url_for("docs.read_static", fingerprint=static_fingerprint(), name=name)
    pixels = name.removesuffix(".png").rpartition("-")[2]
    return {"src": address, "sizes": f"{pixels}x{pixels}", "type": "image/png", "purpose": purpose}


def share_target() -> dict[str, Any]:
    """Where a share sheet sends texts, links and photos."""
    files = [{"name": "photos", "accept": ["image/*", ".heic", ".heif", ".avif"]}]
    params = {"title": "title", "text": "text", "url": "url", "files": files}
    return {
        "action": url_for("web.take_shared"),
        "method": "POST",
        "enctype": "multipart/form-data",
        "params": params,
    }


@read_in_public("/service-worker.js")
def read_service_worker() -> Response:
    """The script that stands between pages and the network. It is asked for anew at each visit."""
    return asset_response(static_files()["worker.js"], is_current=False)


@read_in_public("/offline")
def read_offline() -> Response:
    """What is shown in place of a page that nobody has seen yet, when there is no network."""
    response = page("offline.html", person=None, outcome=FormResult(200))
    del response.headers["Referrer-Policy"]  # there is no form on it
    return response


@blueprint.post("/share")
@public
@not_rate_limited("It holds no secret and stores nothing: what is sent becomes the address of a form.")
@takes_form(LEAST_BODY_BYTES)
def take_shared(form: Any) -> Response:
    """Shows the form of a new wish, filled in; nothing is saved. Where the service worker is, it does so itself."""
    sent = Form(form)
    shared: dict[str, Any] = {name: sent.text(name) for name in ("title", "text", "url") if sent.text(name)}
    return go_to("read_new_wish", **shared)


def worker_address() -> str:
    """That of the service worker, another with each change of a file, so that browsers look at it anew."""
    return url_for("web.read_service_worker", v=static_fingerprint())


def capture_address() -> str:
    """That of the form of a new wish, for what is outside of a page of ours."""
    home = urlsplit(config.current().base_url)
    return f"{home.scheme}://{home.netloc}{url_for('web.read_new_wish')}?"


def bookmarklet() -> str:
    """A bookmark that takes the page one is on, and what is marked on it, to the form of a new wish."""
    asked = "new URLSearchParams({title:document.title,url:location.href,text:getSelection().toString()})"
    return f"javascript:void(open('{capture_address()}'+{asked}))"
