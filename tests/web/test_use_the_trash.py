"""HTML pages of the trash: what is deleted is had back, at once or later, until it is emptied."""

import re
from html import unescape
from typing import Any

import pytest

from bucketlist.kit.db.driver import Compiled
from tests.conftest import on_both_paths
from tests.people import Person
from tests.responses import json_of
from tests.web.browsing import Visitor
from tests.web.test_keep_wishes import items_of


@pytest.fixture
def wish(visitor: Visitor) -> dict[str, Any]:
    return visitor.person.make_item(visitor.person.make_bucket()["id"])


def restore_address(page: str) -> str:
    found = re.search(r'action="([^"]*/restore)"', page)
    assert found
    return unescape(found[1])


@on_both_paths
@pytest.mark.parametrize("kind", ["lists", "items", "entries", "photos"])
def test_what_is_deleted_is_back_by_undo(visitor: Visitor, wish: dict[str, Any], kind: str) -> None:
    entry, photo = visitor.person.make_entry(wish["id"], title="The night"), visitor.person.make_photo(wish["id"])
    ids = {"lists": wish["bucketId"], "items": wish["id"], "entries": entry["id"], "photos": photo["id"]}
    path = f"/{kind}/{ids[kind]}"

    assert f'{path}/delete"' in visitor.read(path).text
    page = visitor.follow(visitor.send(f"{path}/delete"))
    gone = visitor.read(path).status_code
    back = visitor.follow(visitor.send(restore_address(page)))

    assert ("In the trash." in page, gone) == (True, 404)
    assert "It is back in its place." in back
    assert visitor.read(path).status_code == 200


def test_the_trash_tells_what_lies_there_and_what_waits_for_what(visitor: Visitor, wish: dict[str, Any]) -> None:
    entry = visitor.person.make_entry(wish["id"])
    for path in (f"/entries/{entry['id']}", f"/items/{wish['id']}", f"/lists/{wish['bucketId']}"):
        visitor.send(f"{path}/delete")

    page = visitor.read("/trash").text
    *_, last = re.findall(r'action="([^"]*/restore)"', page.partition("<main")[2].partition("</main>")[0])
    refused = visitor.send(last)

    assert [f"<b>{name}</b>" in page for name in ("Far away", "See the northern lights", "An entry")] == [True] * 3
    assert "A list with 0 wishes" in page or "A list with 1 wish" in page
    assert ("3 things" in page, "in 30 days" in page) == (True, True)
    assert (refused.status_code, "first." in refused.text) == (409, True)


def test_one_is_gone_for_good_or_all_of_it(visitor: Visitor, wish: dict[str, Any]) -> None:
    other = visitor.person.make_item(wish["bucketId"], "Cross a border")
    for item in (wish, other):
        visitor.send(f"/items/{item['id']}/delete")
    question = re.search(r'href="([^"]*/trash/[^"]*/delete)"', visitor.read("/trash").text)
    assert question

    assert "Delete this for good?" in visitor.read(question[1]).text
    one = visitor.follow(visitor.send(question[1]))
    assert "Empty the trash?" in visitor.read("/trash/empty").text
    empty = visitor.follow(visitor.send("/trash/empty"))

    assert ("1 thing<" in one, "The trash is empty." in empty) == (True, True)
    assert (items_of(visitor.person), json_of(visitor.person.get("/v1/trash"))["count"]) == ([], 0)


@pytest.mark.threat(row=18)
def test_the_trash_of_cleo_is_not_there_for_ada(visitor: Visitor, cleo: Person) -> None:
    item = cleo.make_item(cleo.make_bucket()["id"])
    cleo.delete(f"/v1/items/{item['id']}")
    (row,) = json_of(cleo.get("/v1/trash"))["trash"]

    assert {visitor.send(f"/trash/{row['id']}/{what}").status_code for what in ("restore", "delete")} == {404}
    assert "The trash is empty." in visitor.read("/trash").text
    assert visitor.read("/trash?cursor=x").status_code == 404
    assert json_of(cleo.get("/v1/trash"))["count"] == 1


def test_a_full_trash_takes_few_statements(visitor: Visitor, wish: dict[str, Any], statements: list[Compiled]) -> None:
    for number in range(20):
        item = visitor.person.make_item(wish["bucketId"], f"Wish {number}")
        visitor.person.delete(f"/v1/items/{item['id']}")
    visitor.read("/settings")  # the use of the session is noted

    statements.clear()
    visitor.read("/trash")

    assert len(statements) == 2
