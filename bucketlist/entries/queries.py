"""SQL queries of entries, and of what they move in their item: how often it was done, and its state."""

from collections.abc import Sequence
from functools import cache
from operator import attrgetter
from typing import Any, NamedTuple

from pydantic.alias_generators import to_camel
from pydantic_core import from_json
from sqlalchemy import ColumnElement, FromClause, bindparam, func, select

from bucketlist.auth import access, statements
from bucketlist.auth.actor import Actor
from bucketlist.auth.recording import words
from bucketlist.auth.trashing import move_to_trash, put_back, take_out, trashed
from bucketlist.kit.db.database import Statement, Together, execute
from bucketlist.kit.db.driver import Value
from bucketlist.kit.fuzzy_dates import FuzzyDate
from bucketlist.kit.text import fold_lines, fold_once
from bucketlist.limits.quotas import has_room
from bucketlist.models import entries, files, items, sessions


class EntryRow(NamedTuple):
    """An entry: the fields of `EntryOut` in their order, then its version."""

    id: str
    item_id: str
    completes: bool | int  # as it is sent, or as it is kept
    title: str | None
    date: str | None  # a fuzzy date
    story: str | None
    people: str | None  # JSON
    place: str | None
    rating: int | None
    photo_count: int
    created_at: str
    modified_at: str
    version: int


class Progress(NamedTuple):
    """Of an item, what its entries move."""

    id: str
    state: str
    dropped_reason: str | None
    times: int
    times_done: int
    modified_at: str
    version: int


_WRITTEN = ("completes", "title", "date", "story", "people", "place", "rating")
_written_in = attrgetter(*_WRITTEN)
_FOUND_BY = ("title_folded", "story_folded", "people_folded", "place_folded", "date_first", "date_rank")


def columns(source: FromClause, **others: ColumnElement[Any]) -> list[ColumnElement[Any]]:
    """Those of `EntryRow`, from the table or from a page of it, but for `others`."""
    others = {"photo_count": _count_photos(source), **others}
    return [others[name] if name in others else source.c[name] for name in EntryRow._fields]


def _count_photos(source: FromClause) -> ColumnElement[int]:
    """Counted anew, for each of a page, from an index alone: an account has 20,000 at most."""
    of_entry = select(func.count()).where(access.visible(files), files.c.entry_id == source.c.id)
    return of_entry.correlate(source).scalar_subquery()


ID = bindparam("entry_id", type_=entries.c.id.type)
ITEM_ID = bindparam("item_id", type_=items.c.id.type)
IS_ITEM = access.visible(items) & (items.c.id == ITEM_ID)
GIVEN = statements.given(entries, *_WRITTEN, *_FOUND_BY)
PROGRESS = [items.c[name] for name in Progress._fields]

ENTRY = statements.one(entries, columns(entries), ID)
ITEM = statements.one(items, [items.c.id], ITEM_ID)
IS_ID_TAKEN = statements.key_taken(entries, ID)
LOCK_ITEM = Statement(select(*PROGRESS).where(IS_ITEM).with_for_update())
CHANGE_ENTRY = statements.change(entries, ID, GIVEN)
TRASH_ENTRY = trashed(entries, ID)
RESTORE_ENTRY = put_back(entries)
COUNT_IN_ITEM = statements.change(items, ITEM_ID, statements.given(items, "state", "dropped_reason", "times_done"))


@cache
def add_statement(*, is_counted: bool) -> Statement | Together:
    """Adds an entry to its item; `is_counted`, only if there are no more than there may be before."""
    room = [has_room(entries)] if is_counted else []
    keys = {"id": ID, "item_id": items.c.id}
    return statements.add(entries, {**keys, **GIVEN}, *room, within=sessions.join(items, IS_ITEM))


def find_entry(actor: Actor, entry_id: str) -> EntryRow | None:
    """Raises: `Unauthorized` when the actor's token is worthless."""
    row = statements.find(ENTRY, actor, entry_id=entry_id)
    return EntryRow._make(row) if row else None


