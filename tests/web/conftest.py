"""Test fixtures of the web app."""

import os
from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Page, ViewportSize

from bucketlist.kit.http.openapi import ApiApp
from tests.browser import chromium
from tests.patience import LONG
from tests.people import Person
from tests.servers import LiveServer, start_server
from tests.web.browsing import Visitor, browse
from tests.web.in_browser import sign_up

ASKED_FOR = (  # complaints of what a test has cut off itself; a transition by the next click
    *("ERR_FAILED", "htmx:", "404 (Not Found)", "409 (Conflict)"),
    "Transition was",
)
PHONE: ViewportSize = {"width": 390, "height": 844}


UNDER = os.environ.get("UNDER", "")  # the path of `PUBLIC_URL`: “make test-web” runs them a second time below one


@pytest.fixture(scope="module")
def live_server(live_server: LiveServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """The service as people reach it, at the root of its host or below a path."""
    if not UNDER:
        yield live_server
        return
    with start_server(tmp_path_factory.mktemp("under"), under=UNDER) as server:
        yield replace(server, url=server.url + UNDER)


@pytest.fixture
def visitor(app: ApiApp, ada: Person) -> Visitor:
    """Ada, in a browser."""
    return browse(app, ada)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def page(browser: Browser, live_server: LiveServer, request: pytest.FixtureRequest) -> Iterator[Page]:
    """The overview of somebody new; at the end, nothing may have been complained of in the console."""
    has_script = getattr(request, "param", True)
    context = browser.new_context(viewport=PHONE, java_script_enabled=has_script)
    context.set_default_timeout(LONG * 1000)
    opened, complaints = context.new_page(), list[str]()
    opened.on("console", lambda message: complaints.append(message.text))
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    sign_up(opened, live_server.url, "".join(letter for letter in request.node.name if letter.isalnum())[-40:])
    yield opened
    context.close()
    assert [one for one in complaints if not any(known in one for known in ASKED_FOR)] == []
