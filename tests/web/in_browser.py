"""Test helper of pages in a real browser: who signs up, adds a wish, opens a list; what axe finds of accessibility."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import needs_browser
from tests.conftest import on_sqlite

AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PASSWORD = "a long walk by the sea"

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
    page.evaluate(AXE)
    found: dict[str, Any] = page.evaluate("rules => axe.run({runOnly: rules})", RULES)
    return [f"{one['id']}: {[node['html'][:120] for node in one['nodes'][:3]]}" for one in found["violations"]]
