"""HTML pages of the journal: all entries by year, search and filters in the address, keyset pages, years to jump to."""

import re
from html import unescape
from typing import Any

import pytest

from bucketlist.kit.db.driver import Compiled
from tests.conftest import on_both_paths, on_sqlite
from tests.people import Person
from tests.web.browsing import Visitor


def tell(person: Person, *told: dict[str, Any]) -> None:
    item = person.make_item(person.make_bucket()["id"])
    for fields in told:
        person.make_entry(item["id"], **fields)


def years_of(page: str) -> list[str]:
    return re.findall(r'<h2 id="y[^"]*">([^<]*)</h2>', page)


@on_both_paths
def test_all_entries_stand_under_their_years_the_newest_first(visitor: Visitor) -> None:
    dates = ("2026-08-12", "2026-24", "2027-01", "198X", "1987~", None, "2026")
    tell(visitor.person, *({"date": date} for date in dates))

    page = visitor.read("/journal").text

    assert years_of(page) == ["2027", "2026", "The 1980s", "1987", "No date"]
    assert page.count("<article") == len(dates)


@on_both_paths
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?q=swallows", ["a"]),
        ("?person=NORA", ["a", "b"]),
        ("?person=Nor", []),
        ("?completes=false", ["b"]),
        ("?completes=true&q=e", ["a", "c"]),
        ("?after=2020&before=2030", ["a", "b"]),
        ("?before=spring 1990", ["c"]),
        ("/2026", ["b", "c"]),
        ("/2027?person=Nora", ["a", "b"]),
        ("/9999", ["a", "b", "c"]),
    ],
)
def test_ada_finds_entries_by_what_the_address_says(visitor: Visitor, query: str, found: list[str]) -> None:
    a = {"title": "a", "date": "2027-05", "story": "The swallows went to bed", "people": ["Nora", "Ivo"]}
    b = {"title": "b", "date": "2026", "completes": False, "people": ["nora"]}
    tell(visitor.person, a, b, {"title": "c", "date": "1987", "place": "The mill"})

    page = visitor.read(f"/journal{query}").text

    assert re.findall(r"lights: (\w)</a>", page) == found
    assert ("Nothing was found" in page) == (not found)


@on_sqlite
@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("?q=%00", 422),
        ("?q=" + "x" * 201, 422),
        ("?person=" + "x" * 101, 422),
        ("?before=soon", 422),
        ("?after=soon&q=x", 422),
        ("?cursor=x", 404),
        ("/0000", 404),
        ("/20266", 404),
        ("/%C2%B2026", 404),
        ("?completes=perhaps", 200),
    ],
)
def test_what_cannot_be_asked_for_is_told_and_breaks_nothing(visitor: Visitor, query: str, status: int) -> None:
    page = visitor.read(f"/journal{query}")

    assert page.status_code == status
    assert (status != 422) or "<title>Error: " in page.text


def test_a_long_journal_is_paged_and_its_years_can_be_jumped_to(visitor: Visitor) -> None:
    tell(visitor.person, *({"date": f"{year}", "title": "x"} for year in range(1951, 2002)))

    first = visitor.read("/journal?q=x").text
    address = unescape(re.findall(r'href="([^"]*cursor=[^"]*)"', first)[0])
    jumps = re.findall(r'<a href="([^"]*)">([^<]*)</a>', first.partition('class="years row"')[2].partition("</nav>")[0])

    assert (first.count("<article"), years_of(visitor.read(address).text)) == (50, ["1951"])
    assert [name for _, name in jumps][-4:] == ["the 1980s", "the 1970s", "the 1960s", "the 1950s"]
    assert years_of(visitor.read(unescape(dict(reversed(one) for one in jumps)["the 1970s"])).text)[0] == "1979"


@on_sqlite
def test_an_empty_journal_invites(visitor: Visitor) -> None:
    page = visitor.read("/journal").text

    assert "Nothing is written yet" in page
    assert 'role="search"' not in page


def test_a_page_takes_few_statements_however_much_was_told(visitor: Visitor, statements: list[Compiled]) -> None:
    tell(visitor.person, *({"date": f"{year}", "people": ["Nora"]} for year in range(1990, 2020)))
    item = visitor.person.get("/v1/items").get_json()["items"][0]["id"]
    entry = visitor.person.get("/v1/entries").get_json()["entries"][0]["id"]
    visitor.read("/settings")  # the use of the session is noted

    taken = {}
    for path in ("/journal", "/journal?person=Nora", f"/items/{item}", f"/entries/{entry}"):
        statements.clear()
        visitor.read(path)
        taken[path.partition("/01")[0]] = len(statements)

    assert taken == {"/journal": 3, "/journal?person=Nora": 3, "/items": 4, "/entries": 3}
