"""SQL queries of lists of items: filters that combine, sorted, by keyset.

All filters but the one by tags are one clause with parameters, which say nothing where a filter is not asked for: so
there are few statements for each way to sort, whatever filters people combine. A list without them goes without that
clause.
What is filtered is one person's rows only, so that it takes as long in a large database as in a small one.
"""

from functools import cache
from typing import NamedTuple

from sqlalchemy import ColumnElement, bindparam, func, literal_column, not_, or_, select

from bucketlist.auth import access, statements
from bucketlist.auth.access import ACTIVE_SESSION
from bucketlist.auth.actor import Actor
from bucketlist.auth.statements import Scan
from bucketlist.items.queries import COLUMNS, IS_BUCKET, IS_IN_BUCKET, columns
from bucketlist.kit import paging
from bucketlist.kit.db.database import Statement, execute
from bucketlist.kit.db.driver import Row, Value
from bucketlist.kit.db.json_lists import listed
from bucketlist.kit.fuzzy_dates import NO_RANK
from bucketlist.kit.paging import Direction, Order, Place
from bucketlist.kit.text import fold
from bucketlist.models import STATES, buckets, items
from bucketlist.tags.queries import WITH_ALL


class Filters(NamedTuple):
    """Filters of a list of items. Of targets, those whose rank lies between two, and whose first day is after one.

    `archived`: only those of archived buckets, or only those of others.
    """

    words: str | None = None  # in name or description
    states: tuple[str, ...] = STATES
    least_rank: int = 0
    most_rank: int = NO_RANK
    first_after: int = -1
    tags: tuple[str, ...] = ()  # folded; all of them
    archived: bool | None = None

    @property
    def are_there(self) -> bool:
        """Is there a filter beside the words, and what is archived?"""
        return self[1:-1] != _NO_FILTERS

    @property
    def scan(self) -> Scan | None:
        if self.words is not None:
            return "search"
        return "filter" if self.are_there else None

    def values(self) -> dict[str, Value]:
        """Of the parameters of `_IS_WANTED`; there are as many for states as there are states."""
        states = [*self.states, *[self.states[0]] * (len(STATES) - len(self.states))]
        return {
            **{f"state_{number}": state for number, state in enumerate(states)},
            "words": self.words and fold(self.words),
            "least_rank": self.least_rank,
            "most_rank": self.most_rank,
            "first_after": self.first_after,
            "tags": listed(self.tags),
            "tag_count": len(self.tags),
        }


_NO_FILTERS = Filters()[1:-1]


def _number(name: str) -> ColumnElement[int]:
    return bindparam(name, type_=items.c.target_rank.type)


_RANK = statements.sort_key(items, Order("target", is_descending=False))
_FIRST = func.coalesce(items.c.target_first, literal_column("0"))
_IS_WANTED = (
    items.c.state.in_([bindparam(f"state_{number}", type_=items.c.state.type) for number in range(len(STATES))]),
    _RANK.between(_number("least_rank"), _number("most_rank")),
    _number("first_after") < _FIRST,
)

_ARCHIVED = select(buckets.c.id).where(access.undeleted(buckets), buckets.c.archived == literal_column("1"))
_IS_ARCHIVED = items.c.bucket_id.in_(_ARCHIVED)
_IS_NOT_ARCHIVED = or_(not_(_ARCHIVED.exists()), not_(_IS_ARCHIVED))  # nobody has any, mostly: the first is asked once


@cache
def item_list(
    order: Order,
    direction: Direction,
    *,
    scan: Scan | None,
    is_filtered: bool,
    is_tagged: bool,
    archived: bool | None,
    is_of_bucket: bool,
) -> Statement:
    """A page of items, each with the bucket, the count of all and what it is sorted by; without items, one row."""
    conditions = [*([IS_IN_BUCKET] if is_of_bucket else []), *_wanted(is_filtered, is_tagged, archived)]
    parent = buckets.c.id if is_of_bucket else ACTIVE_SESSION.c.user_id
    within = ACTIVE_SESSION.outerjoin(buckets, IS_BUCKET) if is_of_bucket else ACTIVE_SESSION
    found = statements.listed(
        items,
        select(*COLUMNS),
        lambda row: [*columns(row), parent],
        order,
        direction,
        *conditions,
        scan=scan,
        within=within,
    )
    if scan:
        return Statement(found, is_slow=True)
    is_indexed = is_of_bucket and order.field == "position"
    joined = statements.listed_as_join(items, [*COLUMNS, parent], order, direction, *conditions, within=within)
    return Statement(found, is_slow=not is_indexed, on_sqlite=joined)


def _wanted(is_filtered: bool, is_tagged: bool, archived: bool | None) -> list[ColumnElement[bool]]:
    conditions = [*_IS_WANTED] if is_filtered else []
    if is_tagged:
        conditions.append(items.c.id.in_(WITH_ALL))
    if archived is not None:
        conditions.append(_IS_ARCHIVED if archived else _IS_NOT_ARCHIVED)
    return conditions


def list_items(
    actor: Actor,
    bucket_id: str | None,
    filters: Filters,
    order: Order,
    direction: Direction,
    place: Place | None,
    limit: int,
) -> list[Row] | None:
    """Up to `limit + 1` rows of `item_list`, of which the first may have no item; None without that bucket.

    Raises: `Unauthorized` when the actor's token is worthless.
    """
    statement = item_list(
        order,
        direction,
        scan=filters.scan,
        is_filtered=filters.are_there,
        is_tagged=bool(filters.tags),
        archived=filters.archived,
        is_of_bucket=bucket_id is not None,
    )
    asked = filters.values() if filters.scan else {}
    values = access.values(actor, bucket_id=bucket_id, **asked, **paging.page_values(limit, place))
    rows = access.require_active(execute(statement, values))
    return rows if rows[0][-3] is not None else None
