"""Service layer of entries: what may be done with them, and what they move in their item.

A completing entry is counted in its item (`times_done`), in one transaction under the item's row lock. The one that
brings the count to what was wished for makes the item done, unless the request keeps its state; nothing else moves a
state, so that it is always the person's own word.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from pydantic_core import to_json

from bucketlist import config
from bucketlist.auth import access
from bucketlist.auth.actor import Actor
from bucketlist.auth.recording import words_of
from bucketlist.entries import list_queries, queries, quotas
from bucketlist.entries.list_queries import Filters
from bucketlist.entries.queries import EntryRow, Progress
from bucketlist.entries.schemas import EntryIn, EntryOut, JournalQuery, NewEntry
from bucketlist.kit import clock
from bucketlist.kit.db.database import database
from bucketlist.kit.db.driver import Row
from bucketlist.kit.db.errors import ConstraintViolation
from bucketlist.kit.errors import IdTaken, NotFound
from bucketlist.kit.etags import Preconditions, make_etag
from bucketlist.kit.fuzzy_dates import FuzzyDate, first_rank, last_day
from bucketlist.kit.ids import new_id
from bucketlist.kit.optimistic_locking import delete_if_unchanged, update_if_unchanged
from bucketlist.kit.paging import Direction, Page, PageQuery, Pager
from bucketlist.kit.text import fold
from bucketlist.limits import storage

Written = TypeVar("Written")


def etag_of(entry: EntryRow) -> str:
    """The count of its photos is in the body, so it is in here, though it is no change of the entry itself."""
    return make_etag(entry.version, entry.photo_count, entry.modified_at)


def get_entry(actor: Actor, entry_id: str) -> EntryRow:
    """Raises: `Unauthorized`, `NotFound`."""
    entry = queries.find_entry(actor, entry_id)
    if entry is None:
        raise NotFound
    return entry


def list_item_entries(actor: Actor, item_id: str, query: PageQuery) -> Page:
    """Raises: `Unauthorized`, `NotFound`, `Invalid` for a cursor of another list."""
    pager = Pager(config.current().key("cursor"), ("entries", actor.user_id, item_id))
    direction, place = pager.read(query.cursor)
    rows = list_queries.list_item_entries(actor, item_id, direction, place, query.limit)
    if rows is None:
        raise NotFound
    return _page_of(pager, rows, query.limit, direction)


def list_journal(actor: Actor, query: JournalQuery) -> Page:
    """Those of all items. Raises: `Unauthorized`, `Invalid` for a cursor of another list."""
    filters = _filters_of(query)
    pager = Pager(config.current().key("cursor"), ("journal", actor.user_id, *filters))
    direction, place = pager.read(query.cursor)
    rows = list_queries.list_journal(actor, filters, direction, place, query.limit)
    return _page_of(pager, rows, query.limit, direction)


def find_years(actor: Actor) -> tuple[int, int] | None:
    """Those in which the first and the last dated entry end; None when none has a date. Raises: `Unauthorized`."""
    found = list_queries.find_ends(actor)
    return (last_day(found[0]).year, last_day(found[1]).year) if found else None


def _page_of(pager: Pager, rows: Sequence[Row], limit: int, direction: Direction) -> Page:
    """It ends with the last story that was read."""
    page = pager.page(rows, limit, direction)
    read = sum(row[list_queries.IS_READ] for row in page.rows)
    return page if read == len(page.rows) else page.shorten(read)


def _filters_of(query: JournalQuery) -> Filters:
    """What the parameters of a list mean. A filter by dates leaves out what has none."""
    before, after = query.date_before, query.date_after
    filters = Filters(query.q, query.person and fold(query.person), query.completes)
    if before:
        filters = filters._replace(least_rank=1, most_rank=first_rank(FuzzyDate.parse(before).first) - 1)
    return filters._replace(first_after=FuzzyDate.parse(after).last) if after else filters


def add_entry(actor: Actor, item_id: str, wanted: EntryIn) -> EntryRow:
    """Raises: `Unauthorized`, `NotFound`, `IdTaken`, `LimitReached`, `StorageFull`."""
    entry = row_of(wanted, item_id)
    times = int(entry.completes)
    try:
        made = _write_counted(actor, item_id, times, wanted.keep_state, lambda: insert_entry(actor, entry))
    except ConstraintViolation:  # the item was deleted at the same moment
        raise NotFound from None
    if made is None:
        queries.is_item_there(actor, item_id)
        raise NotFound
    return made


def row_of(wanted: NewEntry, item_id: str) -> EntryRow:
    """An entry that is still to be written."""
    now = clock.now_text()
    fields = {**_as_kept(vars(wanted)), "id": wanted.id or new_id(), "item_id": item_id}
    return EntryRow(**fields, photo_count=0, created_at=now, modified_at=now, version=1)


def insert_entry(actor: Actor, entry: EntryRow) -> EntryRow:
    """Without a word to its item. Raises: `Unauthorized`, `NotFound`, `IdTaken`, `LimitReached`, `StorageFull`."""

    def refuse() -> None:
        if not queries.is_item_there(actor, entry.item_id):
            raise NotFound
        if queries.is_id_taken(actor, entry.id):
            raise IdTaken

    def insert(held_at_most: int | None) -> EntryRow | None:
        return queries.add_entry(actor, entry, held_at_most)

    return storage.write_counted(actor, _size_of(entry), lambda: quotas.ENTRIES.add(actor, insert, refuse))


def change_entry(
    actor: Actor, entry_id: str, changes: Mapping[str, Any], conditions: Preconditions, *, keep_state: bool
) -> EntryRow:
    """Change the fields that `changes` names; when they are so already, nothing moves.

    Raises: `Unauthorized`, `NotFound`, `PreconditionFailed`, `StorageFull`, `Conflict`.
    """
    kept = _as_kept(changes)

    def write(entry: EntryRow, wanted: EntryRow) -> EntryRow | None:
        now = clock.text_after(entry.modified_at)
        added, times = _size_of(wanted) - _size_of(entry), int(wanted.completes) - int(entry.completes)

        fields = words_of(EntryOut, entry, wanted)

        def change() -> EntryRow | None:
            words = storage.size_of_words(fields)
            write_it = partial(queries.change_entry, actor, wanted, now, fields)
            return storage.write_counted(actor, added, write_it, words=words)

        return _write_counted(actor, entry.item_id, times, keep_state, change)

    return update_if_unchanged(
        lambda: _get_as_known(actor, entry_id, conditions), lambda entry: entry._replace(**kept), write
    )


def delete_entry(actor: Actor, entry_id: str, conditions: Preconditions) -> str:
    """Move it to the trash, where it does not count; gives where it lies there. The state of its item stays.

    Raises: `Unauthorized`, `NotFound`, `PreconditionFailed`, `Conflict`.
    """

    def delete(entry: EntryRow) -> str | None:
        trash = partial(queries.trash_entry, actor, entry)
        return _write_counted(actor, entry.item_id, -int(entry.completes), True, trash)

    return delete_if_unchanged(lambda: _get_as_known(actor, entry_id, conditions), delete)


def restore_entry(actor: Actor, trash_id: str, entry_id: str) -> EntryRow:
    """Part of a transaction: it is back, and counts again; the state of its item stays.

    Raises: `Unauthorized`, `NotFound`.
    """
    queries.restore_entry(actor, trash_id, entry_id)
    entry = get_entry(actor, entry_id)
    _write_counted(actor, entry.item_id, int(entry.completes), True, lambda: True)
    return entry


def _write_counted(
    actor: Actor, item_id: str, times: int, keep_state: bool, write: Callable[[], Written]
) -> Written | None:
    """What `write` gives; when it is true, its item was done so many `times` more, in one transaction.

    None when there is no such item any more. Raises: `Unauthorized`, and what `write` does.
    """
    if not times:
        return write()

    def write_both() -> Written | None:
        access.lock_account(actor)
        item = queries.lock_item(actor, item_id)
        written = write() if item else None
        if item and written:
            now = clock.text_after(item.modified_at)
            queries.write_progress(actor, item, _count(item, times, keep_state), now)
        return written

    return database().run_in_transaction(write_both)


def _count(item: Progress, times: int, keep_state: bool) -> Progress:
    """The item once it was done so many `times` more; what is done has no reason for letting go."""
    counted = item._replace(times_done=item.times_done + times)
    is_reached = item.times_done < item.times <= counted.times_done
    return counted._replace(state="done", dropped_reason=None) if is_reached and not keep_state else counted


def _get_as_known(actor: Actor, entry_id: str, conditions: Preconditions) -> EntryRow:
    """Raises: `Unauthorized`, `NotFound`, `PreconditionFailed`."""
    entry = get_entry(actor, entry_id)
    conditions.refuse(etag_of(entry))
    return entry


def _as_kept(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a body as a row has them: people are a text, and null when there are none."""
    kept = {name: value for name, value in fields.items() if name != "keep_state"}
    if "people" in kept:
        kept["people"] = to_json(kept["people"]).decode() if kept["people"] else None
    return kept


def _size_of(entry: EntryRow) -> int:
    """What it counts for towards the storage of an account, in bytes."""
    return storage.size_of(entry.title, entry.story, entry.place, plain=(entry.people, queries.fold_people(entry)))
