"""View models of the journal: entries as pages tell them, each with its date in words, its year and its postmark."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, NamedTuple

from babel.dates import get_month_names

from bucketlist.entries.schemas import EntryOut, JournalEntryOut
from bucketlist.kit.db.driver import Row
from bucketlist.kit.fuzzy_dates import FuzzyDate, last_day
from bucketlist.web.fuzzy_words import SEASONS, say_fuzzy, season_words
from bucketlist.web.languages import gettext as _
from bucketlist.web.languages import locale
from bucketlist.web.markdown import first_line
from bucketlist.web.pictures import PhotoView, offered_day
from bucketlist.web.words_of_time import machine_date

LONGEST_IN_MARK = 10  # letters of a place that a postmark has room for
MOST_NAMES = 12  # that are told beside a wish


class Postmark(NamedTuple):
    """What is stamped on an entry: where, the day or whatever is known of it, the year."""

    place: str
    middle: str
    bottom: str


@dataclass(frozen=True, slots=True)
class EntryView:
    """An entry of the story of a wish, with its date in words."""

    id: str
    item_id: str
    item_name: str
    completes: bool
    title: str | None
    date: str | None
    story: str | None
    people: list[str]
    place: str | None
    rating: int | None
    photo_count: int
    created_at: str
    etag: str
    is_afterwards: bool = False  # a note of the time after the day
    photos: tuple[PhotoView, ...] = ()

    @property
    def when(self) -> str:
        return say_fuzzy(self.date) if self.date else ""

    @property
    def heading(self) -> str:
        """What names it: its title, else its time."""
        words = self.title or self.when
        return words[:1].upper() + words[1:] if words else _("No date")

    @property
    def machine_date(self) -> str:
        return machine_date(self.date)

    @property
    def line(self) -> str:
        return first_line(self.story)

    @property
    def is_longer(self) -> bool:
        """Is there more to read than its line?"""
        return len(self.story or "") > len(self.line) + 2

    @property
    def year(self) -> str:
        """Under which it stands in the journal: the year in which it ends, or its decade; nothing without a date."""
        exact = (self.date or "").removesuffix("~")
        return exact if exact.endswith("X") else str(last_day(FuzzyDate.parse(exact).rank).year) if exact else ""

    @property
    def offered_day(self) -> str:
        """The day that its photos say, if it has another date or none."""
        return offered_day(self.date, self.photos)

    @property
    def postmark(self) -> Postmark | None:
        return _postmark_of(self.date, self.place) if self.completes and self.date else None


class Year(NamedTuple):
    """Entries of one year, or of one decade, or without a date; `key` says which."""

    key: str
    title: str
    entries: list[EntryView]


class Story(NamedTuple):
    """Entries of a wish, the newest first; how many there are in all, in `total`, the cursor of what is before them.

    The first of them that completes the wish did so for the `number`th time.
    """

    entries: list[EntryView]
    total: int
    before: str | None
    number: int

    @property
    def in_order(self) -> list[EntryView]:
        """As it went: what was afterwards says so, and what has no date comes last."""
        dated = [one for one in reversed(self.entries) if one.date]
        days = [place for place, one in enumerate(dated) if one.completes]
        told = [replace(one, is_afterwards=bool(days) and place > days[0]) for place, one in enumerate(dated)]
        return [*told, *(one for one in reversed(self.entries) if not one.date)]

    @property
    def numbered(self) -> list[tuple[Year, list[int]]]:
        """By year, each with the numbers of its entries; that of a note is 0."""
        left, found = self.number, []
        for year in by_year(self.entries):
            numbers = []
            for entry in year.entries:
                numbers.append(left if entry.completes else 0)
                left -= entry.completes
            found.append((year, numbers))
        return found

    @property
    def number_before(self) -> int:
        """The number of the first that is not shown."""
        return self.number - sum(entry.completes for entry in self.entries)

    @property
    def day(self) -> EntryView | None:
        """The day itself, the last of those that have a date."""
        return next((one for one in self.entries if one.postmark), None)

    @property
    def people(self) -> list[str]:
        """Who was there, on the days themselves."""
        names = [name for one in reversed(self.entries) if one.completes for name in one.people]
        return list(dict.fromkeys(names))[:MOST_NAMES]


def entry_view(row: Row, etag: str = "") -> EntryView:
    """Of an entry by itself, or of a row of those of an item."""
    return _view(EntryOut.to_json_object(row), etag)


def journal_view(row: Row) -> EntryView:
    """Of a row of the journal, which has the name of its item."""
    return _view(JournalEntryOut.to_json_object(row), "")


def _view(entry: dict[str, Any], etag: str) -> EntryView:
    return EntryView(
        id=entry["id"],
        item_id=entry["itemId"],
        item_name=entry.get("itemName", ""),
        completes=entry["completes"],
        title=entry["title"],
        date=entry["date"],
        story=entry["story"],
        people=entry["people"],
        place=entry["place"],
        rating=entry["rating"],
        photo_count=entry["photoCount"],
        created_at=entry["createdAt"],
        etag=etag,
    )


def by_year(entries: Iterable[EntryView]) -> list[Year]:
    """In the order in which they come."""
    return [Year(key, year_title(key), list(found)) for key, found in groupby(entries, key=lambda one: one.year)]


def year_title(key: str) -> str:
    return say_fuzzy(key)[:1].upper() + say_fuzzy(key)[1:] if key else _("No date")


def _postmark_of(text: str, place: str | None) -> Postmark:
    exact = text.removesuffix("~")
    year, *rest = exact.split("-")
    where = (place or "").rpartition(",")[2].strip().upper()
    where = where if len(where) <= LONGEST_IN_MARK else ""
    if exact.endswith("X"):
        return Postmark(where, f"{year[:-1]}0", _("decade").upper())
    middle = _middle_of(rest)
    if exact != text and len(rest) != 2:
        middle = middle or _("about|around|circa|ca.|ca|roughly").partition("|")[0].upper()
    return Postmark(where, middle, year) if middle else Postmark(where, year, "")


def _middle_of(rest: list[str]) -> str:
    """The day and month, the month or the season."""
    if not rest:
        return ""
    month = int(rest[0])
    if month in SEASONS:
        return season_words(month).partition("|")[0].upper()
    name = get_month_names("abbreviated", locale=locale())[month].removesuffix(".").upper()
    return f"{int(rest[1])} {name}" if len(rest) == 2 else name
