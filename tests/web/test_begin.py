"""HTML form of a first run (onboarding): who is new is led to a first list, a first wish, ideas and pasted lines."""

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect

from bucketlist.kit.db.driver import Compiled
from tests.conftest import on_both_paths
from tests.people import Person
from tests.responses import json_of
from tests.web.browsing import Visitor, field_of
from tests.web.in_browser import add, in_a_browser
from tests.web.test_change_several import act_on, items_of
from tests.web.test_paste_a_list import chosen


def lists_of(person: Person) -> list[str]:
    return [bucket["name"] for bucket in json_of(person.get("/v1/buckets"))["buckets"]]


@on_both_paths
def test_who_signs_up_is_led_there(client: FlaskClient) -> None:
    fields = {"email": "dora@example.com", "password": "a long walk by the sea", "name": "Dora"}

    answer = client.post("/sign-up", data=fields)
    page = client.get(answer.headers["Location"]).text

    assert answer.headers["Location"].endswith("/welcome")
    assert "Welcome, Dora. This is your bucket." in page
    assert page.count('name="idea"') == 10


@on_both_paths
def test_a_wish_ideas_and_lines_go_into_the_first_list_and_can_be_taken_back(visitor: Visitor) -> None:
    sent = {
        "title": "Swim at midnight #night 2031",
        "list": "Far away",
        "idea": ["Plant a tree"],
        "lines": "- [x] Run\nRow",
    }

    shown = visitor.send("/welcome", **sent)
    made_before = lists_of(visitor.person)
    page, act = act_on(visitor, visitor.send("/welcome", **sent, seen=sent["lines"], line=chosen(shown.text)))
    found = items_of(visitor.person)
    visitor.send("/items/several/undo", act=act)

    assert (shown.status_code, made_before, lists_of(visitor.person)) == (200, [], ["Far away"])
    assert field_of(shown.text, "title") == sent["title"]
    assert 'value="Plant a tree" checked' in shown.text
    assert "4 wishes added." in page
    assert "<h1>Far away</h1>" in page
    assert list(found) == ["Swim at midnight", "Plant a tree", "Run", "Row"]
    assert (found["Swim at midnight"]["target"], found["Run"]["state"]) == ("2031", "done")
    assert items_of(visitor.person) == {}


def test_a_list_alone_is_enough_and_is_not_made_twice(visitor: Visitor) -> None:
    for title in ("", "Swim"):
        visitor.follow(visitor.send("/welcome", title=title, list="One day"))

    assert (lists_of(visitor.person), list(items_of(visitor.person))) == (["One day"], ["Swim"])


@on_both_paths
@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"list": " "}, "Write something here."),
        ({"title": "x" * 501}, "At most 500 characters fit here."),
        ({"idea": ["x" * 501]}, "At most 500 characters fit here."),
        ({"lines": "a\n" * 501}, "At most 500 lines"),
        ({"lines": "a", "seen": "a"}, "Nothing is ticked yet."),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_what_cannot_be_taken_is_told_and_nothing_is_made(visitor: Visitor, wrong: dict[str, str], told: str) -> None:
    refused = visitor.send("/welcome", **({"list": "One day", "title": "Keep me"} | wrong))

    assert refused.status_code == 422
    assert told in refused.text
    assert "title" in wrong or field_of(refused.text, "title") == "Keep me"
    assert lists_of(visitor.person) == []


def test_the_page_takes_two_statements(visitor: Visitor, statements: list[Compiled]) -> None:
    visitor.read("/welcome")
    statements.clear()

    visitor.read("/welcome")

    assert len(statements) == 2


class TestInABrowser:
    pytestmark = in_a_browser

    @pytest.mark.parametrize("page", [True, False], indirect=True)
    def test_ada_begins_with_a_wish_and_two_ideas(self, page: Page) -> None:
        page.goto(f"{page.url.rstrip('/')}/welcome")
        page.get_by_label("What would you like to do one day?").first.fill("See the northern lights")
        for number in range(2):
            page.locator("[name=idea]").nth(number).check()
        page.get_by_label("One wish a line").fill("Row\n- [x] Run")
        page.get_by_role("button", name="Put it all in the bucket").click()
        expect(page.locator("[name=line]")).to_have_count(2)
        page.get_by_role("button", name="Put it all in the bucket").click()

        expect(page.locator("#toast")).to_contain_text("5 wishes added.")
        expect(page.locator(".item")).to_have_count(5)

    @pytest.mark.parametrize("page", [True, False], indirect=True)
    def test_adas_first_wishes_are_seen_as_soon_as_they_are_added(self, page: Page) -> None:
        add(page, "Swim at midnight")
        expect(page.locator(".lists")).to_contain_text("0 of 1 done")
        add(page, "Plant a tree")

        expect(page.locator(".lists")).to_contain_text("0 of 2 done")

    def test_ada_types_the_second_wish_where_the_first_has_led_her(self, page: Page) -> None:
        add(page, "Swim at midnight")
        expect(page.locator("#q-t")).to_be_focused()
        page.keyboard.type("Plant a tree")
        page.keyboard.press("Enter")

        expect(page.locator(".lists")).to_contain_text("0 of 2 done")
        expect(page.locator("#q-t")).to_be_focused()
