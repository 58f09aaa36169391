"""Dates and times of day in words, by locale, where the reader is."""

from datetime import datetime

from babel.dates import format_date, format_skeleton, format_time

from bucketlist.kit import clock
from bucketlist.web.languages import gettext as _
from bucketlist.web.languages import locale
from bucketlist.web.look import zone

MORNING, NOON, EVENING = 5, 12, 18  # hours


def greeting(moment: datetime) -> str:
    if MORNING <= moment.hour < NOON:
        return _("Good morning")
    return _("Good afternoon") if NOON <= moment.hour < EVENING else _("Good evening")


def say_day(moment: datetime | str, *, is_short: bool = False) -> str:
    """“12 August 2026”; a moment as the API has it is one of the reader’s days. Short, without the year."""
    where = clock.from_text(moment).astimezone(zone()) if isinstance(moment, str) else moment
    if is_short:
        return format_skeleton("MMMMEEEEd", where, locale=locale())
    return format_date(where, "long", locale=locale())


def say_moment(text: str) -> str:
    """“13 August 2026, 07:40”, where the reader is."""
    where = clock.from_text(text).astimezone(zone())
    return f"{format_date(where, 'long', locale=locale())}, {format_time(where, 'short', locale=locale())}"


def machine_date(text: str | None) -> str:
    """A fuzzy date as HTML can tell it to a program; nothing for seasons, decades and “about”."""
    known = text or ""
    return known if known.replace("-", "").isdigit() and known[5:7] <= "12" else ""
