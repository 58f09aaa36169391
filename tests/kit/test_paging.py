"""Pagination: pages and their cursors, and nothing shown twice or skipped over a real table."""

import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from bucketlist.kit.db.database import Database, Statement
from bucketlist.kit.db.driver import Row
from bucketlist.kit.errors import Invalid
from bucketlist.kit.ids import UUID7_PATTERN
from bucketlist.kit.paging import Direction, Order, Page, PageQuery, Pager, Place, counted, page_values, paged
from bucketlist.kit.text import fold
from tests.kit.conftest import add, things

KEY = b"a key for cursors"
PAGER = Pager(KEY, ("buckets", "ada", None, "position"))
VALUES = st.one_of(st.integers(-(2**63), 2**63 - 1), st.text(st.characters(exclude_categories=["Cs"]), max_size=500))


def row(row_id: str, value: str | int, count: int = 99) -> Row:
    return [row_id, "a column", count, value]


def cursor_of(page: Page) -> str:
    assert page.next_cursor is not None
    return page.next_cursor


def is_refused(pager: Pager, cursor: str) -> bool:
    try:
        pager.read(cursor)
    except Invalid as refusal:
        return [error.get("parameter") for error in refusal.errors] == ["cursor"]
    return False


@given(value=VALUES, row_id=st.from_regex(UUID7_PATTERN))
def test_a_cursor_leads_back_to_its_place(value: str | int, row_id: str) -> None:
    page = PAGER.page([row(row_id, value)] * 2, 1, "after")

    assert PAGER.read(page.next_cursor) == ("after", Place(value, row_id))
    assert PAGER.read(page.previous_cursor) == ("before", Place(value, row_id))


@pytest.mark.parametrize("character", ["\ufdfa", "\U0001f98a", "\u0390", "x"])
def test_a_cursor_holds_the_longest_name_there_can_be(character: str) -> None:
    name = fold(character * 500)

    page = PAGER.page([row("a", name)] * 2, 1, "first")

    assert PAGER.read(page.next_cursor) == ("after", Place(name, "a"))


@pytest.mark.parametrize(
    "other",
    [
        Pager(KEY, ("buckets", "ben", None, "position")),
        Pager(KEY, ("items", "ada", None, "position")),
        Pager(KEY, ("buckets", "ada", "q", "position")),
        Pager(KEY, ("buckets", "ada", None, "-position")),
        Pager(KEY, ("buckets", "ada", None, "position", None)),
        Pager(KEY + b"!", PAGER.scope),
    ],
)
def test_a_cursor_fits_no_other_list(other: Pager) -> None:
    assert is_refused(other, cursor_of(PAGER.page([row("a", 1)] * 2, 1, "first")))


def test_a_cursor_with_any_bit_flipped_is_refused() -> None:
    cursor = cursor_of(PAGER.page([row("a", 1)] * 2, 1, "first"))

    flipped = [
        cursor[:n] + chr(ord(cursor[n]) ^ 1 << bit) + cursor[n + 1 :] for n in range(len(cursor)) for bit in range(7)
    ]

    assert len(flipped) >= 200
    assert all(is_refused(PAGER, one) for one in flipped)


@pytest.mark.parametrize("cursor", ["", "x", "=", "\u00e9", "A" * 22, "A" * 100_000, "%00", "a b", "null"])
def test_what_was_never_a_cursor_is_refused(cursor: str) -> None:
    assert is_refused(PAGER, cursor)


@pytest.mark.parametrize("change", ["{}=", "{}\n", " {}", "{}A", "{}."])
def test_a_cursor_is_spelt_in_one_way(change: str) -> None:
    cursor = cursor_of(PAGER.page([row("a", 1)] * 2, 1, "first"))

    assert is_refused(PAGER, change.format(cursor))


@pytest.mark.parametrize(
    ("direction", "rows", "ids", "has_previous", "has_next"),
    [
        ("first", "abc", "ab", False, True),
        ("first", "ab", "ab", False, False),
        ("first", "a", "a", False, False),
        ("after", "abc", "ab", True, True),
        ("after", "ab", "ab", True, False),
        ("before", "abc", "bc", True, True),
        ("before", "ab", "ab", False, True),
        ("last", "abc", "bc", True, False),
        ("last", "ab", "ab", False, False),
    ],
)
def test_a_page_knows_whether_there_are_others(
    direction: Direction, rows: str, ids: str, *, has_previous: bool, has_next: bool
) -> None:
    page = PAGER.page([row(row_id, 1) for row_id in rows], 2, direction)

    assert "".join(one[0] for one in page.rows) == ids
    assert (page.previous_cursor is not None, page.next_cursor is not None) == (has_previous, has_next)
    assert page.count == 99


