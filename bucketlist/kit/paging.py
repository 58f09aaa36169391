"""Pagination: keyset pages, by cursors, whose cost does not grow with their depth. There is no other paginator.

A cursor says where a page begins: after, or before, a row's place in the order, or at an end of it. It is bound by a
MAC to its list (whose it is, the filters, the sorting), so that nobody can make one up or take it elsewhere.

Source: https://use-the-index-luke.com/no-offset; RFC 8288 for the header `Link`.
"""

import hmac
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Annotated, Any, Literal, NamedTuple
from urllib.parse import urlencode

from pydantic import BeforeValidator, Field
from pydantic_core import to_json
from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    asc,
    bindparam,
    desc,
    func,
    literal_column,
    or_,
    select,
    tuple_,
)

from bucketlist.kit import base64url
from bucketlist.kit.db.driver import Row
from bucketlist.kit.db.searching import contains
from bucketlist.kit.errors import Invalid
from bucketlist.kit.schemas import Query, refuse_other_than_digits

MAX_COUNT = 10_000
MOST_ON_PAGE = 100
MAC_BYTES = 16
MAX_CURSOR_LENGTH = 32 * 1024  # the longest name, folded: a letter can become 33 bytes

Direction = Literal["first", "after", "before", "last"]
BACKWARDS = ("before", "last")


class LimitQuery(Query):
    """How much is asked for at once."""

    limit: Annotated[int, BeforeValidator(refuse_other_than_digits)] = Field(
        20, ge=1, le=MOST_ON_PAGE, description="How many there are on a page."
    )


class PageQuery(LimitQuery):
    """How a list is paged. What a list adds is how it is filtered and sorted."""

    cursor: str | None = Field(None, description="Where the page begins: take it from `next` or `previous`.")


class Place(NamedTuple):
    """The sort key of a row in its list: the value that is sorted by, and the id that breaks ties."""

    value: str | int
    id: str


