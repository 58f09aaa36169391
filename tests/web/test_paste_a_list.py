"""HTML pages of bulk import: what is read of pasted lines, shown before it is saved, twins, limits, one undo."""

import re
from datetime import date

import pytest
from playwright.sync_api import Page, expect

from bucketlist.limits.quotas import Quota
from bucketlist.web.pasted import MOST_LINES, read_lines
from tests.conftest import on_both_paths
from tests.people import Person
from tests.responses import json_of
from tests.web.browsing import Visitor
from tests.web.in_browser import in_a_browser, open_list
from tests.web.test_change_several import act_on, items_of

PASTED = """- [x] Run ten kilometres

2. See the fjords #north 2031
• Learn to tie six good knots
☐ learn to TIE six good knots
Bake bread
"""


def test_bullets_numbers_and_boxes_are_taken_off() -> None:
    read = {
        "- Swim": ("Swim", False),
        "  * [ ] Swim": ("Swim", False),
        "[X] Swim": ("Swim", True),
        "- [✓] 3) Swim": ("Swim", True),
        "✔ Swim": ("Swim", True),
        "☐Swim": ("Swim", False),
        "12. Swim": ("Swim", False),
        "(3) Swim": ("Swim", False),
        "## Swim": ("Swim", False),
        "— Swim": ("Swim", False),
        "1000 books": ("1000 books", False),
        "10 km run": ("10 km run", False),
        "-Swim": ("-Swim", False),
        "x-rays": ("x-rays", False),
        "- ": ("-", False),
        "أن أرى": ("أن أرى", False),
    }

    found = read_lines("\r\n".join(read), date(2026, 12, 1), lambda _: set())

    assert [(line.name, line.is_done) for line in found] == list(read.values())


def chosen(page: str) -> list[str]:
    return re.findall(r'name="line" value="(\d+)" checked', page)


@on_both_paths
def test_ada_sees_what_is_read_and_then_saves_it_and_takes_it_back(visitor: Visitor) -> None:
    bucket = visitor.person.make_bucket()["id"]
    visitor.person.make_item(bucket, "BAKE bread")
    path = f"/lists/{bucket}/paste"

    shown = visitor.send(path, lines=PASTED)
    before = items_of(visitor.person)
    page, act = act_on(visitor, visitor.send(path, lines=PASTED, seen=PASTED, line=chosen(shown.text)))
    after = items_of(visitor.person)
    visitor.send("/items/several/undo", act=act)

    assert (shown.status_code, chosen(shown.text)) == (200, ["0", "1", "2"])
    assert "It stands here twice." in shown.text
    assert "It is in this list already." in shown.text
    assert "Some time in 2031, #north" in shown.text
    assert "3 wishes added." in page
    assert after["Run ten kilometres"]["state"] == "done"
    assert (after["See the fjords"]["target"], after["See the fjords"]["tags"]) == ("2031", ["north"])
    assert list(before) == list(items_of(visitor.person)) == ["BAKE bread"]


def test_lines_that_were_changed_are_shown_again(visitor: Visitor) -> None:
    bucket = visitor.person.make_bucket()["id"]

    shown = visitor.send(f"/lists/{bucket}/paste", lines="One\nTwo", seen="One", line=["0"])

    assert chosen(shown.text) == ["0", "1"]
    assert items_of(visitor.person) == {}


@on_both_paths
@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("\n".join(f"Wish {number}" for number in range(MOST_LINES + 1)), "At most 500 lines"),
        ("x" * 501, "At most 500 characters fit here."),
        ("Swim #" + "x" * 50, ""),
        ("a\x00b", "Control characters"),
        (" \n \n", "Show what is read"),
    ],
    ids=["lines", "name", "tag", "control", "blank"],
)
def test_what_cannot_be_taken_is_told_and_kept(visitor: Visitor, lines: str, told: str) -> None:
    path = f"/lists/{visitor.person.make_bucket()['id']}/paste"

    answers = [
        visitor.send(path, **sent) for sent in ({"lines": lines}, {"lines": lines, "seen": lines, "line": ["7"]})
    ]

    assert {answer.status_code for answer in answers} <= {200, 422}
    assert told in answers[0].text
    assert items_of(visitor.person) == {}


def test_all_lines_are_added_or_none(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    bucket = visitor.person.make_bucket()["id"]
    monkeypatch.setattr("bucketlist.items.quotas.ITEMS", Quota(2))
    monkeypatch.setattr("bucketlist.limits.quotas.CHECK_EVERY", 1)

    refused = visitor.send(f"/lists/{bucket}/paste", lines="a\nb\nc", seen="a\nb\nc", line=["0", "1", "2"])

    assert (refused.status_code, items_of(visitor.person)) == (409, {})
    assert "There is no room for more of these." in refused.text


def test_nobody_adds_to_a_list_of_somebody_else(visitor: Visitor, ben: Person) -> None:
    path = f"/lists/{ben.make_bucket()['id']}/paste"

    assert visitor.read(path).status_code == 404
    assert visitor.send(path, lines="a", seen="a", line=["0"]).status_code == 404
    assert json_of(ben.get("/v1/items"))["count"] == 0


class TestInABrowser:
    pytestmark = in_a_browser

    @pytest.mark.parametrize("page", [True, False], indirect=True)
    def test_ada_pastes_lines_and_undoes_it(self, page: Page) -> None:
        open_list(page, "First")
        page.goto(f"{page.url}/paste")
        page.get_by_label("One wish a line").fill(PASTED)
        page.get_by_role("button", name="Show what is read").click()
        expect(page.get_by_role("checkbox")).to_have_count(5)

        page.get_by_role("checkbox", name="Bake bread").uncheck()
        page.get_by_role("button", name="Put them in the bucket").click()
        expect(page.locator("#toast")).to_contain_text("3 wishes added.")
        expect(page.locator(".item")).to_have_count(4)
        page.get_by_role("button", name="Undo").click()
        expect(page.locator(".item")).to_have_count(1)
