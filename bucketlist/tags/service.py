"""Service layer of tags: spelt as they were first typed, found by what they fold to, renamed and merged in all items.

Whoever writes tags holds the account’s lock (`access.lock_account`), so that no two spellings of one tag can arise.
"""

from collections.abc import Callable
from typing import TypeVar

from bucketlist import config
from bucketlist.auth import access
from bucketlist.auth.actor import Actor
from bucketlist.kit import clock
from bucketlist.kit.db.database import database, in_transaction
from bucketlist.kit.db.driver import Row
from bucketlist.kit.errors import NotFound
from bucketlist.kit.paging import Page, PageQuery, Pager
from bucketlist.kit.text import fold
from bucketlist.limits import storage
from bucketlist.tags import queries
from bucketlist.tags.encoding import respell, spellings_of

Written = TypeVar("Written")


def write_spelt(
    actor: Actor, item_id: str, before: str | None, wanted: str | None, write: Callable[[str | None], Written]
) -> Written:
    """What `write` gives for the tags that are `wanted`, spelt as the owner spells them, in one transaction with them.

    `before` are those of the item as it is; of one that is to be made, None. When `write` gives nothing, nothing is
    written. Raises: `Unauthorized`, and what `write` does.
    """
    if wanted == before:
        return write(wanted)

    def write_both() -> Written:
        access.lock_account(actor)
        spelt = _spell(actor, wanted)
        written = write(spelt)
        if written is not None:
            queries.write_tags(actor, item_id, spellings_of(spelt), has_some=before is not None)
        return written

    return database().run_in_transaction(write_both)


def list_tags(actor: Actor, query: PageQuery) -> Page:
    """By name. Raises: `Unauthorized`, `Invalid` for a cursor of another list."""
    pager = Pager(config.current().key("cursor"), ("tags", actor.user_id))
    direction, place = pager.read(query.cursor)
    return pager.page(queries.list_tags(actor, direction, place, query.limit), query.limit, direction)


@in_transaction
def rename_tag(actor: Actor, name: str, wanted: str) -> Row:
    """The tag, spelt as it is `wanted` now, in all items that had it, or one that it is merged with.

    Raises: `Unauthorized`, `NotFound`, `StorageFull`.
    """
    found = _hold(actor, name)
    if found[0] == wanted:
        return found
    kept = queries.find_spellings(actor, [fold(wanted)]).get(fold(wanted))
    added = queries.rename_tag(actor, found[0], wanted, kept, clock.now_text())
    storage.write_counted(actor, added, lambda: True)
    return get_tag(actor, wanted)


@in_transaction
def delete_tag(actor: Actor, name: str) -> None:
    """From all items. Raises: `Unauthorized`, `NotFound`."""
    found = _hold(actor, name)
    added = queries.delete_tag(actor, found[0], clock.now_text())
    storage.write_counted(actor, added, lambda: True)
    access.require_still_active(actor)


def get_tag(actor: Actor, name: str) -> Row:
    """How it is spelt, and how many items have it. Raises: `Unauthorized`, `NotFound`."""
    found = queries.find_tag(actor, name)
    if found is None and name.endswith("/"):  # the other form of its address
        found = queries.find_tag(actor, name[:-1])
    if found is None:
        raise NotFound
    return found


def _spell(actor: Actor, tags: str | None) -> str | None:
    folded = list(spellings_of(tags))
    return respell(tags, queries.find_spellings(actor, folded)) if folded else None


def _hold(actor: Actor, name: str) -> Row:
    """The tag; nobody else writes tags until the transaction ends. Raises: `Unauthorized`, `NotFound`."""
    access.lock_account(actor)
    return get_tag(actor, name)
