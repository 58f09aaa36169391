"""Lists of entries by date, the newest first: those of an item, and the journal with its filters and search."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from bucketlist.kit.fuzzy_dates import FuzzyDate
from tests.people import Person
from tests.responses import errors_of, json_of

DATES = [None, "2026", "202X~", "2026-06", "2026-22", None, "2026-12-31", "2025-24", "2026~", "0001-01-01", "9999-24"]
PEOPLE = [[], ["Nora"], ["Håkon", "NORA"], ["Nora Ø"], ["Ｎｏｒａ", "nora"]]
Entry = dict[str, Any]
Keep = Callable[[Entry], bool]


@pytest.fixture
def entries(ada: Person) -> list[Entry]:
    """Of two items, with each of `DATES`; as the journal shows them, in its order."""
    bucket, made = ada.make_bucket()["id"], []
    items = [ada.make_item(bucket, name) for name in ("Lights", "Lighthouse")]
    for number, date in enumerate(DATES * 2):
        told = {"title": f"Day {number}", "story": f"{number % 3}%", "people": PEOPLE[number % 5]}
        entry = ada.make_entry(items[number % 2]["id"], completes=number % 3 == 0, date=date, **told)
        made.append(entry | {"itemName": items[number % 2]["name"]})
    return newest_first(made)


def newest_first(entries: list[Entry]) -> list[Entry]:
    """As the contract has it: what has no date comes last; of those that are alike the one made last is first."""

    def key(entry: Entry) -> tuple[int, str]:
        return FuzzyDate.parse(entry["date"]).rank if entry["date"] else 0, entry["id"]

    return sorted(entries, key=key, reverse=True)


def pages_of(person: Person, path: str | None, relation: str = "next") -> list[Any]:
    pages = []
    while path:
        pages.append(json_of(person.get(path)))
        path = pages[-1][relation]
    return pages


def is_before(day: str) -> Keep:
    return lambda entry: bool(entry["date"]) and FuzzyDate.parse(entry["date"]).is_before(FuzzyDate.parse(day))


def is_after(day: str) -> Keep:
    return lambda entry: bool(entry["date"]) and FuzzyDate.parse(entry["date"]).is_after(FuzzyDate.parse(day))


def is_with_nora(entry: Entry) -> bool:
    return any(name in ("Nora", "NORA", "nora", "Ｎｏｒａ") for name in entry["people"])


FILTERS: list[tuple[str, Keep]] = [
    ("", lambda _: True),
    ("&completes=true", lambda entry: entry["completes"]),
    ("&completes=false", lambda entry: not entry["completes"]),
    ("&person=nora", is_with_nora),
    ("&person=Nor", lambda _: False),
    ("&dateBefore=2026-12-31", is_before("2026-12-31")),
    ("&dateBefore=9999-24~", is_before("9999-24")),
    ("&dateAfter=0001-01-01", is_after("0001-01-01")),
    ("&dateAfter=2025&dateBefore=203X", lambda entry: is_after("2025")(entry) and is_before("203X")(entry)),
    ("&q=1%25", lambda entry: entry["story"] == "1%"),
    ("&q=nora", lambda entry: is_with_nora(entry) or "Nora Ø" in entry["people"]),
    (
        "&q=day&person=nora&completes=false&dateAfter=2024",
        lambda entry: is_with_nora(entry) and not entry["completes"] and is_after("2024")(entry),
    ),
]


@pytest.mark.parametrize(("query", "is_wanted"), FILTERS)
def test_the_journal_has_what_is_asked_for_forwards_and_backwards(
    ada: Person, entries: list[Entry], query: str, is_wanted: Keep
) -> None:
    expected = [entry for entry in entries if is_wanted(entry)]

    pages = pages_of(ada, f"/v1/entries?limit=3{query}")
    back = pages_of(ada, pages[-1]["previous"], "previous")

    assert [entry for page in pages for entry in page["entries"]] == expected
    assert [page["entries"] for page in reversed(back)] == [page["entries"] for page in pages[:-1]]
    assert {page["count"] for page in pages} == {len(expected)}


def test_an_item_has_its_own_entries_in_the_same_order(ada: Person, entries: list[Entry]) -> None:
    for item in {entry["itemId"] for entry in entries}:
        pages = pages_of(ada, f"/v1/items/{item}/entries?limit=2")
        back = pages_of(ada, pages[-1]["previous"], "previous")

        told = [{name: entry[name] for name in entry if name != "itemName"} for entry in entries]
        assert [entry for page in pages for entry in page["entries"]] == [one for one in told if one["itemId"] == item]
        assert [page["entries"] for page in reversed(back)] == [page["entries"] for page in pages[:-1]]


@pytest.mark.threat(row=53)
@pytest.mark.parametrize("path", ["/v1/entries?", "/v1/items/{item}/entries?", "/v1/entries?q=day&"])
def test_no_more_is_read_than_there_is_room_for_and_no_story_is_lost(ada: Person, path: str) -> None:
    item = ada.make_item(ada.make_bucket()["id"])["id"]
    lengths = [100_000, 0, 100_000, 90_000, 3, 100_000, 100_000, 50_000]
    made = [ada.make_entry(item, title=f"Day {n}", story="海" * length) for n, length in enumerate(lengths)][::-1]
    first = f"{path.format(item=item)}limit=100"

    pages = pages_of(ada, first)
    back = pages_of(ada, pages[-1]["previous"], "previous")

    assert [entry["story"] for page in pages for entry in page["entries"]] == [entry["story"] for entry in made]
    assert [entry["id"] for page in reversed(back) for entry in page["entries"]] == [
        entry["id"] for page in pages[:-1] for entry in page["entries"]
    ]
    assert len(pages) > 1
    assert {page["count"] for page in pages} == {len(lengths)}


def test_a_date_that_is_changed_is_found_in_its_new_place(ada: Person, entries: list[Entry]) -> None:
    last = f"/v1/entries/{entries[-1]['id']}"

    seen = []
    for date in ("9999-24~", None, "0001-01-01"):
        ada.patch(last, {"date": date})
        order = [entry["id"] for entry in json_of(ada.get("/v1/entries?limit=100"))["entries"]]
        seen.append(order.index(entries[-1]["id"]))

    assert seen == [0, len(entries) - 1, len(entries) - 4]


def test_the_name_of_an_item_is_the_one_that_it_has_now(ada: Person, entries: list[Entry]) -> None:
    ada.patch(f"/v1/items/{entries[0]['itemId']}", {"name": "Renamed"})

    found = json_of(ada.get("/v1/entries?limit=100"))["entries"]

    assert {entry["itemName"] for entry in found if entry["itemId"] == entries[0]["itemId"]} == {"Renamed"}
    assert json_of(ada.get("/v1/entries?q=renamed"))["count"] == 0


@pytest.mark.parametrize(
    ("field", "text", "words"),
    [
        ("title", "Große Straße", "STRASSE"),
        ("story", "Увидеть\nБАЙКАЛ", "байкал"),
        ("place", "İstanbul", "istanbul"),
        ("people", ["Οδυσσεύς", 'Nora "N" Ø'], "ΟΔΥΣΣΕΎΣ"),
        ("people", ["Οδυσσεύς", 'Nora "N" Ø'], '"n" ø'),
        ("story", "富士山に登る 100%_\\", "%_\\"),
    ],
)
def test_ada_finds_what_she_typed_in_any_script_and_nothing_else(
    ada: Person, field: str, text: Any, words: str
) -> None:
    item = ada.make_item(ada.make_bucket()["id"])["id"]
    ada.make_entry(item, title="Nothing", people=["Odysseus"])
    entry = ada.make_entry(item, **{field: text})

    found = [json_of(ada.get(f"/v1/entries?q={quote(one)}"))["entries"] for one in (words, f"{words}x")]
    ada.put(f"/v1/entries/{entry['id']}", {})

    assert [[one["id"] for one in some] for some in found] == [[entry["id"]], []]
    assert json_of(ada.get(f"/v1/entries?q={quote(words)}"))["count"] == 0


def test_a_person_is_not_found_in_the_name_of_another_nor_between_two(ada: Person) -> None:
    ada.make_entry(ada.make_item(ada.make_bucket()["id"])["id"], people=["Nora Ø", "Anna", "Bo\u200db"])

    counts = [
        json_of(ada.get(f"/v1/entries?{query}"))["count"]
        for query in ("person=Nora", "person=nora%20ø", "person=ann", "q=øanna", "q=anna", "person=Anna")
    ]

    assert counts == [0, 1, 0, 0, 1, 1]


@pytest.mark.threat(row=29)
@pytest.mark.parametrize(
    ("query", "code"),
    [
        *((f"dateBefore={day}", "fuzzy_date") for day in ("", "2026-02-29", "soon", "%00", "2026%0A")),
        *((f"completes={word}", "bool_parsing") for word in ("", "1", "yes", "True")),
        ("person=", "string_too_short"),
        ("person=%00", "control_character"),
        (f"person={'x' * 101}", "string_too_long"),
        (f"q={'x' * 201}", "string_too_long"),
        *((f"{part}&{part}", "repeated") for part in ("person=x", "completes=true", "dateAfter=2026", "q=x")),
        *((f"{name}=2026", "extra_forbidden") for name in ("date", "sort", "state", "itemId", "date_before")),
    ],
)
def test_a_filter_that_is_none_is_refused_by_its_name(ada: Person, query: str, code: str) -> None:
    assert errors_of(ada.get(f"/v1/entries?{query}")) == [(query.partition("=")[0], code)]


@pytest.mark.threat(row=30)
def test_a_cursor_fits_its_list_and_filters_only(ada: Person, ben: Person, entries: list[Entry]) -> None:
    here, there = sorted({entry["itemId"] for entry in entries})
    lists = ["/v1/entries?", f"/v1/items/{here}/entries?", f"/v1/items/{there}/entries?", "/v1/entries?person=nora&"]
    cursors = [json_of(ada.get(f"{path}limit=1"))["next"].partition("cursor=")[2] for path in lists]

    for number, path in enumerate(lists):
        for other, cursor in enumerate(cursors):
            assert ada.get(f"{path}cursor={cursor}").status_code == (200 if number == other else 422)
    assert errors_of(ben.get(f"/v1/entries?cursor={cursors[0]}")) == [("cursor", "cursor")]
