"""Service layer of tags: spelt as they were first typed, found by what they fold to, renamed and merged in all items.

Whoever writes tags holds the account’s lock (`access.lock_account`), so that no two spellings of one tag can arise.
"""

from collections.abc import Callable
from typing import TypeVar

from bucketlist import config
from bucketlist.auth import access
from bucketlist.auth.actor import Actor
from bucketlist.items import tag_queries
from bucketlist.items.queries import ItemRow
from bucketlist.items.tag_text import respell, spellings_of
from bucketlist.kit import clock
from bucketlist.kit.db.database import database, in_transaction
from bucketlist.kit.db.driver import Row
from bucketlist.kit.errors import NotFound
from bucketlist.kit.paging import Page, PageQuery, Pager
from bucketlist.kit.text import fold
from bucketlist.limits import storage

Written = TypeVar("Written", ItemRow, ItemRow | None)


def write_spelt(actor: Actor, before: ItemRow | None, wanted: ItemRow, write: Callable[[ItemRow], Written]) -> Written:
    """What `write` gives for the item that is `wanted`, its tags spelt as the owner spells them, in one transaction.

    `before` is the item as it was, if it is not new. Raises: `Unauthorized`, and what `write` does.
    """
    if wanted.tags == (before.tags if before else None):
        return write(wanted)

    def write_both() -> Written:
        access.lock_account(actor)
        written = write(wanted._replace(tags=_spell(actor, wanted.tags)))
        if written:
            tag_queries.write_tags(actor, written.id, spellings_of(written.tags), is_new=before is None)
        return written

    return database().run_in_transaction(write_both)


def list_tags(actor: Actor, query: PageQuery) -> Page:
    """By name. Raises: `Unauthorized`, `Invalid` for a cursor of another list."""
    pager = Pager(config.current().key("cursor"), ("tags", actor.user_id))
    direction, place = pager.read(query.cursor)
    return pager.page(tag_queries.list_tags(actor, direction, place, query.limit), query.limit, direction)


@in_transaction
def rename_tag(actor: Actor, name: str, wanted: str) -> Row:
    """The tag, spelt as it is `wanted` now, in all items that had it, or one that it is merged with.

    Raises: `Unauthorized`, `NotFound`, `StorageFull`.
    """
    found = _hold(actor, name)
    if found[0] == wanted:
        return found
    kept = tag_queries.find_spellings(actor, [fold(wanted)]).get(fold(wanted))
    added = tag_queries.rename_tag(actor, found[0], wanted, kept, clock.now_text())
    storage.write_counted(actor, added, lambda: True)
    return get_tag(actor, wanted)


@in_transaction
def delete_tag(actor: Actor, name: str) -> None:
    """From all items. Raises: `Unauthorized`, `NotFound`."""
    found = _hold(actor, name)
    added = tag_queries.delete_tag(actor, found[0], clock.now_text())
    storage.write_counted(actor, added, lambda: True)
    access.require_still_active(actor)


def get_tag(actor: Actor, name: str) -> Row:
    """How it is spelt, and how many items have it. Raises: `Unauthorized`, `NotFound`."""
    found = tag_queries.find_tag(actor, name)
    if found is None and name.endswith("/"):  # the other form of its address
        found = tag_queries.find_tag(actor, name[:-1])
    if found is None:
        raise NotFound
    return found


def _spell(actor: Actor, tags: str | None) -> str | None:
    folded = list(spellings_of(tags))
    return respell(tags, tag_queries.find_spellings(actor, folded)) if folded else None


def _hold(actor: Actor, name: str) -> Row:
    """The tag; nobody else writes tags until the transaction ends. Raises: `Unauthorized`, `NotFound`."""
    access.lock_account(actor)
    return get_tag(actor, name)
