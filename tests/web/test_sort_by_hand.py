"""HTML pages of sorting by hand: buttons, keys, drag and drop; what came or went meanwhile."""

import re
from contextlib import AbstractContextManager

import pytest
from playwright.sync_api import Page, expect

from bucketlist.kit.db.driver import Compiled
from tests.conftest import on_both_paths
from tests.people import Person
from tests.responses import json_of
from tests.web.browsing import Visitor
from tests.web.in_browser import add, in_a_browser, open_list


def names_of(person: Person, path: str) -> list[str]:
    (things,) = (value for value in json_of(person.get(path)).values() if isinstance(value, list))
    return [thing["name"] for thing in things]


@on_both_paths
def test_ada_moves_a_wish_up_and_others_keep_their_places(visitor: Visitor) -> None:
    bucket = visitor.person.make_bucket()
    made = [
        visitor.person.make_item(bucket["id"], name, state=state)
        for name, state in (("a", "open"), ("done", "done"), ("b", "open"), ("c", "open"))
    ]
    path = f"/lists/{bucket['id']}/order"
    ids = [made[0]["id"], made[2]["id"], made[3]["id"]]

    moved = visitor.send(path, ids=ids, up=made[3]["id"], back=path)

    assert names_of(visitor.person, f"/v1/buckets/{bucket['id']}/items") == ["a", "done", "c", "b"]
    assert moved.headers["Location"].endswith(f"{path}#up-{made[3]['id']}")  # where the focus goes


@on_both_paths
def test_ada_sorts_her_lists_and_archived_ones_stay(visitor: Visitor) -> None:
    made = [visitor.person.make_bucket(name, archived=name == "old") for name in ("a", "old", "b")]

    moved = visitor.send("/lists/order", ids=[made[0]["id"], made[2]["id"]], down=made[0]["id"], back="/lists/order")

    assert moved.status_code == 303
    assert names_of(visitor.person, "/v1/buckets?archived=any") == ["b", "old", "a"]


@on_both_paths
def test_what_is_gone_meanwhile_is_told_and_nothing_is_moved(visitor: Visitor, ben: Person) -> None:
    bucket = visitor.person.make_bucket()
    made = [visitor.person.make_item(bucket["id"], name)["id"] for name in "abc"]
    strange = ben.make_item(ben.make_bucket()["id"])["id"]
    visitor.person.delete(f"/v1/items/{made[1]}")
    path = f"/lists/{bucket['id']}/order"

    answers = [visitor.send(path, ids=ids) for ids in (made, [made[2], strange], [made[0], made[0]], ["x", "y"])]
    part = visitor.send_part(path, ids=made)

    assert [answer.status_code for answer in [*answers, part]] == [409] * 5
    assert all("so nothing was moved" in answer.text for answer in answers)
    assert "<html" not in part.text
    assert names_of(visitor.person, f"/v1/buckets/{bucket['id']}/items") == ["a", "c"]


def test_a_page_of_a_group_is_sorted_without_the_rest(visitor: Visitor) -> None:
    bucket = visitor.person.make_bucket()
    made = [visitor.person.make_item(bucket["id"], f"{number:03}")["id"] for number in range(102)]
    path = f"/lists/{bucket['id']}/order"
    more = re.search(r'href="([^"]*cursor[^"]*)"', visitor.read(path).text)
    assert more

    rest = visitor.read(more[1].replace("&amp;", "&")).text
    visitor.send(path, ids=made[100:], up=made[101])

    assert re.findall(r'name="ids" value="([^"]*)"', rest) == made[100:]
    assert names_of(visitor.person, f"/v1/buckets/{bucket['id']}/items?sort=-position&limit=3") == ["100", "101", "099"]


@pytest.mark.parametrize("path", ["/lists/{}/order?show=someday&cursor=x", "/lists/nothing/order"])
def test_an_order_that_cannot_be_shown_is_not_found(visitor: Visitor, path: str) -> None:
    assert visitor.read(path.format(visitor.person.make_bucket()["id"])).status_code == 404


