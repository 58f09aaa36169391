"""Test fixtures of the web app."""

import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Page, ViewportSize

from bucketlist.kit.http.openapi import ApiApp
from tests.browser import chromium
from tests.people import Person
from tests.servers import LiveServer, start_server
from tests.web.browsing import Visitor, browse
from tests.web.every_page import Life, live
from tests.web.in_browser import sign_up, watched

ASKED_FOR = (  # complaints of what a test has cut off itself; a transition by the next click
    *("ERR_FAILED", "htmx:", "404 (Not Found)", "409 (Conflict)"),
    "Transition was",
)
REFUSED = (  # complaints of answers that say what is wrong
    *(*ASKED_FOR, "Failed to load resource", "Response Status Error"),
    "Service Worker registration blocked",
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
    with watched(context, ASKED_FOR) as opened:
        sign_up(opened, live_server.url, "".join(letter for letter in request.node.name if letter.isalnum())[-40:])
        yield opened


@pytest.fixture(scope="module")
def life(browser: Browser, live_server: LiveServer, request: pytest.FixtureRequest) -> Life:
    """Somebody with something on every page, who has signed in once."""
    name = request.module.__name__.rpartition(".")[2]
    with closing(browser.new_context()) as context:
        return live(context, live_server.url, f"{name}@example.com")


@pytest.fixture
def stranger(browser: Browser) -> Iterator[Page]:
    """A page of nobody, whose answers may be refusals."""
    with watched(browser.new_context(viewport=PHONE, service_workers="block"), REFUSED) as page:
        yield page


@pytest.fixture
def reader(browser: Browser, life: Life) -> Iterator[Page]:
    """A page of whoever has the life."""
    context = browser.new_context(viewport=PHONE, service_workers="block", storage_state=life.session)
    with watched(context, REFUSED) as page:
        yield page
