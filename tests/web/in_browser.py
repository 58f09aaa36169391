"""Test helper of pages in a real browser: who signs up, adds a wish, opens a list; what axe finds of accessibility."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser import SCHEMES, needs_browser
from tests.conftest import on_sqlite
from tests.patience import LONG

AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PASSWORD = "a long walk by the sea"
VARIANTS: tuple[tuple[int, Literal["light", "dark"]], ...] = (
    (390, "light"),
    (1280, "dark"),
)  # each size and theme once
if os.environ.get("VARIANTS") == "all":  # “make test-web”
    VARIANTS = tuple(product((390, 1280), SCHEMES))

in_a_browser = [on_sqlite, pytest.mark.slow, needs_browser]


def sign_up(page: Page, home: str, name: str) -> None:
    page.goto(f"{home}/sign-up")
    page.get_by_label("Email").fill(f"{name}@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Make my account").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("This is your bucket.")
    page.goto(f"{home}/")


def add(page: Page, line: str) -> None:
    field = page.locator("main").get_by_label("What would you like to do one day?")
    field.fill(line)
    field.press("Enter")
    expect(page.locator("#toast")).to_contain_text("Added.")


def open_list(page: Page, line: str) -> None:
    """Somebody’s first wish, and the list that it is in."""
    add(page, line)
    page.goto(page.url.split("/lists")[0])
    page.locator(".lists a").first.click()
    expect(page.locator(".item")).to_have_count(1)


def violations(page: Page) -> list[str]:
    """What axe finds."""
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE)
    found: dict[str, Any] = page.evaluate("rules => axe.run({runOnly: rules})", RULES)
    return [f"{one['id']}: {[node['html'][:120] for node in one['nodes'][:3]]}" for one in found["violations"]]


def violations_in_variants(page: Page) -> list[str]:
    """What axe finds in two sizes and themes; that it is wider than the smallest phones, too."""
    found = []
    for width, scheme in VARIANTS:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        found += [f"{width} {scheme} {one}" for one in violations(page)]
    page.set_viewport_size({"width": 320, "height": 900})
    if page.evaluate("document.documentElement.scrollWidth") > 320:
        found.append("wider than 320 pixels")
    return found


@contextmanager
def watched(context: BrowserContext, asked_for: tuple[str, ...]) -> Iterator[Page]:
    """A page; at the end, nothing may have been complained of in its console but for what was asked for."""
    context.set_default_timeout(LONG * 1000)
    page, complaints = context.new_page(), list[str]()
    page.on("console", lambda message: complaints.append(f"{page.url}: {message.text}"))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    unasked = [one for one in complaints if not any(known in one for known in asked_for)]
    assert not unasked, unasked
