"""HTML pages of wishes: added in one line, done and undone, changed without a loss of words, strangers kept out."""

import re
from html import unescape

import pytest

from bucketlist.kit.http.openapi import ApiApp
from tests.conftest import on_both_paths, on_sqlite
from tests.docs.payloads import HOSTILE, tags_of
from tests.people import Person
from tests.responses import json_of
from tests.web.browsing import Visitor, browse, field_of

WISH = {
    "name": "See the northern lights",
    "target": "about winter 2031",
    "tags": 'north, "Lahti, Finland"',
    "place": "Tromsø",
    "times": "3",
    "notes": "In *February*",
    "steps": "[x] Save up\n- Ask Nora",
    "links": "https://example.com/aurora When to go",
}


def items_of(person: Person) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json_of(person.get("/v1/items?archived=any"))["items"]
    return found


@on_both_paths
def test_ada_adds_a_wish_in_one_line_and_its_list_is_made(visitor: Visitor) -> None:
    page = visitor.follow(visitor.send("/items", title="Swim at midnight #night summer 2031"))

    (item,) = items_of(visitor.person)
    assert (item["name"], item["tags"], item["target"]) == ("Swim at midnight", ["night"], "2031-22")
    assert "summer 2031" in page
    assert "Added." in page
    assert "<h1>One day</h1>" in page


def test_ada_is_done_with_one_tap_and_takes_it_back(visitor: Visitor) -> None:
    item = visitor.person.make_item(visitor.person.make_bucket()["id"], state="doing")

    page = visitor.follow(visitor.send(f"/items/{item['id']}/done", back="/"))
    states = [items_of(visitor.person)[0]["state"]]
    undo = re.search(r'<form method="post" action="([^"]*)"[^>]*>(?:<input[^>]*>)*<button data-undo>', page)
    assert undo
    visitor.send(undo[1])

    assert [*states, items_of(visitor.person)[0]["state"]] == ["done", "doing"]
    assert "Done!" in page
    assert "Done!" not in visitor.read("/").text  # it is said once


def test_htmx_gets_the_very_part_that_the_page_includes(visitor: Visitor) -> None:
    bucket = visitor.person.make_bucket()
    item = visitor.person.make_item(bucket["id"])
    place = f"/lists/{bucket['id']}"

    part = visitor.send_part(f"/items/{item['id']}/start", part="row", back=place).text

    row = re.search(rf'<li class="item is-doing" id="w-{item["id"]}">.*?</li>', part, re.DOTALL)
    assert row
    assert "<html" not in part
    assert "Under way." in part
    assert plain(row[0]) in plain(visitor.read(place).text)


def plain(text: str) -> str:
    """Without CSRF tokens, which differ each time, and blanks."""
    return re.sub(r'value="[\w-]{43}"|\s+', "", text)


@on_both_paths
def test_ada_writes_all_that_a_wish_says_and_reads_it_again(visitor: Visitor) -> None:
    bucket = visitor.person.make_bucket()

    visitor.follow(visitor.send("/items/new", **WISH, list=bucket["id"]))

    (item,) = items_of(visitor.person)
    assert item["target"] == "2031-24~"
    assert item["tags"] == ["north", "Lahti, Finland"]
    assert item["steps"] == [{"text": "Save up", "done": True}, {"text": "Ask Nora", "done": False}]
    assert item["links"] == [{"url": "https://example.com/aurora", "title": "When to go"}]
    page = visitor.read(f"/items/{item['id']}").text
    assert "<em>February</em>" in page
    assert "about winter 2031" in page


def test_a_form_that_is_sent_as_it_was_read_changes_nothing(visitor: Visitor) -> None:
    bucket = visitor.person.make_bucket()
    visitor.send("/items/new", **WISH, list=bucket["id"])
    before = items_of(visitor.person)
    form = visitor.read(f"/items/{before[0]['id']}/edit").text

    fields = {name: field_of(form, name) for name in ("name", "target", "tags", "place", "times", "etag")}
    areas = {name: unescape(area(form, name)) for name in ("notes", "steps", "links")}
    visitor.follow(visitor.send(f"/items/{before[0]['id']}/edit", **fields, **areas, list=bucket["id"]))

    assert items_of(visitor.person) == before


def area(page: str, name: str) -> str:
    found = re.search(rf'<textarea[^>]* name="{name}"[^>]*>\n(.*?)</textarea>', page, re.DOTALL)
    assert found
    return found[1]


