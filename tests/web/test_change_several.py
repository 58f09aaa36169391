"""HTML pages of bulk actions: several wishes are ticked and changed at once, and taken back by one undo."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from werkzeug.test import TestResponse

from bucketlist.kit.db.driver import Compiled
from bucketlist.kit.http.openapi import ApiApp
from tests.conftest import on_both_paths
from tests.people import Person
from tests.responses import json_of
from tests.web.browsing import Visitor, browse
from tests.web.in_browser import add, in_a_browser, open_list


def items_of(person: Person) -> dict[str, dict[str, Any]]:
    return {item["name"]: item for item in json_of(person.get("/v1/items?archived=any&limit=100"))["items"]}


def act_on(visitor: Visitor, response: TestResponse) -> tuple[str, str]:
    """The page that a form leads to, and what its undo sends."""
    page = visitor.follow(response)
    found = re.search(r'name="act" value="([^"]*)"', page)
    assert found, page
    return page, found[1]


@pytest.fixture
def made(visitor: Visitor) -> dict[str, dict[str, Any]]:
    """Three wishes in two lists: done, under way with a tag, open."""
    person = visitor.person
    bucket, other = (person.make_bucket(name)["id"] for name in ("Here", "There"))
    person.make_item(bucket, "a", state="done")
    person.make_item(bucket, "b", state="doing", tags=["Winter"])
    person.make_item(other, "c")
    return items_of(person)


@on_both_paths
@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"do": "tag", "tag": "#winter, night"}, "2 wishes tagged."),
        ({"do": "drop"}, "2 wishes let go."),
        ({"move": "There"}, "2 wishes moved."),
        ({"do": "trash"}, "2 wishes are in the trash."),
    ],
    ids=str,
)
def test_ada_changes_several_and_takes_all_of_it_back(
    visitor: Visitor, made: dict[str, dict[str, Any]], sent: dict[str, str], told: str
) -> None:
    path = f"/lists/{made['a']['bucketId']}/select"
    if "move" in sent:
        sent = {"move": made["c"]["bucketId"]}

    page, act = act_on(visitor, visitor.send(path, id=[made["a"]["id"], made["b"]["id"]], **sent))
    changed = items_of(visitor.person)
    undone = visitor.follow(visitor.send("/items/several/undo", act=act, back=path))

    assert told in page
    assert "2 wishes are as they were before." in undone
    assert all(name not in changed or changed[name]["modifiedAt"] != made[name]["modifiedAt"] for name in "ab")
    assert ("a" in changed) != (sent.get("do") == "trash")
    if "tag" in sent:
        assert changed["b"]["tags"] == ["Winter", "night"]
    told_of = ("state", "tags", "bucketId", "droppedReason")
    before, after = (
        [[things[name][one] for one in told_of] for name in "abc"] for things in (made, items_of(visitor.person))
    )
    assert after == before


def test_what_changed_since_stays_when_all_is_taken_back(visitor: Visitor, made: dict[str, dict[str, Any]]) -> None:
    ids = [made["a"]["id"], made["b"]["id"]]
    _, act = act_on(visitor, visitor.send(f"/lists/{made['a']['bucketId']}/select", id=ids, do="drop"))
    visitor.person.patch(f"/v1/items/{ids[0]}", {"droppedReason": "Too cold"})

    undone = visitor.follow(visitor.send("/items/several/undo", act=act))
    again = visitor.follow(visitor.send("/items/several/undo", act=act))

    assert "1 wish is as it was before." in undone
    assert "They have changed since, and stay as they are." in again
    assert [items_of(visitor.person)[name]["state"] for name in "ab"] == ["dropped", "doing"]


@on_both_paths
@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"id": [], "do": "drop"}, "Nothing is ticked yet."),
        ({}, "Choose what to do with them."),
        ({"do": "burn"}, "Choose what to do with them."),
        ({"do": "tag", "tag": " , "}, "Write a tag here."),
        ({"do": "tag", "tag": "x" * 51}, "50"),
        ({"move": "nothing"}, "There is no such list of yours."),
    ],
    ids=str,
)
def test_what_cannot_be_done_is_told_and_the_ticks_stay(
    visitor: Visitor, made: dict[str, dict[str, Any]], sent: dict[str, Any], told: str
) -> None:
    ids = {"id": [made["a"]["id"], made["b"]["id"]]}

    refused = visitor.send(f"/lists/{made['a']['bucketId']}/select", **(ids | sent))

    assert refused.status_code == 422
    assert told in refused.text
    assert refused.text.count(" checked>") == len((ids | sent)["id"])
    assert items_of(visitor.person) == made


@on_both_paths
def test_one_that_cannot_have_another_tag_keeps_all_as_they_are(visitor: Visitor) -> None:
    bucket = visitor.person.make_bucket()["id"]
    ids = [visitor.person.make_item(bucket, tags=tags)["id"] for tags in ([], [str(number) for number in range(50)])]

    refused = visitor.send(f"/lists/{bucket}/select", id=ids, do="tag", tag="one more")

    assert refused.status_code == 422
    assert "There are at most 50 of these." in refused.text
    assert json_of(visitor.person.get(f"/v1/items/{ids[0]}"))["tags"] == []


def test_what_is_strange_or_gone_is_passed_over(
    app: ApiApp, visitor: Visitor, ben: Person, made: dict[str, dict[str, Any]]
) -> None:
    strange = ben.make_item(ben.make_bucket()["id"])
    ids = [strange["id"], "nonsense", made["a"]["id"], made["a"]["id"]]

    page, act = act_on(visitor, visitor.send(f"/lists/{made['a']['bucketId']}/select", id=ids, do="drop"))
    of_ben = browse(app, ben).send("/items/several/undo", act=act)

    assert "1 wish let go." in page
    assert of_ben.status_code == 303
    assert items_of(visitor.person)["a"]["state"] == "dropped"
    assert json_of(ben.get(f"/v1/items/{strange['id']}"))["state"] == "open"


@pytest.mark.parametrize("act", ["", "x", "1-2", "1-99999999-3", "0-1-1", "-1-2-3", "1-2-3-4"])
def test_an_undo_of_nothing_is_refused(visitor: Visitor, act: str) -> None:
    assert visitor.send("/items/several/undo", act=act).status_code == 404


def test_what_is_so_already_is_told_and_needs_no_undo(visitor: Visitor, made: dict[str, dict[str, Any]]) -> None:
    page = visitor.follow(
        visitor.send(f"/lists/{made['b']['bucketId']}/select", id=made["b"]["id"], do="tag", tag="winter")
    )

    assert "All of it was so already." in page
    assert "data-undo" not in page


def test_a_selection_costs_a_bounded_number_of_statements(visitor: Visitor, statements: list[Compiled]) -> None:
    bucket = visitor.person.make_bucket()["id"]
    ids = [visitor.person.make_item(bucket)["id"] for _ in range(20)]
    visitor.read(f"/lists/{bucket}/select")

    statements.clear()
    visitor.send(f"/lists/{bucket}/select", id=ids, do="drop")

    assert len(statements) <= 3 + 5 * len(ids)


class TestInABrowser:
    pytestmark = in_a_browser

    @pytest.mark.parametrize("page", [True, False], indirect=True)
    def test_ada_tags_two_of_three_and_undoes_it(self, page: Page, request: pytest.FixtureRequest) -> None:
        is_scripted = request.node.callspec.params["page"]
        open_list(page, "First")
        place = page.url
        for name in ("Second", "Third"):
            page.goto(place.partition("/lists")[0])
            add(page, name)
        page.goto(f"{place}/select")

        page.get_by_role("checkbox", name="Select First").check()
        page.get_by_role("checkbox", name="Select Third").check()
        if is_scripted:
            expect(page.locator("[data-selected]")).to_have_text("2 selected")
        page.locator(".bulk summary", has_text="Tag").click()
        page.get_by_label("Add the tag").fill("winter")
        page.get_by_label("Add the tag").press("Enter")

        expect(page.locator("#toast")).to_contain_text("2 wishes tagged.")
        expect(page.locator(".item .chip")).to_have_count(2)
        page.get_by_role("button", name="Undo").click()
        expect(page.locator(".item .chip")).to_have_count(0)
