"""Service worker in a browser: what was seen is read offline, by whoever saw it; what is shared fills in a form."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, FilePayload, Page, expect

from tests.browser import chromium, needs_browser
from tests.conftest import on_sqlite
from tests.patience import LONG
from tests.pictures import SIZE, encoded, noise, with_exif
from tests.servers import LiveServer

PASSWORD = "a long walk by the sea"
SHARE_SHEET = """(action) => {
  const form = document.createElement('form'), enctype = 'multipart/form-data';
  Object.assign(form, { id: 'sheet', method: 'post', action, enctype });
  const field = Object.assign(document.createElement('input'), { type: 'file', name: 'photos' });
  form.append(field, document.createElement('button'));
  document.querySelector('main').prepend(form);
}"""
CONTROLLED = """new Promise((done) => navigator.serviceWorker.controller ? done()
  : navigator.serviceWorker.addEventListener('controllerchange', () => done()))"""

pytestmark = [on_sqlite, pytest.mark.slow, needs_browser]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A phone of its own."""
    opened = browser.new_context(viewport={"width": 390, "height": 844})
    opened.set_default_timeout(LONG * 1000)
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext, live_server: LiveServer, request: pytest.FixtureRequest) -> Page:
    """Somebody new with a wish, whose service worker is at work."""
    opened = context.new_page()
    name = "".join(letter for letter in request.node.name if letter.isalnum())[-40:]
    opened.goto(f"{live_server.url}/sign-up")
    opened.get_by_label("Email").fill(f"{name}@example.com")
    opened.get_by_label("Password").fill(PASSWORD)
    opened.get_by_role("button", name="Make my account").click()
    opened.get_by_role("link", name="I will look around first").click()
    opened.locator("#f-t").fill("Sleep in a lighthouse")
    opened.locator("#f-t").press("Enter")
    expect(opened.locator("#toast")).to_contain_text("Added.")
    opened.evaluate("navigator.serviceWorker.ready.then(() => true)")
    opened.goto(f"{live_server.url}/")
    opened.evaluate(CONTROLLED)
    return opened


def kept_pages(page: Page) -> list[str]:
    """The addresses of pages that this device keeps."""
    found: list[str] = page.evaluate(
        """async () => {
          const names = (await caches.keys()).filter((name) => name.startsWith('pages-')), found = [];
          for (const name of names) for (const one of await (await caches.open(name)).keys()) found.push(one.url);
          return found;
        }"""
    )
    return found


def read_kept(page: Page, address: str) -> None:
    """Read a page, and wait until it is kept."""
    page.goto(address)
    page.wait_for_function(
        "async (address) => (await caches.match(address, {ignoreVary: true})) !== undefined", arg=address
    )


def test_what_was_seen_is_read_offline_and_what_was_not_says_so(
    page: Page, context: BrowserContext, live_server: LiveServer
) -> None:
    listed = page.locator(".lists a").first.evaluate("it => it.href")
    read_kept(page, listed)
    context.set_offline(True)

    page.goto(listed)
    expect(page.locator(".item .title")).to_have_text("Sleep in a lighthouse")
    expect(page.locator("#toast")).to_contain_text("You are offline.")
    page.locator(".item summary").click()
    expect(page.get_by_role("link", name="Edit", exact=True)).to_be_visible()
    page.goto(f"{live_server.url}/lists/new")
    expect(page.get_by_role("heading", level=1)).to_have_text("No connection")

    context.set_offline(False)
    page.goto(f"{live_server.url}/lists/new")
    expect(page.get_by_role("heading", level=1)).to_have_text("New list")


@pytest.mark.threat(row=48)
def test_after_sign_out_nobody_reads_what_was_seen(page: Page, live_server: LiveServer) -> None:
    read_kept(page, f"{live_server.url}/settings")
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("link", name="Begin a list")).to_be_visible()

    assert kept_pages(page) == []


@pytest.mark.threat(row=48)
def test_what_a_session_saw_goes_when_it_has_ended_elsewhere(
    page: Page, context: BrowserContext, live_server: LiveServer
) -> None:
    read_kept(page, f"{live_server.url}/settings")
    context.clear_cookies()

    page.goto(f"{live_server.url}/search")
    expect(page.get_by_role("heading", level=1)).to_have_text("Welcome back")
    page.wait_for_function("async () => !(await caches.keys()).some((name) => name.startsWith('pages-'))")


