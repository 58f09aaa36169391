"""URL checks in answers: a test's client fails when one leaves the path under which the service stands."""

import re
from collections.abc import Iterator
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

in_page = re.compile(r"""(?:href|src|action|data-[a-z]+)="([^"#]*)""").findall
in_link = re.compile("<([^>]*)>").findall


class LinkCheckingClient(FlaskClient):
    """Asks with the path in front of an address or without, as what came back has it."""

    def open(self, *args: Any, **named: Any) -> TestResponse:
        response: TestResponse = super().open(*args, **named)
        root = self.application.config["APPLICATION_ROOT"]
        strays = [] if root == "/" else [one for one in references_in(response) if not is_below(root, one)]
        assert strays == [], f"{response.request.path} leads out of {root}"
        return response


def is_below(root: str, reference: str) -> bool:
    """Or is it no path at all?"""
    return not reference.startswith("/") or reference.startswith(f"{root}/")


def references_in(response: TestResponse) -> Iterator[str]:
    """Those of a page, of JSON (a problem, a page of a list), and of headers."""
    yield from in_link(response.headers.get("Link", ""))
    yield response.headers.get("Location", "")
    if response.mimetype == "text/html":
        yield from in_page(response.text)
    elif response.is_json and isinstance(response.json, dict):
        yield from filter(None, (response.json.get(name) for name in ("next", "previous", "type")))
