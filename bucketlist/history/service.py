"""Service layer of history: what was done to an item, newest first. It is written with each write, and only then."""

from typing import Any, NamedTuple

from pydantic_core import from_json

from bucketlist import config
from bucketlist.auth.actor import Actor
from bucketlist.history import queries
from bucketlist.kit.errors import NotFound
from bucketlist.kit.paging import Page, PageQuery, Pager


class Change(NamedTuple):
    """What was done to an item, with the number that it took: what each field was and became."""

    item_id: str
    number: int
    action: str
    at: str
    fields: dict[str, tuple[Any, Any]]


def last_number(actor: Actor) -> int:
    """The number of the newest change of the account. Raises: `Unauthorized`."""
    return queries.last_number(actor)


def list_act(actor: Actor, first: int, last: int, most: int) -> list[Change]:
    """What was done to items by the writes from one number to another, oldest first. Raises: `Unauthorized`."""
    rows = queries.list_act(actor, first, last, most)
    return [
        Change(item_id, number, action, at, from_json(fields) if fields else {})
        for item_id, number, action, at, fields in rows
    ]


def list_history(actor: Actor, item_id: str, query: PageQuery) -> Page:
    """Raises: `Unauthorized`, `NotFound`, `Invalid` for a cursor of another list."""
    pager = Pager(config.current().key("cursor"), ("history", actor.user_id, item_id))
    direction, place = pager.read(query.cursor)
    rows = queries.list_changes(actor, item_id, direction, place, query.limit)
    if rows is None:
        raise NotFound
    return pager.page(rows, query.limit, direction)
