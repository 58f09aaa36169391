"""Keyset pages over a real table: nothing is shown twice or skipped, whichever way one goes."""

import random
from collections.abc import Callable

import pytest
from sqlalchemy import select

from bucketlist.kit.db.database import Database, Statement
from bucketlist.kit.db.driver import Row
from bucketlist.kit.paging import Order, Page, Pager, counted, page_values, paged
from tests.kit.conftest import add, things

PAGER = Pager(b"key", ("things",))
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
        direction, place = PAGER.read(cursor)
        base = select(things.c.id, counted(every).label("count"), things.c.number)
        statement = Statement(paged(base, things.c.number, things.c.id, order, direction))
        found: list[Row] = database.execute(statement, page_values(limit, place))
        shown = found if direction in ("first", "after") else found[::-1]
        return PAGER.page(shown, limit, direction)

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