def test_sorting_takes_as_many_statements_for_many_as_for_few(visitor: Visitor, statements: list[Compiled]) -> None:
    bucket = visitor.person.make_bucket()
    made = [visitor.person.make_item(bucket["id"], str(number))["id"] for number in range(50)]
    path = f"/lists/{bucket['id']}/order"
    visitor.read(path)

    taken = []
    for ids in (made[1::-1], made[::-1]):
        statements.clear()
        visitor.send(path, ids=ids)
        taken.append(len(statements))

    assert taken[0] == taken[1] <= 12


@pytest.mark.parametrize("page", [True, False], indirect=True)
class TestInABrowser:
    pytestmark = in_a_browser

    def test_ada_sorts_by_buttons(self, page: Page) -> None:
        open_order(page)

        page.get_by_role("button", name="Up: Third").click()
        expect(page.locator(".sortable .title").nth(1)).to_have_text("Third")
        with saved(page):
            page.keyboard.press("Enter")  # it is the same button still

        expect(page.locator(".sortable .title")).to_have_text(["Third", "First", "Second"])
        page.wait_for_load_state()
        page.reload()
        expect(page.locator(".sortable .title")).to_have_text(["Third", "First", "Second"])


class TestWithAScript:
    pytestmark = in_a_browser

    def test_ada_sorts_by_keys_and_hears_where_it_is(self, page: Page) -> None:
        open_order(page)

        page.get_by_role("button", name="Move First").focus()
        with saved(page):
            page.keyboard.press("ArrowDown")
            page.keyboard.press("ArrowDown")

        expect(page.locator("#placed")).to_have_text("First: 3 of 3")
        expect(page.get_by_role("button", name="Move First")).to_be_focused()
        page.reload()
        expect(page.locator(".sortable .title")).to_have_text(["Second", "Third", "First"])

    def test_ada_sorts_by_drag_and_drop_and_a_stale_order_is_told(self, page: Page) -> None:
        open_order(page)
        with saved(page):
            drag(page, "Move Third", "Move First")
        expect(page.locator(".sortable .title")).to_have_text(["Third", "First", "Second"])

        other = page.context.new_page()
        other.goto(page.locator("a.title", has_text="First").evaluate("a => a.href"))
        other.get_by_role("button", name="Delete").click()
        drag(page, "Move Second", "Move Third")

        expect(page.get_by_role("alert")).to_be_focused()
        expect(page.locator(".sortable .title")).to_have_text(["Third", "Second"])
        page.get_by_role("button", name="Up: Second").click()
        expect(page.locator("#placed")).to_have_text("Second: 1 of 2")

    def test_an_order_that_could_not_be_saved_is_put_back(self, page: Page) -> None:
        open_order(page)
        page.route("**/order", lambda route: route.abort())

        page.get_by_role("button", name="Up: Third").click()

        expect(page.locator("#toast")).to_contain_text("That did not save. Try again.")
        expect(page.locator(".sortable .title")).to_have_text(["First", "Second", "Third"])


def open_order(page: Page) -> None:
    """A list of three wishes, to be sorted."""
    open_list(page, "First")
    for name in ("Second", "Third"):
        page.goto(f"{page.url.split('/lists')[0]}/")
        add(page, name)
    page.goto(f"{page.url.split('/lists')[0]}/")
    page.locator(".lists a").first.click()
    page.locator(".listhead summary").click()
    page.get_by_role("link", name="Sort by hand").click()
    expect(page.locator(".sortable .title")).to_have_text(["First", "Second", "Third"])


def drag(page: Page, what: str, to: str) -> None:
    start, end = (page.get_by_role("button", name=name).bounding_box() for name in (what, to))
    assert start
    assert end
    page.get_by_role("button", name=what).hover(position={"x": 20, "y": 20})  # when no transition is before it
    page.mouse.down()
    for step in range(1, 11):
        page.mouse.move(start["x"] + 20, start["y"] + 20 + (end["y"] - 8 - start["y"]) * step / 10)
    page.mouse.up()


def saved(page: Page) -> AbstractContextManager[object]:
    """Until the order has arrived at the server."""
    return page.expect_response(lambda response: response.request.method == "POST" and "/order" in response.url)
