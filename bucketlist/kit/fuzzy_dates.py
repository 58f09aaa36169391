"""Fuzzy dates (EDTF): a date as exact as somebody knows it, the days that it covers, and one order of all of them.

`2031-06-14`, `2031-06`, `2031`, a season `2031-21` … `2031-24`, a decade `203X`; each with a `~` behind it for “about”.
A season is as the northern half of the world has it: spring begins in March, and winter ends with February of the next
year. Days are counted from 0001-01-01, which is 1, so that both databases compare them as numbers.

Source: ISO 8601-2:2019; Library of Congress, Extended Date/Time Format, levels 0 and 1, and decades as of level 2.
"""

import re
from calendar import isleap, monthrange
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum

LONGEST = len("2031-06-14~")
YEAR = "(?:[0-9]{3}[1-9]|[0-9]{2}[1-9]0|[0-9][1-9]00|[1-9]000)"
LEAP_YEAR = "(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:0[48]|[2468][048]|[13579][26])00)"
LONG_MONTH, SHORT_MONTH = "(?:0[13578]|1[02])-31", "(?:0[13-9]|1[0-2])-(?:29|30)"  # their last days
DAY = rf"(?:{YEAR}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])|{SHORT_MONTH}|{LONG_MONTH})|{LEAP_YEAR}-02-29)"
MONTH_OR_SEASON = rf"{YEAR}-(?:0[1-9]|1[0-2]|2[1-4])"
DECADE = "(?:[0-9]{2}[1-9]|[0-9][1-9]0|[1-9]00)X"
PATTERN = f"^(?:{DAY}|{MONTH_OR_SEASON}|{YEAR}|{DECADE})~?$"
EXAMPLES = ("2031-06-14", "2031-06", "2031", "2031-22", "203X", "2031~")

NO_RANK = 2**31 - 1  # behind that of every fuzzy date
WINTER = 24
MONTHS_BEFORE_SEASON = 3 * (21 - 1)  # 21 begins with month 3, 22 with 6

_is_fuzzy_date = re.compile(PATTERN[1:-1]).fullmatch


class Kind(IntEnum):
    """How long it is: of two that end on one day, the shorter kind is the shorter interval."""

    DAY, MONTH, SEASON, YEAR, DECADE = range(5)


@dataclass(frozen=True, order=True, slots=True)
class FuzzyDate:
    """A fuzzy date. They are ordered by their last day; then the shorter comes first; then “exactly” before “about”."""

    rank: int  # its place in the order of all: no two texts have the same
    text: str = field(compare=False)
    first: int = field(compare=False)  # the number of the first day
    last: int = field(compare=False)

    @classmethod
    def parse(cls, text: str) -> "FuzzyDate":
        """Raises: `ValueError` for what is no fuzzy date, or of no calendar."""
        if len(text) > LONGEST or not _is_fuzzy_date(text):
            raise ValueError("not a fuzzy date")
        exact = text.removesuffix("~")
        kind, first, last = _interval(exact)
        return cls((last * len(Kind) + kind) * 2 + (exact != text), text, first, last)

    def is_before(self, other: "FuzzyDate") -> bool:
        """Is its last day before the first day of `other`?"""
        return self.last < other.first

    def is_after(self, other: "FuzzyDate") -> bool:
        """Is its first day after the last day of `other`?"""
        return self.first > other.last


def first_rank(day: int) -> int:
    """The rank that is not beyond any fuzzy date that ends on `day`: what ends before it has a lower one."""
    return day * len(Kind) * 2


def last_day(rank: int) -> date:
    """The last day of the fuzzy date that has this rank; a winter of 9999 ends with its December here."""
    return date.fromordinal(min(rank // (len(Kind) * 2), date.max.toordinal()))


def _interval(exact: str) -> tuple[Kind, int, int]:
    """The kind, the first and the last day of a fuzzy date that is known to be one, without its `~`."""
    if exact.endswith("X"):
        decade = int(exact[:-1]) * 10
        return Kind.DECADE, _first_day(decade, 1), _last_day(decade + 9, 12)
    year, *rest = map(int, exact.split("-"))
    if not rest:
        return Kind.YEAR, _first_day(year, 1), _last_day(year, 12)
    if len(rest) == 2:
        day = date(year, *rest).toordinal()
        return Kind.DAY, day, day
    month = rest[0]
    return _season(year, month) if month > 12 else (Kind.MONTH, _first_day(year, month), _last_day(year, month))


def _season(year: int, season: int) -> tuple[Kind, int, int]:
    month = 3 * season - MONTHS_BEFORE_SEASON
    if season == WINTER:  # that of 9999 ends in a year that `date` does not have
        return Kind.SEASON, _first_day(year, month), _last_day(year, month) + 31 + 28 + isleap(year + 1)
    return Kind.SEASON, _first_day(year, month), _last_day(year, month + 2)


def _first_day(year: int, month: int) -> int:
    return date(year, month, 1).toordinal()


def _last_day(year: int, month: int) -> int:
    return date(year, month, monthrange(year, month)[1]).toordinal()
