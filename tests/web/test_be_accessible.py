"""Accessibility of HTML pages (axe), in two sizes and themes: all pages that there are."""

from playwright.sync_api import Page

from tests.web.every_page import Life, pages, public_pages
from tests.web.in_browser import in_a_browser, violations, violations_in_variants

pytestmark = in_a_browser


def test_all_pages_of_somebody_are_accessible(reader: Page, life: Life) -> None:
    found = {path: faults_of(reader, life.address(path)) for path in pages()}

    assert {path: faults for path, faults in found.items() if faults} == {}


def test_all_pages_for_visitors_are_accessible(stranger: Page, life: Life) -> None:
    found = {path: faults_of(stranger, life.address(path)) for path in public_pages()}

    assert {path: faults for path, faults in found.items() if faults} == {}


def test_the_check_of_accessibility_bites(reader: Page, life: Life) -> None:
    reader.goto(life.home)
    reader.evaluate("document.querySelector('#q-t').labels[0].remove()")

    assert any(found.startswith("label") for found in violations(reader))


def faults_of(page: Page, address: str) -> list[str]:
    """With all that is folded; nothing of what is no page."""
    answer = page.request.get(address)
    if not answer.headers["content-type"].startswith("text/html"):
        return []
    page.goto(address)
    page.evaluate("for (const one of document.querySelectorAll('details.more')) one.open = true")
    return violations_in_variants(page)
