"""HTML pages of the web app in a real browser, end to end: a person who never read the docs, in three ways.

On a phone, by the keyboard alone, and without a script: somebody signs up, writes ten wishes, ticks one off with a
story and a photo, finds it again, and takes back what went wrong.
"""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, FilePayload, Locator, Page, expect

from tests.patience import LONG
from tests.pictures import encoded, noise
from tests.servers import LiveServer
from tests.web.in_browser import PASSWORD, in_a_browser

pytestmark = in_a_browser

LINES = "\n".join(
    f"- {wish}" for wish in ("Row", "Run", "Sing", "Bake bread", "Plant a tree", "Read 1984", "Walk home")
)
PHOTO = FilePayload(name="lights.jpg", mimeType="image/jpeg", buffer=encoded(noise()))
MOST_TABS = 120  # to whatever is on a page


class Hand:
    """How a person acts on a page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, what: Locator) -> None:
        what.click()

    def write(self, where: Locator, text: str) -> None:
        where.fill(text)

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name)

    def link(self, name: str) -> Locator:
        return self.page.get_by_role("link", name=name, exact=True)

    def field(self, name: str) -> Locator:
        return self.page.locator("main").get_by_label(name)


class Finger(Hand):
    """On a touch screen."""

    def press(self, what: Locator) -> None:
        what.tap()


class Keys(Hand):
    """By the keyboard alone: everything is reached by Tab, and opened by Enter or Space."""

    def press(self, what: Locator) -> None:
        self._reach(what)
        is_box = what.evaluate("element => element.type === 'checkbox'")
        self.page.keyboard.press("Space" if is_box else "Enter")

    def write(self, where: Locator, text: str) -> None:
        self._reach(where)
        self.page.keyboard.insert_text(text)

    def _reach(self, what: Locator) -> None:
        expect(what).to_be_visible()
        for _ in range(MOST_TABS):
            if what.evaluate("element => element === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        pytest.fail(f"{what} is not reached by Tab")


@pytest.fixture
def visit(browser: Browser, live_server: LiveServer) -> Iterator[Callable[..., Page]]:
    """Opens the homepage of the service on a device of one's own."""
    opened = []

    def open_home(**device: bool) -> Page:
        context = browser.new_context(viewport={"width": 390, "height": 844}, **device)  # type: ignore[arg-type]
        context.set_default_timeout(LONG * 1000)
        opened.append(context)
        page = context.new_page()
        page.goto(live_server.url)
        return page

    yield open_home
    for context in opened:
        context.close()


def walk(hand: Hand, name: str) -> None:
    """The whole way; each step is seen on the page."""
    page = hand.page
    sign_up(hand, name)
    write_ten_wishes(hand)
    tell_of_one(hand)
    find_it_again(hand)
    take_back(hand)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def sign_up(hand: Hand, name: str) -> None:
    hand.press(hand.link("Begin a list"))
    hand.write(hand.page.get_by_label("Email"), f"{name}@example.com")
    hand.write(hand.page.get_by_label("Password"), PASSWORD)
    hand.press(hand.button("Make my account"))
    expect(hand.page.get_by_role("heading", level=1)).to_contain_text("This is your bucket.")


def write_ten_wishes(hand: Hand) -> None:
    hand.write(hand.field("What would you like to do one day?"), "See the northern lights #north 2031")
    for number in range(2):
        hand.press(hand.page.locator("[name=idea]").nth(number))
    hand.write(hand.field("One wish a line"), LINES)
    hand.press(hand.button("Put it all in the bucket"))
    expect(hand.page.locator("[name=line]")).to_have_count(7)
    hand.press(hand.button("Put it all in the bucket"))
    expect(hand.page.locator("#toast")).to_contain_text("10 wishes added.")
    expect(hand.page.locator(".item")).to_have_count(10)


def tell_of_one(hand: Hand) -> None:
    hand.press(hand.button("Done: See the northern lights"))
    expect(hand.page.locator("#toast")).to_contain_text("Done!")
    hand.press(hand.page.locator("#toast").get_by_role("link", name="Write the story"))
    hand.write(hand.field("What happened?"), "Green, then everywhere.")
    hand.page.locator("input[type=file]").first.set_input_files(PHOTO)  # the dialog of the system is not ours
    hand.press(hand.button("Add to the story"))
    expect(hand.page.locator(".entry .prose")).to_have_text("Green, then everywhere.")
    expect(hand.page.locator(".photos img, .thumbs img").first).to_be_visible()


def find_it_again(hand: Hand) -> None:
    hand.press(hand.page.get_by_role("navigation", name="Main").get_by_role("link", name="Search"))
    hand.write(hand.page.get_by_role("searchbox"), "NORTHERN")
    hand.press(hand.page.locator("main").get_by_role("button", name="Search"))
    expect(hand.page.get_by_text("1 found")).to_be_visible()
    hand.press(hand.link("See the northern lights"))
    expect(hand.page.locator(".entry .prose")).to_have_text("Green, then everywhere.")


def take_back(hand: Hand) -> None:
    hand.press(hand.page.locator(".crumbs").get_by_role("link", name="One day"))
    hand.press(hand.page.locator(".listhead summary"))
    hand.press(hand.link("Select several"))
    for name in ("Sing", "Row"):
        hand.press(hand.page.get_by_role("checkbox", name=f"Select {name}"))
    hand.press(hand.button("Trash"))
    expect(hand.page.locator("#toast")).to_contain_text("2 wishes are in the trash.")
    expect(hand.page.locator(".item")).to_have_count(8)
    hand.press(hand.button("Undo"))
    expect(hand.page.locator(".item")).to_have_count(10)


def test_on_a_phone(visit: Callable[..., Page]) -> None:
    walk(Finger(visit(has_touch=True, is_mobile=True)), "phone")


def test_by_the_keyboard_alone(visit: Callable[..., Page]) -> None:
    walk(Keys(visit()), "keys")


def test_without_a_script(visit: Callable[..., Page]) -> None:
    walk(Hand(visit(java_script_enabled=False)), "plain")