def test_when_two_change_a_wish_both_texts_are_shown_and_neither_is_lost(visitor: Visitor) -> None:
    item = visitor.person.make_item(visitor.person.make_bucket()["id"], description="old")
    path = f"/items/{item['id']}/edit"
    etag = field_of(visitor.read(path).text, "etag")
    visitor.person.patch(f"/v1/items/{item['id']}", {"description": "theirs"})

    clash = visitor.send(path, name=item["name"], notes="mine", etag=etag)
    again = visitor.send(path, name=item["name"], notes="mine", etag=field_of(clash.text, "etag"))

    assert (clash.status_code, again.status_code) == (412, 303)
    assert "theirs" in clash.text
    assert area(clash.text, "notes") == "mine"
    assert items_of(visitor.person)[0]["description"] == "mine"


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"name": " "}, "Write something here."),
        ({"name": "x" * 501}, "At most 500 characters fit here."),
        ({"target": "soonish"}, "This is no time that we can read."),
        ({"times": "many"}, "This is a number, in digits."),
        ({"times": "0"}, "This is 1 or more."),
        ({"links": "javascript:alert(1)"}, "An address is meant here"),
        ({"place": "x" * 201}, "At most 200 characters fit here."),
        ({"steps": "\n".join(["x"] * 201)}, "There are at most 200 of these."),
        ({"list": "nonsense"}, "There is no such list of yours."),
    ],
)
@on_sqlite
def test_what_is_wrong_is_told_and_what_was_typed_stays(visitor: Visitor, wrong: dict[str, str], told: str) -> None:
    visitor.person.make_bucket()

    refused = visitor.send("/items/new", **WISH | {"notes": "Keep <me>"} | wrong)

    assert refused.status_code == 422
    assert told in unescape(refused.text)
    assert area(refused.text, "notes") == "Keep &lt;me&gt;"
    assert "<title>Error: " in refused.text
    assert items_of(visitor.person) == []


@pytest.mark.threat(row=18)
def test_what_is_cleos_is_not_there_for_ada(app: ApiApp, visitor: Visitor, cleo: Person) -> None:
    bucket = cleo.make_bucket()
    item = cleo.make_item(bucket["id"])
    reads = [f"/items/{item['id']}", f"/items/{item['id']}/edit"]
    reads += [f"/lists/{bucket['id']}", f"/lists/{bucket['id']}/edit"]
    sends = [f"/items/{item['id']}/{what}" for what in ("done", "drop", "start", "reopen", "delete", "edit", "steps")]

    assert {visitor.read(path).status_code for path in [*reads, "/items/nonsense", "/lists/nonsense"]} == {404}
    assert {visitor.send(path, name="x", etag="*").status_code for path in sends} == {404}
    assert visitor.send(f"/lists/{bucket['id']}/delete").status_code == 404
    assert items_of(cleo) == [item]
    assert browse(app, cleo).read(reads[0]).status_code == 200


@pytest.mark.threat(row=43)
@on_sqlite
def test_hostile_words_stay_words_wherever_they_are_shown(visitor: Visitor) -> None:
    bucket = visitor.person.make_bucket("plain")
    item = visitor.person.make_item(bucket["id"], "plain", description="plain", tags=["plain"], place="plain")
    path = f"/items/{item['id']}"
    visitor.person.patch(f"/v1{path}", {"name": "changed"})
    harmless = [tag.partition(" ")[0] for tag in tags_of(visitor.read(path).text)]

    for payload in HOSTILE[::7]:
        text = re.sub(r"[\x00-\x1f]", " ", payload).strip()[:50] or "x"
        visitor.person.patch(f"/v1{path}", {"name": text, "place": text, "tags": [text]})
        assert [tag.partition(" ")[0] for tag in tags_of(visitor.read(path).text)] == harmless, payload


def test_ada_ticks_a_step_and_adds_one(visitor: Visitor) -> None:
    steps = [{"text": "Save up", "done": False}, {"text": "Book", "done": True}]
    item = visitor.person.make_item(visitor.person.make_bucket()["id"], steps=steps)
    etag = field_of(visitor.read(f"/items/{item['id']}").text, "etag")

    visitor.send(f"/items/{item['id']}/steps", done="0", text="Go", etag=etag)

    found = items_of(visitor.person)[0]["steps"]
    assert found == [
        {"text": "Save up", "done": True},
        {"text": "Book", "done": False},
        {"text": "Go", "done": False},
    ]


def test_ada_lets_go_with_a_reason_moves_and_deletes(visitor: Visitor) -> None:
    first, other = visitor.person.make_bucket(), visitor.person.make_bucket("Other")
    item = visitor.person.make_item(first["id"])

    visitor.send(f"/items/{item['id']}/drop", reason="My knees")
    let_go = items_of(visitor.person)[0]
    visitor.send(f"/items/{item['id']}/move", list=other["id"])
    moved = items_of(visitor.person)[0]
    page = visitor.follow(visitor.send(f"/items/{item['id']}/delete"))

    assert (let_go["state"], let_go["droppedReason"], moved["bucketId"]) == ("dropped", "My knees", other["id"])
    assert items_of(visitor.person) == []
    assert "In the trash." in page


@on_sqlite
def test_what_a_bookmarklet_brings_is_in_the_form(visitor: Visitor) -> None:
    page = visitor.read("/items/new?title=A+place&url=https://example.com/x&text=Nice").text

    assert field_of(page, "name") == "A place"
    assert area(page, "links") == "https://example.com/x"
    assert area(page, "notes") == "Nice"
    assert area(visitor.read("/items/new?url=javascript:alert(1)").text, "links") == ""
