"""Smoke test of the web app in a browser: the way of a first evening, at the root of a host and under a path by TLS."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, FilePayload, Page, Route, expect

from tests.browser import chromium, needs_browser
from tests.patience import LONG
from tests.pictures import SIZE, encoded, noise
from tests.servers import LiveServer, start_server

PHOTO = FilePayload(name="sea.jpg", mimeType="image/jpeg", buffer=encoded(noise()))
UNDER_PATH = "https://example.org/bucketlist"
PASSED_OVER = ("Service Worker registration blocked", "Transition was")  # by the test itself; by the next click

pytestmark = [pytest.mark.slow, needs_browser]


def lead_to(context: BrowserContext, server: LiveServer) -> None:
    """Have `UNDER_PATH` be answered by `server`, as a proxy that ends TLS in front of it would."""

    def pass_on(route: Route) -> None:
        place = route.request.url.removeprefix("https://example.org")
        headers = {**route.request.all_headers(), "host": "example.org"}
        answer = route.fetch(url=f"{server.url}{place}", headers=headers, max_redirects=0, timeout=LONG * 1000)
        route.fulfill(response=answer)

    context.route("https://example.org/**", pass_on)


@pytest.fixture(params=["", UNDER_PATH], ids=["at the root", "under a path"])
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Page, str]]:
    """A browser, and the address of the service; nothing may have been complained of in its console."""
    settings = {"PUBLIC_URL": request.param} if request.param else {}
    with start_server(tmp_path_factory.mktemp("smoke"), **settings) as server, chromium() as browser:
        context = browser.new_context(viewport={"width": 390, "height": 844}, service_workers="block")
        context.set_default_timeout(LONG * 1000)
        if request.param:
            lead_to(context, server)
        page, complaints = context.new_page(), list[str]()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        yield page, request.param or server.url
        complained = [one for one in complaints if not one.startswith(PASSED_OVER)]
        context.unroute_all(behavior="ignoreErrors")  # what a page still fetches ahead has no answer any more
        context.close()
    assert complained == []


def sign_up(page: Page, home: str) -> None:
    page.goto(home)
    page.get_by_role("link", name="Begin a list").click()
    page.get_by_label("Email").fill("dora@example.com")
    page.get_by_label("Password").fill("a long walk by the sea")
    page.get_by_role("button", name="Make my account").click()
    page.get_by_role("link", name="I will look around first").click()


def add(page: Page, line: str) -> None:
    page.locator("#f-t").fill(line)
    expect(page.locator("#f-e")).to_have_text("Some time in summer 2031, #night")
    page.locator("#f-t").press("Enter")
    expect(page.locator("#toast")).to_contain_text("Added.")
    page.wait_for_load_state("networkidle")  # the overview, which this leads to: its files come through a route


def search(page: Page) -> None:
    page.get_by_role("link", name="Search").click()
    page.get_by_label("Names and notes of all wishes").fill("midnight")
    page.locator("main").get_by_role("button", name="Search").click()


def tell_the_story(page: Page) -> None:
    page.locator("#toast").get_by_role("link", name="Write the story").click()
    page.get_by_label("What happened?").fill("The water was warm.")
    page.locator("#photos-field").set_input_files(PHOTO)
    page.get_by_role("button", name="Add to the story").click()
    expect(page.locator(".entries")).to_contain_text("The water was warm.")
    expect(page.locator(".entries img")).to_have_js_property("naturalWidth", SIZE[0])


def delete_and_restore(page: Page, home: str) -> None:
    page.get_by_role("link", name="Swim at midnight").click()
    page.get_by_role("button", name="Delete").click()
    expect(page.locator("#toast")).to_contain_text("In the trash.")
    search(page)
    expect(page.locator(".item")).to_have_count(0)
    page.goto(f"{home}/trash")
    page.get_by_role("button", name="Restore Swim at midnight").click()
    search(page)
    page.get_by_role("link", name="Swim at midnight").click()
    expect(page.locator(".entries")).to_contain_text("The water was warm.")


def test_somebody_new_signs_up_adds_finishes_undoes_tells_and_finds(place: tuple[Page, str]) -> None:
    page, home = place
    sign_up(page, home)
    add(page, "Swim at midnight #night summer 2031")

    page.goto(home)
    page.locator(".lists a").first.click()
    page.get_by_role("button", name="Done: Swim at midnight").click()
    expect(page.locator(".item")).to_have_class(re.compile("is-done"))
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".item")).to_have_class("item is-open")
    page.get_by_role("button", name="Done: Swim at midnight").click()
    tell_the_story(page)

    search(page)
    expect(page.locator(".item .title")).to_have_text("Swim at midnight")
    delete_and_restore(page, home)
    hrefs: list[str] = page.eval_on_selector_all(
        "a[href], form[action]", "them => them.map(it => it.href ?? it.action)"
    )
    assert [one for one in hrefs if not one.startswith(home)] == []