@pytest.mark.parametrize(("direction", "ids"), [("first", "ab"), ("after", "ab"), ("before", "de"), ("last", "de")])
def test_a_page_that_is_cut_short_keeps_what_is_nearest_to_where_it_began(direction: Direction, ids: str) -> None:
    page = PAGER.page([row(row_id, 1) for row_id in "abcde"], 4, direction).shorten(2)

    assert "".join(one[0] for one in page.rows) == ids
    assert (page.previous_cursor is not None) == (direction != "first")
    assert (page.next_cursor is not None) == (direction != "last")


@pytest.mark.parametrize(
    ("direction", "count", "goes_on", "goes_back"),
    [
        ("after", 7, None, "last"),
        ("before", 7, "first", None),
        ("after", 0, None, None),
        ("before", 0, None, None),
        ("first", 0, None, None),
        ("last", 0, None, None),
    ],
)
def test_an_empty_page_knows_how_many_there_are_and_leads_back_to_them(
    direction: Direction, count: int, goes_on: str | None, goes_back: str | None
) -> None:
    page = PAGER.page([[None, None, count, None]], 20, direction)

    assert (page.rows, page.count) == ([], count)
    assert [page.next_cursor and PAGER.read(page.next_cursor)] == [goes_on and (goes_on, None)]
    assert [page.previous_cursor and PAGER.read(page.previous_cursor)] == [goes_back and (goes_back, None)]


def empty_page(_: int) -> Page:
    return Page([], 0, None, None, goes_back=False, shorten=empty_page)


def test_a_link_holds_what_was_asked_for() -> None:
    query = PageQuery.model_validate({"limit": "5"})

    links = Page([], 0, "next one", None, goes_back=False, shorten=empty_page).links("/v1/buckets", query)

    assert links == {"next": "/v1/buckets?limit=5&cursor=next+one", "previous": None}


THINGS = Pager(b"key", ("things",))
Walk = Callable[[str | None], Page]


@pytest.fixture
def rows(database: Database) -> list[tuple[int, int]]:
    """23 things, many of the same number, in their order."""
    made = [(thing_id, random.Random(thing_id).randrange(5)) for thing_id in range(23)]  # no secret
    for thing_id, number in made:
        add(database, thing_id, number=number)
    return sorted(made, key=lambda row: (row[1], row[0]))


def reader(database: Database, sort: str, limit: int) -> Walk:
    """Reads the page that a cursor leads to."""
    order = Order.parse(sort)
    every = select(things.c.id, things.c.number)

    def read(cursor: str | None) -> Page:
        direction, place = THINGS.read(cursor)
        base = select(things.c.id, counted(every).label("count"), things.c.number)
        statement = Statement(paged(base, things.c.number, things.c.id, order, direction))
        found: list[Row] = database.execute(statement, page_values(limit, place))
        shown = found if direction in ("first", "after") else found[::-1]
        return THINGS.page(shown, limit, direction)

    return read


@pytest.mark.parametrize("sort", ["number", "-number"])
@pytest.mark.parametrize("limit", [1, 2, 7, 22, 23, 24])
def test_all_pages_together_are_the_list(
    database: Database, rows: list[tuple[int, int]], sort: str, limit: int
) -> None:
    read = reader(database, sort, limit)
    expected = [thing_id for thing_id, _ in (rows if sort == "number" else rows[::-1])]

    pages = [read(None)]
    while pages[-1].next_cursor:
        pages.append(read(pages[-1].next_cursor))

    assert [row[0] for page in pages for row in page.rows] == expected
    assert {page.count for page in pages} == {23}
    assert len(pages) == -(-23 // limit)

    back = [pages[-1]]
    while back[-1].previous_cursor:
        back.append(read(back[-1].previous_cursor))
    assert [row[0] for page in reversed(back) for row in page.rows] == expected
