"""SQL queries of lists of entries, those of an item and those of all: by date, the newest first, by keyset.

As in lists of items, all filters but the one by a person are one clause with parameters, which say nothing where a
filter is not asked for.

A hundred stories can be 40 MB, of which an answer has room for one. So a page is read without them, and from where it
begins so many are added as there is room for, by a running total of their lengths; there the page ends.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, FromClause, bindparam, case, func, literal_column, select

from bucketlist.auth import access, statements
from bucketlist.auth.access import ACTIVE_SESSION
from bucketlist.auth.actor import Actor
from bucketlist.auth.statements import Scan
from bucketlist.entries.queries import IS_ITEM, ITEM_ID, EntryRow, columns
from bucketlist.kit import paging
from bucketlist.kit.db.database import Statement, execute
from bucketlist.kit.db.driver import Row, Value
from bucketlist.kit.db.searching import contains, octets
from bucketlist.kit.fuzzy_dates import NO_RANK
from bucketlist.kit.paging import BACKWARDS, Direction, Order, Place
from bucketlist.kit.text import fold, fold_lines
from bucketlist.models import entries, items

NEWEST_FIRST = Order("date", is_descending=True)
MOST_STORY_BYTES = 1024 * 1024  # on a page, before the last one that is read
IS_READ = -3  # the place in a row of what says whether its story was read


class Filters(NamedTuple):
    """Filters of all entries. Of dates, those whose rank lies between two, and whose first day is after one."""

    words: str | None = None  # in title, story, place or people
    person: str | None = None
    completes: bool | None = None
    least_rank: int = 0
    most_rank: int = NO_RANK
    first_after: int = -1

    @property
    def are_there(self) -> bool:
        """Is there a filter beside the words and the person?"""
        return self[2:] != _NO_FILTERS

    @property
    def scan(self) -> Scan | None:
        if self.words is not None:
            return "search"
        return "filter" if self.are_there or self.person is not None else None

    def values(self) -> dict[str, Value]:
        """Of the parameters of `_IS_WANTED`, and of what is searched."""
        return {
            "words": self.words and fold(self.words),
            "person": self.person and fold_lines([self.person]),
            "least_completes": int(self.completes or False),
            "most_completes": int(self.completes is not False),
            "least_rank": self.least_rank,
            "most_rank": self.most_rank,
            "first_after": self.first_after,
        }


_NO_FILTERS = Filters()[2:]
_WITHOUT_STORY = {*EntryRow._fields, "date_rank"} - {"story"}
_ROWS = select(
    *(column for column in entries.c if column.name in _WITHOUT_STORY), octets(entries.c.story).label("story_bytes")
)


def _number(name: str) -> ColumnElement[int]:
    return bindparam(name, type_=entries.c.date_rank.type)


_IS_WANTED = (
    entries.c.completes.between(_number("least_completes"), _number("most_completes")),
    entries.c.date_rank.between(_number("least_rank"), _number("most_rank")),
    _number("first_after") < func.coalesce(entries.c.date_first, literal_column("0")),
)
_IS_OF_PERSON = contains(entries.c.people_folded, bindparam("person", type_=entries.c.people_folded.type))


def _with_story(row: FromClause, direction: Direction) -> tuple[list[ColumnElement[Any]], ColumnElement[int]]:
    """The columns of `EntryRow`, and 1 if the story is one of those that are read."""
    size = func.coalesce(octets(row.c.story) if row is entries else row.c.story_bytes, literal_column("0"))
    in_order = paging.in_order(direction not in BACKWARDS, row.c.date_rank, row.c.id)
    is_read = func.sum(size).over(order_by=in_order) - size <= literal_column(str(MOST_STORY_BYTES))
    told = entries.alias("told")
    story = select(told.c.story).where(access.owned(told), told.c.id == row.c.id).scalar_subquery()
    return columns(row, story=case((is_read, story))), case((is_read, literal_column("1")), else_=literal_column("0"))


@cache
def item_entry_list(direction: Direction) -> Statement:
    """A page of the entries of an item, each with the item, the count of all and its rank; without any, one row."""

    def with_item(row: FromClause) -> list[ColumnElement[Any]]:
        found, is_read = _with_story(row, direction)
        return [*found, items.c.id, is_read]

    within = ACTIVE_SESSION.outerjoin(items, IS_ITEM)
    return Statement(
        statements.listed(
            entries,
            _ROWS,
            with_item,
            NEWEST_FIRST,
            direction,
            entries.c.item_id == ITEM_ID,
            within=within,
        )
    )


@cache
def journal(direction: Direction, *, scan: Scan | None, is_filtered: bool, is_of_person: bool) -> Statement:
    """A page of all entries, each with the name of its item, the count of all and its rank; without any, one row."""
    conditions = [*(_IS_WANTED if is_filtered else []), *([_IS_OF_PERSON] if is_of_person else [])]

    def named(row: FromClause) -> list[ColumnElement[Any]]:
        name = select(items.c.name).where(access.owned(items), items.c.id == row.c.item_id)
        found, is_read = _with_story(row, direction)
        return [*found[:-1], name.scalar_subquery(), is_read]

    found = statements.listed(entries, _ROWS, named, NEWEST_FIRST, direction, *conditions, scan=scan)
    return Statement(found, is_slow=scan is not None)


def _end_of_journal(best: Callable[[ColumnElement[int]], ColumnElement[int]]) -> ColumnElement[int]:
    is_dated = entries.c.date_rank > literal_column("0")
    return select(best(entries.c.date_rank)).where(access.visible(entries), is_dated).scalar_subquery()


ENDS = Statement(select(_end_of_journal(func.min), _end_of_journal(func.max)).select_from(ACTIVE_SESSION))


def find_ends(actor: Actor) -> tuple[int, int] | None:
    """The ranks of the first and the last date of all entries; None when none has one. Raises: `Unauthorized`."""
    first, last = access.require_active(execute(ENDS, access.values(actor)))[0]
    return (first, last) if first else None


def list_item_entries(
    actor: Actor, item_id: str, direction: Direction, place: Place | None, limit: int
) -> list[Row] | None:
    """Up to `limit + 1` rows of `item_entry_list`, of which the first may have no entry; None without that item.

    Raises: `Unauthorized` when the actor's token is worthless.
    """
    values = access.values(actor, item_id=item_id, **paging.page_values(limit, place))
    rows = access.require_active(execute(item_entry_list(direction), values))
    return rows if rows[0][-4] is not None else None


def list_journal(actor: Actor, filters: Filters, direction: Direction, place: Place | None, limit: int) -> list[Row]:
    """Up to `limit + 1` rows of `journal`, of which the first may have no entry. Raises: `Unauthorized`."""
    statement = journal(
        direction,
        scan=filters.scan,
        is_filtered=filters.are_there,
        is_of_person=filters.person is not None,
    )
    asked = filters.values() if filters.scan else {}
    return access.require_active(execute(statement, access.values(actor, **asked, **paging.page_values(limit, place))))