@dataclass(frozen=True, slots=True)
class Order:
    """The sorting of a list, and which way; ties are broken by `id` the same way."""

    field: str
    is_descending: bool

    @classmethod
    def parse(cls, sort: str) -> "Order":
        return cls(sort.removeprefix("-"), sort.startswith("-"))


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of a list, how many there are in all (at most `MAX_COUNT` are counted), and the pages beside it."""

    rows: Sequence[Row]
    count: int
    next_cursor: str | None
    previous_cursor: str | None
    goes_back: bool
    shorten: Callable[[int], "Page"]  # the page of so many of these rows, as one asks for it

    def fitting(self, sizes: Sequence[int], most: int) -> "Page":
        """The page of those rows whose `sizes` are `most` together, from where it begins; one at least."""
        taken = list(accumulate(reversed(sizes) if self.goes_back else sizes))
        return self.shorten(max(1, sum(size <= most for size in taken)))

    def links(self, path: str, query: PageQuery) -> dict[str, str | None]:
        """`next` and `previous` as references to this service, with every parameter of `query`."""
        return {
            "next": _link(path, query, self.next_cursor),
            "previous": _link(path, query, self.previous_cursor),
        }


@dataclass(frozen=True, slots=True)
class Pager:
    """Reads and makes the cursors of one list (pagination); `scope` is all that must be alike for a cursor to fit."""

    key: bytes
    scope: tuple[Any, ...]

    def read(self, cursor: str | None) -> tuple[Direction, Place | None]:
        """Raises: `Invalid` for a cursor that was not made for this list."""
        if cursor is None:
            return "first", None
        direction, value, row_id = self.unseal(cursor)
        return direction, None if row_id is None else Place(value, row_id)

    def seal(self, parts: Sequence[Any]) -> str:
        """A cursor that holds `parts`, which `unseal` gives back."""
        payload = to_json(parts)
        return base64url.encode(payload + self._mac(payload))

    def unseal(self, cursor: str, parameter: str = "cursor") -> list[Any]:
        """Raises: `Invalid`, for this parameter, for a cursor that was not made for this list."""
        try:
            parts: list[Any] = json.loads(self._open(cursor))
        except ValueError:
            raise strange_cursor(parameter) from None
        return parts

    def _open(self, cursor: str) -> bytes:
        """What `seal` put in. Raises: `ValueError` when it was not `seal`."""
        data = base64url.decode(cursor) if len(cursor) <= MAX_CURSOR_LENGTH else b""
        payload, mac = data[:-MAC_BYTES], data[-MAC_BYTES:]
        if not hmac.compare_digest(mac, self._mac(payload)):
            raise ValueError
        return payload

    def page(self, rows: Sequence[Row], limit: int, direction: Direction) -> Page:
        """The page made of up to `limit + 1` rows in their order; the one too many only tells that there are more.

        A row's first column is its id, the last two are the count of all and the value that the list is sorted by.
        An empty list is one row without an id.
        """
        count, found = rows[0][-2], rows
        if rows[0][0] is None:
            return self._empty_page(count, direction)
        has_more = len(rows) > limit
        goes_back = direction in BACKWARDS
        if has_more:
            rows = rows[1:] if goes_back else rows[:limit]
        has_next = direction == "before" if goes_back else has_more
        has_previous = has_more if goes_back else direction == "after"
        return Page(
            rows,
            count,
            self._make("after", rows[-1]) if has_next else None,
            self._make("before", rows[0]) if has_previous else None,
            goes_back,
            lambda most: self.page(found[-most - 1 :] if goes_back else found[: most + 1], most, direction),
        )

    def _empty_page(self, count: int, direction: Direction) -> Page:
        """All that was there has gone meanwhile; from here the list is met again at its end, or at its beginning."""
        return Page(
            [],
            count,
            self._make("first") if count and direction == "before" else None,
            self._make("last") if count and direction == "after" else None,
            direction in BACKWARDS,
            lambda _: self._empty_page(count, direction),
        )

    def _make(self, direction: Direction, row: Row | None = None) -> str:
        return self.seal([direction, row[-1], row[0]] if row else [direction, None, None])

    def _mac(self, payload: bytes) -> bytes:
        return hmac.digest(self.key, to_json(self.scope) + b"\0" + payload, "sha256")[:MAC_BYTES]


def strange_cursor(parameter: str) -> Invalid:
    refused = "This cursor does not belong to this list."
    return Invalid(errors=[{"parameter": parameter, "code": "cursor", "detail": refused}])


def paged(
    rows: Select[Any], sort_by: ColumnElement[Any], row_id: ColumnElement[str], order: Order, direction: Direction
) -> Select[Any]:
    """Keyset pagination: `rows` cut to a page and one more, by the parameters `limit`, `place_value` and `place_id`."""
    goes_down = order.is_descending != (direction in BACKWARDS)
    rows = rows.where(*from_place(sort_by, row_id, goes_down, direction))
    return rows.order_by(*in_order(goes_down, sort_by, row_id)).limit(bindparam("limit"))


def from_place(
    sort_by: ColumnElement[Any], row_id: ColumnElement[str], goes_down: bool, direction: Direction
) -> list[ColumnElement[bool]]:
    """That a row comes behind the place that a cursor tells of; nothing where a page begins at an end of the list."""
    if direction not in ("after", "before"):
        return []
    here = tuple_(sort_by, row_id)
    place = tuple_(bindparam("place_value", type_=sort_by.type), bindparam("place_id", type_=row_id.type))
    return [here < place if goes_down else here > place]


def page_and_count(
    rows: Select[Any], sort_by: ColumnElement[Any], row_id: ColumnElement[str], order: Order, direction: Direction
) -> tuple[FromClause, ColumnElement[int]]:
    """A page of `rows`, and how many there are in all."""
    return paged(rows, sort_by, row_id, order, direction).subquery("page"), counted(rows)


def page_and_count_of_scan(
    rows: Select[Any], sort_by: ColumnElement[Any], row_id: ColumnElement[str], order: Order, direction: Direction
) -> tuple[FromClause, ColumnElement[int]]:
    """As `page_and_count`, from one scan, by a common table expression; of the rows, only `id` and `sort_value`.

    Both databases materialise what is read twice; texts stay out of it, as they are long.

    Source: PostgreSQL, section 7.8.3 “Common Table Expression Materialization”; https://www.sqlite.org/lang_with.html.
    """
    found = rows.with_only_columns(row_id.label("id"), sort_by.label("sort_value")).cte("found")
    page = paged(select(found), found.c.sort_value, found.c.id, order, direction)
    return known_to_be_short(page), counted(select(found))


def known_to_be_short(page: Select[Any]) -> FromClause:
    """A subquery of a page to which something is joined. It has a LIMIT that a query planner knows.

    One that is a parameter is taken for a tenth of all rows, and PostgreSQL joins 26 of them by a scan of the table.
    """
    return select(page.subquery("cut")).limit(literal_column(str(MOST_ON_PAGE + 1))).subquery("page")


def in_order(goes_down: bool, *columns: ColumnElement[Any]) -> list[ColumnElement[Any]]:
    return [desc(column) if goes_down else asc(column) for column in columns]


def counted(rows: Select[Any]) -> ColumnElement[int]:
    """A total count with a limit: how many `rows` there are, as one column; it stops at `MAX_COUNT`."""
    one: ColumnElement[int] = literal_column("1").label("one")  # without the columns an index is enough
    bare = rows.with_only_columns(one, maintain_column_froms=True)
    return select(func.count()).select_from(bare.limit(MAX_COUNT).subquery("counted")).scalar_subquery()


def matching(source: FromClause) -> ColumnElement[bool]:
    """The rows of which a text that has a folded copy holds what the parameter `words` says, folded as they are."""
    texts = [column for column in source.c if column.name.endswith("_folded")]
    words = bindparam("words", type_=texts[0].type)
    return or_(*(contains(text, words) for text in texts))


def page_values(limit: int, place: Place | None) -> dict[str, str | int]:
    """The values of the parameters that `paged` adds."""
    values: dict[str, str | int] = {"limit": limit + 1}
    return values if place is None else {**values, "place_value": place.value, "place_id": place.id}


def _link(path: str, query: PageQuery, cursor: str | None) -> str | None:
    if cursor is None:
        return None
    parameters = {**query.model_dump(by_alias=True, exclude_unset=True), "cursor": cursor}
    return f"{path}?{urlencode(parameters, doseq=True)}"
