"""Sorting of lists, by what is asked for, the same way on every database; ties are broken by id."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
import time_machine

from bucketlist.kit.text import fold
from tests.resources import Things
from tests.responses import errors_of, json_of

Row = dict[str, Any]

SORTS = ["position", "name", "createdAt", "modifiedAt"]
NAMES = [
    "b",
    "B",
    "a",
    "Ä",
    "á",
    "Ångström",
    "zebra",
    "Zebra",
    "z",
    "ß",
    "SS",
    "st",
    "Ω",
    "ω",
    "ｂ",
    "10",
    "9",
    "①",
    "字",
    "😀",
]


def make_many(things: Things) -> list[Row]:
    """Things with all sorts of names; each moment has several of them, and time goes back and forth."""
    begin, rows = datetime.now(UTC), []
    for number, name in enumerate(NAMES):
        with time_machine.travel(begin + timedelta(seconds=number * 7 % 4), tick=False):
            thing = things.make(name)
        with time_machine.travel(begin + timedelta(seconds=number * 5 % 3), tick=False):
            rows.append(json_of(things.owner.patch(things.path(thing), {"description": f"{number % 2 or ''}"})))
    return rows


def key_of(sort: str) -> Callable[[Row], tuple[str | int, str]]:
    field = sort.removeprefix("-")
    return lambda row: (fold(row["name"]) if field == "name" else row[field], row["id"])


@pytest.mark.parametrize("sort", [f"{sign}{field}" for field in SORTS for sign in ("", "-")])
def test_ada_sees_all_rows_in_the_order_that_she_asks_for(listed: Things, sort: str) -> None:
    rows = make_many(listed)

    found = listed.rows(f"{listed.list_path}?sort={sort}&limit=7")

    assert found == sorted(rows, key=key_of(sort), reverse=sort.startswith("-"))


def test_ada_sees_what_is_new_last_unless_she_says_else(listed: Things) -> None:
    make_many(listed)

    assert listed.names(limit=100) == NAMES
    assert listed.names(limit=100, sort="-position") == NAMES[::-1]


def test_ada_does_not_see_upper_case_before_lower_case(listed: Things) -> None:
    for name in ("beach", "Alps", "Cairo", "alp", "BEACHES"):
        listed.make(name)

    assert listed.names(sort="name") == ["alp", "Alps", "beach", "BEACHES", "Cairo"]


@pytest.mark.parametrize(
    "sort", ["id", "description", "Name", "name,position", "+name", "--name", "name desc", "", "1"]
)
def test_ada_cannot_sort_by_what_is_not_offered(listed: Things, sort: str) -> None:
    response = listed.ask(sort=sort)

    assert errors_of(response) == [("sort", "literal_error")]


@pytest.mark.parametrize("letter", ["😀", "a", '"', "\\", "ﷺ"])
def test_ada_walks_through_the_longest_names(listed: Things, letter: str) -> None:
    made = {listed.make(f"{letter * (listed.longest_name - 1)}{number}")["id"] for number in range(7)}

    words = letter * min(190, listed.longest_name // len(fold(letter)))
    for parameters in ("sort=name", "sort=-name", f"sort=name&q={quote(words)}"):
        rows = listed.rows(f"{listed.list_path}?{parameters}&limit=2")

        assert len(rows) == 7
        assert {row["id"] for row in rows} == made
