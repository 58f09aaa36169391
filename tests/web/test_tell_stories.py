"""HTML pages of entries: the story of a wish is written, counted, changed and deleted, and nothing typed is lost."""

import re
from html import unescape
from typing import Any

import pytest

from tests.conftest import on_both_paths, on_sqlite
from tests.people import Person
from tests.responses import json_of
from tests.web.browsing import Visitor, field_of
from tests.web.test_keep_wishes import area, items_of

STORY = {
    "story": "Green, then *everywhere*",
    "date": "winter 2019",
    "people": 'Nora, "Håkon, the elder"',
    "place": "Tromsø",
    "title": "The last night",
    "rating": "5",
    "completes": "yes",
}


@pytest.fixture
def wish(visitor: Visitor) -> dict[str, Any]:
    return visitor.person.make_item(visitor.person.make_bucket()["id"])


def entries_of(person: Person) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json_of(person.get("/v1/entries"))["entries"]
    return found


def undo(visitor: Visitor, page: str) -> str:
    """Send the form of the message on a page."""
    found = re.search(r'action="([^"]*/less)">(.*?)<button data-undo>', page)
    assert found
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', found[2]))
    return visitor.follow(visitor.send(found[1], entry=fields["entry"], state=fields["state"]))


@on_both_paths
def test_ada_tells_the_story_and_her_wish_is_done(visitor: Visitor, wish: dict[str, Any]) -> None:
    page = visitor.follow(visitor.send(f"/items/{wish['id']}/entries", **STORY))

    (entry,) = entries_of(visitor.person)
    assert (entry["date"], entry["people"], entry["rating"]) == ("2019-24", ["Nora", "Håkon, the elder"], 5)
    assert (entry["title"], entry["place"], entry["completes"]) == ("The last night", "Tromsø", True)
    assert items_of(visitor.person)[0]["state"] == "done"
    assert "Done! It is in the story now." in page
    assert "<em>everywhere</em>" in page
    assert "Done: winter 2019" in page
    assert ">TROMSØ</text>" in page


def test_a_note_moves_no_state_and_neither_does_what_is_told_to_leave_it(
    visitor: Visitor, wish: dict[str, Any]
) -> None:
    visitor.send(f"/items/{wish['id']}/entries", story="The ticket is bought", date="")
    visitor.send(f"/items/{wish['id']}/entries", completes="yes", keepState="yes", date="")

    (item,) = items_of(visitor.person)
    assert (item["state"], item["timesDone"], len(entries_of(visitor.person))) == ("open", 1, 2)


def test_a_form_that_is_sent_twice_is_saved_once_and_other_words_are_another_entry(
    visitor: Visitor, wish: dict[str, Any]
) -> None:
    form = {"id": field_of(visitor.read(f"/items/{wish['id']}/entries/new").text, "id"), **STORY}

    for sent in (form, form, form | {"story": "Once more"}):
        assert visitor.send(f"/items/{wish['id']}/entries", **sent).status_code == 303

    assert sorted(entry["story"] for entry in entries_of(visitor.person)) == ["Green, then *everywhere*", "Once more"]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"date": "soonish"}, "This is no time that we can read."),
        ({"title": "x" * 201}, "At most 200 characters fit here."),
        ({"people": ", ".join(map(str, range(51)))}, "There are at most 50 of these."),
        ({"people": "x" * 101}, "At most 100 characters fit here."),
        ({"rating": "6"}, "This is a number, in digits."),
        ({"story": "x" * 100_001}, "At most 100,000 characters fit here."),
    ],
)
@on_sqlite
def test_what_is_wrong_is_told_and_the_story_stays(
    visitor: Visitor, wish: dict[str, Any], wrong: dict[str, str], told: str
) -> None:
    sent = STORY | {"story": "Keep <me>"} | wrong

    refused = visitor.send(f"/items/{wish['id']}/entries", **sent)

    assert refused.status_code == 422
    assert told in unescape(refused.text)
    assert unescape(area(refused.text, "story")) == sent["story"]
    assert "<title>Error: " in refused.text
    assert entries_of(visitor.person) == []


