"""Accessibility of what opens on HTML pages (axe), in two sizes and themes: dialogs, menus, messages, errors."""

from inspect import getmembers, isfunction, signature

import pytest
from playwright.sync_api import Page, expect

from tests.web import open_states
from tests.web.every_page import Life
from tests.web.in_browser import in_a_browser, violations_in_variants
from tests.web.open_states import Open

STATES = [made for _, made in getmembers(open_states, isfunction) if signature(made) == signature(open_states.the_keys)]

pytestmark = in_a_browser


@pytest.mark.parametrize("open_it", STATES, ids=lambda made: made.__name__)
def test_what_opens_is_accessible(reader: Page, life: Life, open_it: Open) -> None:
    opened = open_it(reader, life)
    expect(opened).to_be_visible()

    assert violations_in_variants(reader) == []
    expect(opened).to_be_visible()


def test_what_somebody_new_sees_is_accessible(page: Page) -> None:
    """The empty bucket, the first screen, and what is read of it."""
    home = page.url.rstrip("/")
    assert violations_in_variants(page) == []
    page.goto(f"{home}/welcome")
    page.get_by_label("What would you like to do one day?").first.fill("See the northern lights")
    page.locator("[name=idea]").first.check()
    page.get_by_label("One wish a line").fill("Row\n- [x] Run")
    assert violations_in_variants(page) == []
    page.get_by_role("button", name="Put it all in the bucket").click()
    expect(page.locator("[name=line]")).to_have_count(2)

    assert violations_in_variants(page) == []
