"""HTML pages in a real browser, under the real CSP: nothing refused, nothing sideways, and the reference works."""

from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import SCHEMES, chromium, needs_browser
from tests.conftest import on_sqlite
from tests.patience import LONG
from tests.servers import LiveServer, start_server

PAGES = [
    "/",
    "/conventions",
    "/reference",
    "/problems",
    "/problems/validation",
    "/reset?token=x",
    "/confirm?token=x",
    "/sign-up?token=x",
]
MAX_FIRST_LOAD_BYTES = 60_000  # compressed, as web.md section 3 has it; the reference brings Swagger UI along

pytestmark = [
    on_sqlite,
    pytest.mark.slow,
    needs_browser,
]

WIDTHS = (320, 390, 1280)
OpenPage = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def open_page(browser: Browser, live_server: LiveServer) -> Iterator[OpenPage]:
    """Opens a path of the live server in a window; at the end, nothing may have been complained of in the console."""
    complaints: list[str] = []
    asked: list[str] = []

    def open_it(path: str, width: int = 1280) -> Page:
        page = browser.new_page(viewport={"width": width, "height": 900})
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.set_default_timeout(LONG * 1000)
        page.goto(live_server.url + path)
        if path.startswith("/reference"):
            page.wait_for_selector(".opblock-tag")
        return page

    yield open_it
    for context in browser.contexts:
        context.close()
    assert complaints == []
    assert [url for url in asked if not url.startswith((live_server.url, "data:", "blob:"))] == []


@pytest.mark.threat(row=43)
@pytest.mark.parametrize("path", PAGES)
def test_a_page_fits_every_window_and_breaks_no_rule(open_page: OpenPage, path: str) -> None:
    page = open_page(path)

    for width, scheme in product(WIDTHS, SCHEMES):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        assert page.evaluate("document.documentElement.scrollWidth") <= width

    expect(page.get_by_role("heading", level=1)).to_have_count(1)


def test_a_form_works_without_a_script_and_says_what_is_wrong(browser: Browser, live_server: LiveServer) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.set_default_timeout(LONG * 1000)
    page.goto(f"{live_server.url}/reset?token=x")

    page.get_by_label("New password").fill("a long walk by the sea")
    page.get_by_role("button").click()

    expect(page.get_by_role("alert")).to_contain_text("This service sends no mail.")


def test_the_first_visit_to_the_homepage_is_light(open_page: OpenPage) -> None:
    page = open_page("/")

    sizes = "performance.getEntries().filter(e => e.transferSize).reduce((sum, e) => sum + e.encodedBodySize, 0)"
    assert page.evaluate(sizes) <= MAX_FIRST_LOAD_BYTES


def test_the_page_follows_the_colours_of_the_device(open_page: OpenPage) -> None:
    page = open_page("/reference")

    grounds = []
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        grounds.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))

    assert grounds == ["rgb(241, 245, 243)", "rgb(14, 26, 29)"]


def test_a_button_copies_the_commands(open_page: OpenPage) -> None:
    page = open_page("/")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])

    page.locator(".code .copy").first.click()

    expect(page.locator(".code .copy").first).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()").startswith("API=http://")


def test_the_keyboard_skips_to_the_content(open_page: OpenPage) -> None:
    page = open_page("/problems")

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    assert page.evaluate("document.activeElement.id") == "main"


@pytest.mark.parametrize("width", [390, 1280])
def test_whoever_tries_out_signing_up_is_signed_in_until_logging_out(open_page: OpenPage, width: int) -> None:
    page = open_page("/reference", width)
    body = f'{{"email": "bea-{width}@example.com", "password": "a long walk by the sea"}}'

    assert try_out(page, "auth-register", body) == "201"
    expect(page.locator("#session")).to_contain_text(f"Signed in as bea-{width}@example.com")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert try_out(page, "users-readUser") == "200"
    assert try_out(page, "auth-logOut") == "204"
    expect(page.locator("#session")).to_contain_text("Not signed in")


@pytest.mark.usefixtures("database_url")  # on SQLite, as all here
def test_f12_under_a_path_the_reference_signs_in_and_asks_for_nothing_elsewhere(
    browser: Browser, tmp_path: Path
) -> None:
    with start_server(tmp_path, under="/x/y") as server:
        page, asked = browser.new_page(), list[str]()
        page.set_default_timeout(LONG * 1000)
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{server.url}/x/y/reference")

        sign_up(page, "path@example.com")
        expect(page.locator("#session")).to_contain_text("Signed in as path@example.com")
        assert try_out(page, "auth-logOut") == "204"
        expect(page.locator("#session")).to_contain_text("Not signed in")
        page.close()

        assert len(asked) >= 8
        assert [url for url in asked if not url.startswith((f"{server.url}/x/y/", "data:", "blob:"))] == []


def sign_up(page: Page, email: str) -> None:
    assert try_out(page, "auth-register", f'{{"email": "{email}", "password": "a long walk by the sea"}}') == "201"


def test_f26_a_body_is_shown_whole_and_can_be_sent_twice(open_page: OpenPage) -> None:
    page = open_page("/reference", 390)
    sign_up(page, "twice@example.com")

    assert [try_out(page, "buckets-createBucket") for _ in range(2)] == ["201", "201"]

    page.locator("#operations-buckets-createBucket .opblock-summary-control").click()
    body = page.locator("#operations-buckets-createBucket textarea")
    assert body.evaluate("one => one.scrollHeight <= one.clientHeight")
    assert "\n" in body.input_value()


def test_f26_the_token_outlasts_a_reload_and_goes_with_the_log_out(open_page: OpenPage) -> None:
    page = open_page("/reference")
    sign_up(page, "reload@example.com")

    page.reload()

    expect(page.locator("#session")).to_contain_text("Signed in as reload@example.com")
    assert try_out(page, "users-readUser") == "200"
    assert page.evaluate("localStorage.length") == 0
    assert try_out(page, "auth-logOut") == "204"
    assert page.evaluate("sessionStorage.length") == 0


def test_f26_sign_up_comes_first_and_errors_are_one_line_each(open_page: OpenPage) -> None:
    page = open_page("/reference#/auth/register")

    expect(page.locator(".opblock-summary-description").first).to_have_text("Sign up")
    expect(page.locator("#operations-auth-register .response[data-code='422'] .model-example")).to_be_hidden()


def test_a_link_to_an_operation_opens_it(open_page: OpenPage) -> None:
    page = open_page("/reference#/buckets/createBucket")

    expect(page.locator("#operations-buckets-createBucket .opblock-body")).to_be_visible()


def try_out(page: Page, operation: str, body: str | None = None) -> str:
    """Does what somebody does who opens an operation and presses “Execute”; answers with the status that is shown."""
    block = page.locator(f"#operations-{operation}")
    block.locator(".opblock-summary-control").click()
    if body is not None:
        block.locator("textarea").fill(body)
    block.locator("button.execute").click()
    status = block.locator(".live-responses-table .response .response-col_status").first.inner_text()
    block.locator(".opblock-summary-control").click()
    return status.split()[0]