def test_what_a_share_sheet_sends_fills_in_a_form(page: Page, live_server: LiveServer) -> None:
    page.evaluate(
        """(action) => {
          const form = document.createElement('form');
          Object.assign(form, { method: 'post', action, enctype: 'multipart/form-data' });
          for (const [name, value] of Object.entries({ title: '', text: 'Lofoten https://example.org/lofoten' }))
            form.append(Object.assign(document.createElement('input'), { name, value }));
          document.body.append(form);
          form.submit();
        }""",
        f"{live_server.url}/share",
    )

    expect(page.get_by_label("What would you like to do one day?").first).to_have_value("Lofoten")
    expect(page.get_by_label("Links")).to_have_value("https://example.org/lofoten")


def test_a_picture_of_a_share_sheet_is_a_story_in_three_taps(page: Page, live_server: LiveServer) -> None:
    picture = encoded(noise(), exif=with_exif("2026:07:14 18:03:11"))
    page.evaluate(SHARE_SHEET, f"{live_server.url}/share")  # the first tap
    sent = FilePayload(name="lake ü.jpg", mimeType="image/jpeg", buffer=picture)
    page.locator("#sheet input").set_input_files(sent)
    page.locator("#sheet button").click()

    expect(page.get_by_label("Caption of lake ü.jpg")).to_be_visible()
    page.get_by_label("When was that?").fill("soon")
    page.locator("main").get_by_role("button", name="Add", exact=True).click()  # which is refused, and nothing is lost
    expect(page.get_by_label("Caption of lake ü.jpg")).to_be_visible()
    page.get_by_role("button", name="It says 14 July 2026. Use this date").click()
    page.locator("main").get_by_role("button", name="Add", exact=True).click()

    expect(page.locator("#toast")).to_contain_text("Added.")
    page.get_by_role("link", name="A picture of").click()
    expect(page.get_by_role("heading", name="14 July 2026")).to_be_visible()
    expect(page.locator(".entries img")).to_have_js_property("naturalWidth", SIZE[0])
    page.goto(f"{live_server.url}/items/new?photos=1")
    expect(page.locator("#photos-field-picked li")).to_have_count(0)


def share_picture(page: Page, home: str) -> None:
    page.evaluate(SHARE_SHEET, f"{home}/share")
    picture = FilePayload(name="lake.jpg", mimeType="image/jpeg", buffer=encoded(noise()))
    page.locator("#sheet input").set_input_files(picture)
    page.locator("#sheet button").click()


def test_a_shared_picture_waits_while_its_owner_signs_in(
    page: Page, context: BrowserContext, live_server: LiveServer, request: pytest.FixtureRequest
) -> None:
    name = "".join(letter for letter in request.node.name if letter.isalnum())[-40:]
    page.wait_for_function("async () => (await caches.has('person'))")
    context.clear_cookies()  # the session is over, and nobody has signed out

    share_picture(page, live_server.url)
    page.get_by_label("Email").fill(f"{name}@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()

    expect(page.get_by_label("Caption of lake.jpg")).to_be_visible()


@pytest.mark.threat(row=48)
def test_a_shared_picture_is_not_offered_to_somebody_else_on_this_device(
    page: Page, context: BrowserContext, live_server: LiveServer
) -> None:
    page.wait_for_function("async () => (await caches.has('person'))")
    share_picture(page, live_server.url)
    expect(page.get_by_label("Caption of lake.jpg")).to_be_visible()
    context.clear_cookies()

    page.goto(f"{live_server.url}/sign-up")
    page.get_by_label("Email").fill("somebody-else@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Make my account").click()
    page.wait_for_function("async () => !(await (await caches.open('shared')).keys()).length")
    page.goto(f"{live_server.url}/items/new?photos=1")

    expect(page.locator("#photos-field-picked")).to_be_attached()
    expect(page.locator("#photos-field-picked li")).to_have_count(0)


def test_a_browser_finds_nothing_that_keeps_it_from_installing(page: Page, context: BrowserContext) -> None:
    devtools = context.new_cdp_session(page)

    found = devtools.send("Page.getAppManifest")
    errors = devtools.send("Page.getInstallabilityErrors")["installabilityErrors"]

    assert found["errors"] == []
    assert [one["errorId"] for one in errors if one["errorId"] != "in-incognito"] == []
