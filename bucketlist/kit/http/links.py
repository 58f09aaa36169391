"""URL building: every reference to an address of this service is made here, or by `url_for` in a template.

The service may stand under a path, that of `PUBLIC_URL`, and its references begin with it. Whether the proxy in front
takes the path off a request or leaves it on makes no difference: both are served, and nothing is read of what a request
says of itself.

Source: RFC 3986 section 4.2 (references that begin with a path), PEP 3333 (`SCRIPT_NAME` and `PATH_INFO`).
"""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from flask import current_app

from bucketlist.kit.http.middleware import App, Start

this_app = current_app._get_current_object  # type: ignore[attr-defined]  # it has; through the proxy it takes 1 µs more


def base_path_of(url: str) -> str:
    """The base path, under which the service stands, without a slash at its end; nothing at the root of a host."""
    return urlsplit(url).path.rstrip("/")


def path_to(place: str) -> str:
    """A relative URL of `place`, such as `/v1/things`, that resolves against the address of any answer."""
    root: str = this_app().config["APPLICATION_ROOT"]
    return place if root == "/" else root + place


def place_at(path: str) -> str:
    """The place that `path_to` made the URL `path` of."""
    root: str = this_app().config["APPLICATION_ROOT"]
    return path if root == "/" else path.removeprefix(root)


class UnderPath:
    """WSGI middleware that moves the base path, where a proxy left it on, from PATH_INFO to SCRIPT_NAME."""

    def __init__(self, app: App, base_path: str) -> None:
        self._app = app
        self._base_path = base_path

    def __call__(self, environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path.startswith(self._base_path):
            rest = path[len(self._base_path) :]
            if rest[:1] in ("", "/"):  # else it is another word that begins alike
                environ["SCRIPT_NAME"] = self._base_path
                environ["PATH_INFO"] = rest or "/"
        return self._app(environ, start_response)