def is_item_there(actor: Actor, item_id: str) -> bool:
    """Raises: `Unauthorized` when the actor's token is worthless."""
    return statements.find(ITEM, actor, item_id=item_id) is not None


def is_id_taken(actor: Actor, entry_id: str) -> bool:
    """By an entry, or by one in the trash. Raises: `Unauthorized`."""
    return statements.find(IS_ID_TAKEN, actor, entry_id=entry_id) is not None


def lock_item(actor: Actor, item_id: str) -> Progress | None:
    """Row lock (SELECT FOR UPDATE): nobody else changes the item until the transaction ends. None without it."""
    rows = execute(LOCK_ITEM, access.values(actor, item_id=item_id))
    return Progress._make(rows[0]) if rows else None


def write_progress(actor: Actor, before: Progress, wanted: Progress, now: str) -> None:
    """Of an item that is locked. Raises: `Unauthorized` when the actor's token is worthless."""
    told = zip(map(to_camel, Progress._fields), before, wanted, strict=True)
    fields = words({name: [was, is_now] for name, was, is_now in told if was != is_now})
    moved = {"state": wanted.state, "dropped_reason": wanted.dropped_reason, "times_done": wanted.times_done}
    values = access.values(actor, now=now, item_id=wanted.id, seen_version=wanted.version, fields=fields, **moved)
    access.require_active(execute(COUNT_IN_ITEM, values))


def add_entry(actor: Actor, entry: EntryRow, held_at_most: int | None) -> EntryRow | None:
    """The new entry; None when the id is taken, or there is no such item or no live token.

    None as well when there are more than `held_at_most` before, in all items; without that, nobody counts.
    """
    values = access.values(actor, now=entry.created_at, held_at_most=held_at_most, **_values(entry))
    rows = execute(add_statement(is_counted=held_at_most is not None), values)
    return entry._replace(version=rows[0][1]) if rows else None


def change_entry(actor: Actor, entry: EntryRow, now: str, fields: str | None) -> EntryRow | None:
    """Write what `entry` says; None when it is not at the version of `entry` any more.

    `fields` is what history tells of it.
    """
    values = access.values(actor, now=now, seen_version=entry.version, fields=fields, **_values(entry))
    rows = execute(CHANGE_ENTRY, values)
    return entry._replace(modified_at=now, version=rows[0][1]) if rows else None


def trash_entry(actor: Actor, entry: EntryRow) -> str | None:
    """Where it lies in the trash now; None when it is not at the version of `entry` any more."""
    return move_to_trash(TRASH_ENTRY, actor, entry.id, entry.version, "entry_id")


def restore_entry(actor: Actor, trash_id: str, entry_id: str) -> bool:
    """Take it out of the trash. False when it does not lie there, or the actor's token is worthless."""
    return take_out(RESTORE_ENTRY, actor, trash_id, entry_id)


def people_in(entry: EntryRow) -> Sequence[str]:
    people: list[str] = from_json(entry.people) if entry.people else []
    return people


def fold_people(entry: EntryRow) -> str | None:
    """A line for each, so that a person is found by the whole of a line."""
    return fold_lines(people_in(entry)) if entry.people else None


def _values(entry: EntryRow) -> dict[str, Value]:
    values: dict[str, Value] = dict(zip(_WRITTEN, _written_in(entry), strict=True))
    date = FuzzyDate.parse(entry.date) if entry.date else None
    texts = {"title": entry.title, "story": entry.story, "place": entry.place}
    values |= {f"{name}_folded": fold_once(text) if text is not None else None for name, text in texts.items()}
    values |= {"completes": int(entry.completes), "people_folded": fold_people(entry)}
    values |= {"date_first": date.first if date else None, "date_rank": date.rank if date else 0}
    return values | {"entry_id": entry.id, "item_id": entry.item_id}
