"""Filters and sorting of items by state and target, which combine, in lists by keyset pagination."""

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest

from bucketlist.kit.fuzzy_dates import FuzzyDate
from tests.people import Person
from tests.resources import Things, items_of
from tests.responses import errors_of, json_of

TARGETS = [None, "2031", "203X~", "2031-06", "2031-22", None, "2031-12-31", "2030-24", "2031~", "0001-01-01", "9999-24"]
STATES = ["open", "doing", "done", "dropped"]
Item = dict[str, Any]
Keep = Callable[[Item], bool]


@pytest.fixture(params=["items of a bucket", "all items"])
def wishes(request: pytest.FixtureRequest, ada: Person) -> Things:
    """A list with each of `TARGETS` in several states, called by their numbers."""
    things = items_of(ada, everywhere=request.param == "all items")
    for number, target in enumerate(TARGETS * 2):
        things.make(f"Wish {number}", target=target, state=STATES[number % 4], description=f"{number % 3}")
    return things


def is_before(day: str) -> Keep:
    return lambda item: bool(item["target"]) and FuzzyDate.parse(item["target"]).is_before(FuzzyDate.parse(day))


def is_after(day: str) -> Keep:
    return lambda item: bool(item["target"]) and FuzzyDate.parse(item["target"]).is_after(FuzzyDate.parse(day))


def sorted_by_target(items: list[Item], *, goes_down: bool) -> list[Item]:
    """As the contract has it: what has no target comes last both ways, ties are broken by id the same way."""

    def key(item: Item) -> tuple[int, str]:
        return FuzzyDate.parse(item["target"]).rank if item["target"] else 0, item["id"]

    dated = sorted((item for item in items if item["target"]), key=key, reverse=goes_down)
    return dated + sorted((item for item in items if not item["target"]), key=key, reverse=goes_down)


FILTERS: list[tuple[str, Keep]] = [
    ("", lambda _: True),
    ("&state=open", lambda item: item["state"] == "open"),
    ("&state=doing&state=dropped&state=doing", lambda item: item["state"] in ("doing", "dropped")),
    ("&targeted=true", lambda item: bool(item["target"])),
    ("&targeted=false", lambda item: not item["target"]),
    ("&targetBefore=2031-12-31", is_before("2031-12-31")),
    ("&targetBefore=203X", is_before("203X")),
    ("&targetAfter=2030-24~", is_after("2030-24")),
    ("&targetBefore=9999-12&targetAfter=0001", lambda item: is_before("9999-12")(item) and is_after("0001")(item)),
    ("&targeted=false&targetBefore=2040", lambda _: False),
    (
        "&targeted=true&targetAfter=2031-06&state=done&state=open",
        lambda item: is_after("2031-06")(item) and item["state"] in ("done", "open"),
    ),
    (
        "&q=2&state=done&targeted=true",
        lambda item: (
            "2" in item["name"] + "\n" + item["description"] and item["state"] == "done" and bool(item["target"])
        ),
    ),
]


@pytest.mark.parametrize("sort", ["target", "-target", "name", "-position"])
def test_filters_combine_with_each_other_and_with_every_sorting(wishes: Things, sort: str) -> None:
    everything = wishes.rows(f"{wishes.list_path}?limit=100&sort={sort}")

    for query, is_wanted in FILTERS:
        pages = wishes.pages(f"{wishes.list_path}?limit=3&sort={sort}{query}")
        back = wishes.pages(pages[-1]["previous"], "previous") if len(pages) > 1 else []

        expected = [item for item in everything if is_wanted(item)]
        assert [item for page in pages for item in page["items"]] == expected, query
        assert [page["items"] for page in reversed(back)] == [page["items"] for page in pages[:-1]], query
        assert {page["count"] for page in pages} == {len(expected)}, query


@pytest.mark.parametrize("sort", ["target", "-target"])
def test_what_has_no_target_comes_last_both_ways(wishes: Things, sort: str) -> None:
    everything = wishes.rows(f"{wishes.list_path}?limit=100")

    found = wishes.rows(f"{wishes.list_path}?limit=4&sort={sort}")

    assert found == sorted_by_target(everything, goes_down=sort.startswith("-"))
    assert [item["target"] for item in found][-4:] == [None] * 4


def test_a_target_that_is_changed_is_found_in_its_new_place(ada: Person) -> None:
    things = items_of(ada)
    first, second = things.make("First", target="2031"), things.make("Second", target="2032")

    for target, order in (("2033", ["Second", "First"]), (None, ["Second", "First"]), ("2031-12", ["First", "Second"])):
        ada.patch(things.path(first), {"target": target})
        assert things.names(sort="target") == order
    ada.put(things.path(second), {"name": "Second"})
    assert things.names(targeted="true") == ["First"]


@pytest.mark.threat(row=29)
@pytest.mark.parametrize(
    ("query", "code"),
    [
        *((f"state={state}", "literal_error") for state in ("Open", "", "open,done", "%00", "lost")),
        *(
            (f"{name}={day}", "fuzzy_date")
            for name, day in product(
                ("targetBefore", "targetAfter"), ("", "2031-02-29", "soon", "%00", "2031%0A", "203x")
            )
        ),
        *((f"targeted={word}", "bool_parsing") for word in ("", "1", "yes", "True", "on", "null")),
        *((f"{part}&{part}", "repeated") for part in ("targeted=true", "targetBefore=2031", "sort=target")),
        *((f"{name}=2031", "extra_forbidden") for name in ("target", "target_before", "targetbefore", "state[]")),
    ],
)
def test_a_filter_that_is_none_is_refused_by_its_name(ada: Person, query: str, code: str) -> None:
    response = ada.get(f"/v1/items?{query}")

    assert errors_of(response) == [(query.partition("=")[0], code)]


@pytest.mark.threat(row=30)
def test_a_cursor_fits_its_filters_only(ada: Person) -> None:
    things = items_of(ada)
    for number in range(3):
        things.make(f"Wish {number}", target="2031")
    following = json_of(things.ask(limit=1, state="open", sort="target"))["next"]
    cursor = following.partition("cursor=")[2]

    assert json_of(ada.get(following))["count"] == 3
    for query in ("sort=target", "state=doing&sort=target", "state=open&sort=target&targeted=true", "state=open"):
        assert errors_of(ada.get(f"{things.list_path}?{query}&cursor={cursor}")) == [("cursor", "cursor")]
