"""SQL queries of tags: which items have them, how they are spelt, and how often they are there.

`item_tags` is where a tag is found; items keep theirs as well, in `items.tags`, as `encoding.py` has it. Both are
written in one transaction, by whoever holds the account’s lock.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, bindparam, case, delete, func, literal, select, true, update
from sqlalchemy.dialects.postgresql import insert  # its ON CONFLICT is SQLite's as well

from bucketlist.auth import access
from bucketlist.auth.access import ACTIVE_SESSION
from bucketlist.auth.actor import Actor
from bucketlist.auth.statements import change_all
from bucketlist.kit import paging
from bucketlist.kit.db.database import Statement, Together, execute
from bucketlist.kit.db.driver import Row, Value
from bucketlist.kit.db.json_lists import listed, rows_of
from bucketlist.kit.paging import Direction, Order, Place
from bucketlist.kit.text import fold
from bucketlist.limits.storage import bytes_in
from bucketlist.models import item_tags, items
from bucketlist.tags.encoding import LINE, mark_of

BY_NAME = Order("name", is_descending=False)
KEY = ["user_id", "item_id", "name_folded"]

_FOLDED, _NAMES = rows_of("tags"), rows_of("names")
_IS_FOLDED = item_tags.c.name_folded == _FOLDED.c.value
_ITEM_ID = bindparam("item_id", type_=item_tags.c.item_id.type)
_OWN = access.owned(item_tags)

SPELLINGS = Statement(
    select(item_tags.c.name_folded, func.min(item_tags.c.name))
    .join(_FOLDED, _IS_FOLDED)
    .where(_OWN)
    .group_by(item_tags.c.name_folded)
)
REMOVE = Statement(
    delete(item_tags).where(
        _OWN, item_tags.c.item_id == _ITEM_ID, item_tags.c.name_folded.not_in(select(_FOLDED.c.value))
    )
)
ADD = Statement(
    insert(item_tags)
    .from_select(
        ["user_id", "item_id", "name", "name_folded"],
        select(access.OWNER, _ITEM_ID, _NAMES.c.value, _FOLDED.c.value).where(_NAMES.c.key == _FOLDED.c.key),
    )
    .on_conflict_do_nothing(index_elements=KEY)
)
WITH_ALL = (  # the ids of the items that have all of the parameter `tags`, of which there are `tag_count`
    select(item_tags.c.item_id)
    .join(_FOLDED, _IS_FOLDED)
    .where(_OWN)
    .group_by(item_tags.c.item_id)
    .having(func.count() == bindparam("tag_count", type_=BigInteger))
)


def _text(name: str) -> ColumnElement[Any]:
    return bindparam(name, type_=items.c.tags.type)


_OLD, _NEW, _KEPT = _text("old_mark"), _text("new_mark"), _text("kept_mark")
_WITHOUT_OLD = func.replace(items.c.tags, _OLD, literal(LINE, items.c.tags.type))
_RENAMED = func.replace(items.c.tags, _OLD, _NEW)
# Citus takes a CASE in an update of immutable functions only, which `contains` is not.
_HAS_KEPT = func.replace(items.c.tags, _KEPT, literal("", items.c.tags.type)) != items.c.tags
_MERGED = func.replace(case((_HAS_KEPT, _WITHOUT_OLD), else_=_RENAMED), _KEPT, _NEW)
_HAVE_ONE = items.c.id.in_(select(item_tags.c.item_id).join(_FOLDED, _IS_FOLDED).where(_OWN))
SIZE = Statement(
    select(func.coalesce(func.sum(bytes_in(items)), 0)).where(access.owned(items), _HAVE_ONE), is_slow=True
)


def _retag(tags: ColumnElement[Any]) -> Together:
    """Items that have one of the parameter `tags` get others, and are new versions."""
    return change_all(items, {"tags": tags}, _HAVE_ONE, tags.is_distinct_from(items.c.tags))


RESPELL_IN_ITEMS = _retag(_RENAMED)
MERGE_IN_ITEMS = _retag(_MERGED)
REMOVE_FROM_ITEMS = _retag(func.nullif(_WITHOUT_OLD, literal(LINE, items.c.tags.type)))

_IS_OLD = item_tags.c.name_folded == bindparam("old_folded", type_=item_tags.c.name_folded.type)
_NEW_NAME, _NEW_FOLDED = _text("new_name"), bindparam("new_folded", type_=item_tags.c.name_folded.type)
COPY = Statement(
    insert(item_tags)
    .from_select(
        ["user_id", "item_id", "name", "name_folded"],
        select(item_tags.c.user_id, item_tags.c.item_id, _NEW_NAME, _NEW_FOLDED).where(_OWN, _IS_OLD),
    )
    .on_conflict_do_nothing(index_elements=KEY)
)
DELETE = Statement(delete(item_tags).where(_OWN, _IS_OLD))
_IS_SPELT_OTHERWISE = (item_tags.c.name_folded == _NEW_FOLDED) & (item_tags.c.name != _NEW_NAME)
RESPELL = Statement(update(item_tags).where(_OWN, _IS_SPELT_OTHERWISE).values(name=_NEW_NAME))


def _counted(*conditions: ColumnElement[bool]) -> Select[Any]:
    """Tags, each with how many items have it; those in the trash do not count."""
    return (
        select(func.min(item_tags.c.name).label("name"), func.count().label("item_count"), item_tags.c.name_folded)
        .where(_OWN, *conditions, access.is_story_there(item_tags.c.item_id))
        .group_by(item_tags.c.name_folded)
    )


_FOUND = _counted(_IS_OLD).subquery("found")
TAG = Statement(select(_FOUND.c.name, _FOUND.c.item_count).select_from(ACTIVE_SESSION.outerjoin(_FOUND, true())))


@cache
def tag_list(direction: Direction) -> Statement:
    """A page of tags, each with how many items have it, the count of all and what it is sorted by; counted once."""
    found = _counted().cte("found")
    page, count = paging.page_and_count(
        select(found.c.name, found.c.item_count, found.c.name_folded.label("sort_value")),
        found.c.name_folded,
        found.c.name,
        BY_NAME,
        direction,
    )
    return Statement(
        select(page.c.name, page.c.item_count, count, page.c.sort_value)
        .select_from(ACTIVE_SESSION.outerjoin(page, true()))
        .order_by(page.c.sort_value),
        is_slow=True,
    )


def list_tags(actor: Actor, direction: Direction, place: Place | None, limit: int) -> list[Row]:
    """Up to `limit + 1` rows of `tag_list`, of which the first may have no tag. Raises: `Unauthorized`."""
    values = access.values(actor, **paging.page_values(limit, place))
    return access.require_active(execute(tag_list(direction), values))


def find_tag(actor: Actor, name: str) -> Row | None:
    """How it is spelt, and how many items have it. Raises: `Unauthorized`."""
    row = access.require_active(execute(TAG, access.values(actor, old_folded=fold(name))))[0]
    return row if row[0] is not None else None


def find_spellings(actor: Actor, folded: Sequence[str]) -> Mapping[str, str]:
    """How the owner spells those tags that some item has, by what they fold to."""
    return {row[0]: row[1] for row in execute(SPELLINGS, access.values(actor, tags=listed(folded)))}


def write_tags(actor: Actor, item_id: str, spellings: Mapping[str, str], *, has_some: bool) -> None:
    """Those of an item are these, and no others."""
    folded, names = listed(list(spellings)), listed(list(spellings.values()))
    values = access.values(actor, item_id=item_id, tags=folded, names=names)
    if has_some:
        execute(REMOVE, values)
    if spellings:
        execute(ADD, values)


def rename_tag(actor: Actor, old: str, new: str, kept: str | None, now: str) -> int:
    """In all items that have it. `old` is how it is spelt now, and `kept` the tag that `new` is merged with.

    Gives how many bytes more that takes.
    """
    folded = [fold(old), fold(new)]
    values = access.values(
        actor,
        now=now,
        tags=listed(sorted(set(folded))),
        old_mark=mark_of(old),
        new_mark=mark_of(new),
        kept_mark=mark_of(kept or new),
        old_folded=folded[0],
        new_folded=folded[1],
        new_name=new,
    )
    if folded[0] == folded[1]:
        return _retag_all(values, RESPELL_IN_ITEMS, RESPELL)
    return _retag_all(values, MERGE_IN_ITEMS, COPY, DELETE, RESPELL)


def delete_tag(actor: Actor, name: str, now: str) -> int:
    """From all items. `name` is how it is spelt. Gives how many bytes more that takes, which is less than none."""
    folded = fold(name)
    values = access.values(actor, now=now, tags=listed([folded]), old_mark=mark_of(name), old_folded=folded)
    return _retag_all(values, REMOVE_FROM_ITEMS, DELETE)


def _retag_all(values: Mapping[str, Value], in_items: Together, *in_tags: Statement) -> int:
    """First in the items, for they are found by their tags. Gives how many bytes more they take."""
    before = execute(SIZE, values)[0][0]
    execute(in_items, values)
    after = execute(SIZE, values)[0][0]
    for statement in in_tags:
        execute(statement, values)
    return int(after) - int(before)
