"""Service layer of history: what was done to an item, newest first. It is written with each write, and only then."""

from bucketlist import config
from bucketlist.auth.actor import Actor
from bucketlist.history import queries
from bucketlist.kit.errors import NotFound
from bucketlist.kit.paging import Page, PageQuery, Pager


def list_history(actor: Actor, item_id: str, query: PageQuery) -> Page:
    """Raises: `Unauthorized`, `NotFound`, `Invalid` for a cursor of another list."""
    pager = Pager(config.current().key("cursor"), ("history", actor.user_id, item_id))
    direction, place = pager.read(query.cursor)
    rows = queries.list_changes(actor, item_id, direction, place, query.limit)
    if rows is None:
        raise NotFound
    return pager.page(rows, query.limit, direction)