@on_sqlite
def test_nothing_at_all_is_no_note(visitor: Visitor, wish: dict[str, Any]) -> None:
    refused = visitor.send(f"/items/{wish['id']}/entries", date="1 December 2026", story=" ")

    assert (refused.status_code, "Write something here." in refused.text) == (422, True)


def test_an_entry_is_changed_by_its_form_and_one_that_is_sent_as_it_was_read_changes_nothing(
    visitor: Visitor, wish: dict[str, Any]
) -> None:
    visitor.send(f"/items/{wish['id']}/entries", **STORY)
    (before,) = entries_of(visitor.person)
    path = f"/entries/{before['id']}"
    form = visitor.read(f"{path}/edit").text
    fields = {name: field_of(form, name) for name in ("title", "date", "people", "place", "etag")}
    fields |= {"story": unescape(area(form, "story")), "rating": "5", "completes": "yes"}

    visitor.follow(visitor.send(f"{path}/edit", **fields))
    same = entries_of(visitor.person)
    visitor.follow(visitor.send(f"{path}/edit", **fields | {"date": "about 1987"}))

    assert same == [before]
    assert entries_of(visitor.person)[0]["date"] == "1987~"
    assert "About 1987" not in visitor.read(path).text.partition("<main")[0]
    assert "about 1987" in visitor.read(path).text


def test_when_two_change_an_entry_both_texts_are_shown_and_neither_is_lost(
    visitor: Visitor, wish: dict[str, Any]
) -> None:
    entry = visitor.person.make_entry(wish["id"], story="old")
    path = f"/entries/{entry['id']}/edit"
    etag = field_of(visitor.read(path).text, "etag")
    visitor.person.patch(f"/v1/entries/{entry['id']}", {"story": "theirs"})

    clash = visitor.send(path, story="mine", completes="yes", etag=etag)
    again = visitor.send(path, story="mine", completes="yes", etag=field_of(clash.text, "etag"))

    assert (clash.status_code, again.status_code) == (412, 303)
    assert ("theirs" in clash.text, area(clash.text, "story")) == (True, "mine")
    assert entries_of(visitor.person)[0]["story"] == "mine"


def test_an_entry_is_deleted_by_one_click(visitor: Visitor, wish: dict[str, Any]) -> None:
    entry = visitor.person.make_entry(wish["id"], title="First lesson")

    page = visitor.follow(visitor.send(f"/entries/{entry['id']}/delete"))

    assert ("In the trash." in page, entries_of(visitor.person)) == (True, [])


@on_both_paths
def test_one_tap_counts_once_more_and_undo_takes_it_back_with_its_state(visitor: Visitor) -> None:
    bucket = visitor.person.make_bucket()
    item = visitor.person.make_item(bucket["id"], "Read two books", times=2, state="doing")
    here = f"/lists/{bucket['id']}"

    one = visitor.follow(visitor.send(f"/items/{item['id']}/more", back=here))
    two = visitor.follow(visitor.send(f"/items/{item['id']}/more", title="Emma", date="summer 2019"))
    counted = items_of(visitor.person)[0]
    undo(visitor, two)
    back = items_of(visitor.person)[0]

    assert ("1 of 2" in one, "One more." in one) == (True, True)
    assert ("That was the last one. Done!" in two, ">Emma</strong>" in two) == (True, True)
    assert (counted["timesDone"], counted["state"]) == (2, "done")
    assert (back["timesDone"], back["state"]) == (1, "doing")


def test_htmx_gets_the_row_that_says_how_far_it_is(visitor: Visitor) -> None:
    item = visitor.person.make_item(visitor.person.make_bucket()["id"], times=100)

    part = visitor.send_part(f"/items/{item['id']}/more", part="row", back="/").text

    assert "1 of 100" in part
    assert "Write the story" in part
    assert "<html" not in part


