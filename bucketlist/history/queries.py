"""SQL queries of history: the rows of the change log that are about one item."""

from functools import cache

from sqlalchemy import bindparam, select, true

from bucketlist.auth import access
from bucketlist.auth.access import ACTIVE_SESSION
from bucketlist.auth.actor import Actor
from bucketlist.kit import paging
from bucketlist.kit.db.database import Statement, execute
from bucketlist.kit.db.driver import Row
from bucketlist.kit.paging import Direction, Order, Place
from bucketlist.models import changes, items, users

NEWEST_FIRST = Order("number", is_descending=True)
TOLD = ("action", "at", "session_id", "by_token", "fields")

_ID = bindparam("item_id", type_=items.c.id.type)
_IS_ITEM = access.visible(items) & (items.c.id == _ID)
_OF_ITEM = (access.owned(changes), changes.c.kind == "item", changes.c.thing_id == _ID)


@cache
def history(direction: Direction) -> Statement:
    """A page of what was done to an item: its id, what is `TOLD`, the item, the count of all, and the number."""
    rows = select(changes.c.thing_id.label("id"), *(changes.c[name] for name in TOLD), changes.c.number).where(
        *_OF_ITEM
    )
    page, count = paging.page_and_count(rows, changes.c.number, changes.c.thing_id, NEWEST_FIRST, direction)
    return Statement(
        select(page.c.id, *(page.c[name] for name in TOLD), items.c.id, count, page.c.number)
        .select_from(ACTIVE_SESSION.outerjoin(items, _IS_ITEM).outerjoin(page, true()))
        .order_by(page.c.number.desc())
    )


_FIRST, _LAST = (bindparam(end, type_=changes.c.number.type) for end in ("first", "last"))
_OF_ACT = access.owned(changes) & (changes.c.kind == "item") & changes.c.number.between(_FIRST, _LAST)
ACT = Statement(
    select(*(changes.c[name] for name in ("thing_id", "number", "action", "at", "fields")))
    .select_from(ACTIVE_SESSION.outerjoin(changes, _OF_ACT))
    .order_by(changes.c.number)
    .limit(bindparam("limit", type_=changes.c.number.type))
)


LAST = Statement(
    select(users.c.change_number).select_from(ACTIVE_SESSION.join(users, users.c.id == ACTIVE_SESSION.c.user_id))
)


def last_number(actor: Actor) -> int:
    """That the newest write of the account took. Raises: `Unauthorized`."""
    number: int = access.require_active(execute(LAST, access.values(actor)))[0][0]
    return number


def list_act(actor: Actor, first: int, last: int, most: int) -> list[Row]:
    """Up to `most` rows of the log of items between two numbers. Raises: `Unauthorized`."""
    rows = access.require_active(execute(ACT, access.values(actor, first=first, last=last, limit=most)))
    return [row for row in rows if row[0] is not None]


def list_changes(actor: Actor, item_id: str, direction: Direction, place: Place | None, limit: int) -> list[Row] | None:
    """Up to `limit + 1` rows of `history`; None without that item. Raises: `Unauthorized`."""
    values = access.values(actor, item_id=item_id, **paging.page_values(limit, place))
    rows = access.require_active(execute(history(direction), values))
    return rows if rows[0][-3] is not None else None
