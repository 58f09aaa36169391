"""Substring search: `q` finds what holds it, literally, whatever the case and script, in name or description."""

import unicodedata
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.resources import Things
from tests.responses import errors_of, json_of

FOUND = [
    ("See the Northern Lights", "northern"),
    ("See the Northern Lights", "THE NORTH"),
    ("See the Northern Lights", "e the n"),
    ("Ünïcode ÉTÉ", "üNÏ"),
    ("Ünïcode ÉTÉ", "été"),
    ("Cafe\u0301", "CAFÉ"),
    ("Café", "cafe\u0301"),
    ("ΟΔΥΣΣΕΥΣ", "οδυσσευς"),
    ("Οδυσσεύς και Πηνελόπη", "ΟΔΥΣΣΕΎΣ"),
    ("Οδυσσεύς", "ύσ"),
    ("Große Straße", "STRASSE"),
    ("GROSSE STRASSE", "straße"),
    ("Große ẞtraße", "ßtra"),
    ("İstanbul", "İSTANBUL"),
    ("İstanbul", "i\u0307stanbul"),
    ("İstanbul", "istanbul"),
    ("Isparta", "ısparta"),
    ("ΟΔΟΣ", "οδος"),
    ("Diyarbakır", "DIYARBAKıR"),
    ("Ｔｏｋｙｏ Ｔｏｗｅｒ", "tokyo tower"),
    ("Tokyo 2031", "２０３１"),
    ("ｶﾀｶﾅ", "カタカナ"),
    ("Увидеть БАЙКАЛ", "байкал"),
    ("увидеть байкал", "БАЙ"),
    ("Ride 🚂 across 🇨🇦", "🚂 ACROSS"),
    ("👩‍👩‍👧 trip", "👩‍👩‍👧"),
    ("مرحبا بالعالم", "بالعالم"),
    ("富士山に登る", "山に"),
    ("한라산", "라산"),
    ("ﬁnd ﬂowers", "find flow"),
    ("Chapter Ⅷ", "viii"),
    ("x\u0323\u0307 marks", "X\u0307\u0323"),
    ("100% of it", "100%"),
    ("snake_case", "E_C"),
    ("back\\slash", "k\\S"),
    ('"quoted"', '"Q'),
    ("it's", "T'S"),
    ("two  spaces", "  "),
    ("* ? [a-z] ^ $ . | ()", "[A-Z] ^ $ ."),
]
NOT_FOUND = [
    ("1000 of it", "100%"),
    ("snake case", "e_c"),
    ("aXb", "a_b"),
    ("a\\b", "a\\\\b"),
    ("ab", "a%b"),
    ("Café", "cafe"),
    ("cafe", "café"),
    ("See the lights", "the  lights"),
    ("lights", "lights!"),
    ("abc", "."),
    ("abc", "[abc]"),
    ("abc", "a*"),
    ("null", "None"),
]


def call(listed: Things, named: dict[str, Any], described: dict[str, Any], name: str, description: str) -> None:
    """The one so, and the other with that description, instead of what they were before."""
    listed.owner.patch(listed.path(named), {"name": name})
    listed.owner.patch(listed.path(described), {"description": description})
    assert (json_of(listed.read(named))["name"], json_of(listed.read(described))["description"]) == (
        unicodedata.normalize("NFC", name),
        unicodedata.normalize("NFC", description),
    )


@pytest.mark.threat(row=24)
def test_ada_finds_what_she_typed(listed: Things) -> None:
    named, described = listed.make(), listed.make("Something else")
    listed.make("Nothing of the kind", description="Nothing at all")

    found = {}
    for typed, words in FOUND:
        call(listed, named, described, typed, f"Before. {typed}, after.")
        page = json_of(listed.ask(q=words))
        found[typed, words] = ([row["id"] for row in page[listed.kind]], page["count"])

    assert found == dict.fromkeys(FOUND, ([named["id"], described["id"]], 2))


def test_ada_does_not_find_what_she_did_not_type(listed: Things) -> None:
    named, described = listed.make(), listed.make("Something else")

    found = {}
    for typed, words in NOT_FOUND:
        call(listed, named, described, typed, typed)
        found[typed, words] = json_of(listed.ask(q=words))["count"]

    assert found == dict.fromkeys(NOT_FOUND, 0)


def test_ada_finds_a_thing_under_its_new_name_only(listed: Things) -> None:
    thing = listed.make("Old name", description="Old words")
    listed.owner.patch(listed.path(thing), {"name": "New name"})
    listed.owner.patch(listed.path(thing), {"description": "New words"})

    assert [listed.names(q=words) for words in ("old", "new n", "new w")] == [[], ["New name"], ["New name"]]


def test_ada_does_not_find_a_description_that_she_emptied(listed: Things) -> None:
    thing = listed.make(description="Old words")
    listed.owner.put(listed.path(thing), {"name": "Replaced"})

    assert listed.names(q="old words") == []


def test_ada_does_not_find_across_name_and_description(listed: Things) -> None:
    listed.make("One", description="Two")

    assert listed.names(q="onetwo") + listed.names(q="one two") == []


def test_ada_searches_with_two_hundred_code_points(listed: Things) -> None:
    words = "😀" * 200
    listed.make("Faces", description=f"{words}!")
    listed.make("Few faces", description="😀" * 199)

    assert listed.names(q=words) == ["Faces"]


@pytest.mark.parametrize("length", [201, 5_000])
def test_ada_cannot_search_with_more_than_two_hundred_code_points(listed: Things, length: int) -> None:
    assert errors_of(listed.ask(q="%" * length)) == [("q", "string_too_long")]


@pytest.mark.parametrize(
    ("words", "code"), [("", "string_too_short"), ("a\0b", "control_character"), ("\x85", "control_character")]
)
def test_ada_cannot_search_for_nothing_or_controls(listed: Things, words: str, code: str) -> None:
    assert errors_of(listed.ask(q=words)) == [("q", code)]


@pytest.mark.threat(row=24)
def test_ada_searches_patiently_for_wild_cards(listed: Things) -> None:
    listed.make("a" * listed.longest_name, description="a" * 20_000)

    assert [listed.names(q=words) for words in ("%" * 200, "_" * 200, "%_" * 100, "\\" * 200)] == [[]] * 4


WORDS = st.text(st.sampled_from("aAbBäÄßẞsSςΣσİiIﬁ①é\u0301%_\\ 字😀'\""), min_size=1, max_size=6)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=WORDS, words=WORDS, after=WORDS)
def test_ada_finds_any_part_of_any_name(things: Things, before: str, words: str, after: str) -> None:
    """Whole characters: a letter is not found in a letter with an accent."""
    made = things.make(f"x {before} {words.upper()} {after} x")

    found = json_of(things.ask(q=f" {words} ", limit=100, sort="-position"))[things.kind]

    assert made["id"] in [row["id"] for row in found]