def test_a_story_goes_from_the_first_note_to_what_came_afterwards(visitor: Visitor, wish: dict[str, Any]) -> None:
    for date, completes in (("2026-10", False), ("2026-08-12", True), ("2024-04", False), (None, False)):
        visitor.person.make_entry(wish["id"], date=date, completes=completes, place=f"In {date}")

    page = visitor.read(f"/items/{wish['id']}").text

    told = re.findall(r"On the way|The day itself|Afterwards|In (?:None|2\d{3}[\d-]*)", page.partition('id="tell"')[0])
    assert told == [
        *("On the way", "In 2024-04", "The day itself", "In 2026-08-12"),
        *("Afterwards", "In 2026-10", "On the way", "In None"),
    ]


@on_sqlite
def test_of_many_times_each_has_its_number_on_every_page(visitor: Visitor) -> None:
    item = visitor.person.make_item(visitor.person.make_bucket()["id"], times=200)
    for number in range(102):
        visitor.person.make_entry(item["id"], date=f"{1900 + number}", completes=number != 50)

    first = visitor.read(f"/items/{item['id']}").text
    address = unescape(re.findall(r'href="([^"]*cursor=[^"]*)"', first)[0])
    second = visitor.read(address).text

    assert re.findall(r"Number (\d+):", first) == [str(number) for number in range(101, 2, -1)]
    assert re.findall(r"Number (\d+):", second) == ["2", "1"]
    assert visitor.read(f"/items/{item['id']}?cursor=x").status_code == 404
    assert "Number" in visitor.read(f"/items/{item['id']}?number=%C2%B2").text


@on_both_paths
def test_what_is_done_already_is_added_with_its_story(visitor: Visitor) -> None:
    bucket = visitor.person.make_bucket()
    told = {f"entry-{name}": text for name, text in STORY.items() if name != "completes"}

    visitor.follow(visitor.send("/items/new", name="Sleep in a lighthouse", list=bucket["id"], already="yes", **told))
    wrong = visitor.send("/items/new", name="Sleep", already="yes", **told | {"entry-date": "soon"})
    visitor.send("/items/new", name="Not yet", list=bucket["id"], **told)

    (entry,) = entries_of(visitor.person)
    assert (entry["itemName"], entry["date"], entry["rating"]) == ("Sleep in a lighthouse", "2019-24", 5)
    assert [item["state"] for item in items_of(visitor.person)] == ["done", "open"]
    assert (wrong.status_code, 'id="entry-date-e"' in wrong.text) == (422, True)
    assert unescape(area(wrong.text, "entry-story")) == STORY["story"]


@pytest.mark.threat(row=18)
def test_the_story_of_cleo_is_not_there_for_ada(visitor: Visitor, cleo: Person, wish: dict[str, Any]) -> None:
    item = cleo.make_item(cleo.make_bucket()["id"])
    entry = cleo.make_entry(item["id"])
    mine = visitor.person.make_entry(wish["id"])
    reads = [f"/entries/{entry['id']}{what}" for what in ("", "/edit")]
    reads += [f"/items/{item['id']}/entries/new"]
    sends = [f"/entries/{entry['id']}/edit", f"/entries/{entry['id']}/delete"]
    sends += [f"/items/{item['id']}/{what}" for what in ("entries", "more", "less")]

    assert {visitor.read(path).status_code for path in reads} == {404}
    assert {visitor.send(path, story="x", entry=entry["id"], etag="*").status_code for path in sends} == {404}
    assert visitor.send(f"/items/{wish['id']}/less", entry=entry["id"]).status_code == 404
    assert visitor.person.get(f"/v1/entries/{mine['id']}").status_code == 200
    assert json_of(cleo.get(f"/v1/entries/{entry['id']}")) == entry


@on_sqlite
@pytest.mark.parametrize(
    ("typed", "told"), [("the eighties", "Some time in the 1980s"), ("soonish", "Keep typing"), ("", "Someday")]
)
def test_a_time_in_the_past_is_shown_back(visitor: Visitor, typed: str, told: str) -> None:
    assert told in visitor.read(f"/echo?past={typed}").text
