"""Fuzzy dates in people’s words, in both directions: “summer 2031”, “the thirties”, “about 1987”, “14. Juni 2031”.

What is read is what people write, and what the service writes itself; it is never guessed at, and never made more exact
than it was. The names of months are those of the locale; seasons and decades are texts of the catalogue, of which each
may have several, separated by `|`, the first of them being the one that is written.
"""

import re
from collections.abc import Iterator
from datetime import date

from babel.dates import format_date, get_date_format, get_month_names

from bucketlist.kit.fuzzy_dates import FuzzyDate
from bucketlist.kit.text import fold
from bucketlist.web.languages import gettext as _
from bucketlist.web.languages import language, locale

SEASONS = (21, 22, 23, 24)
TENS = range(0, 100, 10)
_numeric = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?").fullmatch
_day_first = re.compile(r"(?:(\d{1,2})[./]\s?)?(\d{1,2})[./]\s?(\d{4})").fullmatch
_decade = re.compile(r"(\d{3})x").fullmatch
_day_month_year = re.compile(r"(?:(\d{1,2})(?:\.\s*|\s+))?(?:of\s+)?([^\W\d]+)\.?,?\s+(\d{4})").fullmatch
_month_day_year = re.compile(r"([^\W\d]+)\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})").fullmatch


def read_fuzzy(text: str, today: date, *, looks_back: bool = False) -> str | None:
    """The fuzzy date that somebody has written, as EDTF; None for nothing. “The thirties” are those to come.

    Those before, when it `looks_back` as a memory does. Raises: `ValueError` for what is no date.
    """
    words = fold(" ".join(text.split()))
    if not words or words in _words(_("someday|one day|no date")):
        return None
    is_about, words = _without_about(words)
    for reader in (_read_numbers, _read_season, _read_month):
        if (found := reader(words)) is not None:
            break
    else:
        found = _read_decade(words, today, looks_back=looks_back)
    if found is None:
        raise ValueError("no date")
    return FuzzyDate.parse(f"{found}~" if is_about else found).text


def _words(alternatives: str) -> list[str]:
    return [fold(one) for one in alternatives.split("|")]


def _without_about(words: str) -> tuple[bool, str]:
    """Is it about then? And the rest, without what stands before a time in a sentence."""
    if words.startswith("~"):
        return True, words[1:].strip()
    if (rest := _behind(words, _("about|around|circa|ca.|ca|roughly"))) is not None:
        return True, rest
    if words.endswith("~"):
        return True, words[:-1]
    rest = _behind(words, _("some time in the|some time in|in the|in|on|by"))
    return False, words if rest is None else rest


def _behind(words: str, alternatives: str) -> str | None:
    beginnings = (f"{one} " for one in _words(alternatives))
    return next((words[len(one) :].strip() for one in beginnings if words.startswith(one)), None)


def _read_numbers(words: str) -> str | None:
    if found := _numeric(words):
        year, month, day = found.groups()
        return "-".join(part.zfill(2) for part in (year, month, day) if part)
    if found := _day_first(words):
        day, month, year = found.groups()
        if day is None:
            return f"{year}-{month.zfill(2)}"
        return f"{year}-{month.zfill(2)}-{day.zfill(2)}" if language() != "en" else None  # 4/6 is June or April there
    forms = [form.split("%(decade)s") for form in _words(decade_forms())]
    patterns = [re.escape(before) + r"(\d{3})0" + re.escape(after) for before, after in forms]
    matches = (_decade(words), *(re.fullmatch(pattern, words) for pattern in patterns))
    return next((f"{found[1]}X" for found in matches if found), None)


def decade_forms() -> str:
    """How a decade is written with its number."""
    return _("the %(decade)ss|%(decade)ss")


def _read_season(words: str) -> str | None:
    season, _space, year = words.rpartition(" ")
    if not re.fullmatch(r"\d{4}", year):
        return None
    return next((f"{year}-{number}" for number in SEASONS if season in _words(season_words(number))), None)


def season_words(number: int) -> str:
    return {21: _("spring|springtime"), 22: _("summer"), 23: _("autumn|fall"), 24: _("winter")}[number]


def _read_month(words: str) -> str | None:
    if found := _day_month_year(words):
        day, name, year = found.groups()
    elif found := _month_day_year(words):
        name, day, year = found.groups()
    else:
        return None
    month = next((number for number, named in _months() if named == name or _is_short_for(name, named)), None)
    if month is None:
        return None
    return f"{year}-{month:02}" + (f"-{int(day):02}" if day else "")


def _is_short_for(name: str, month: str) -> bool:
    return len(name) >= 3 and month.startswith(name)


def _months() -> Iterator[tuple[int, str]]:
    """The names of months in this language, and in English."""
    for spoken in (locale(), "en"):
        for number, name in get_month_names("wide", locale=spoken).items():
            yield number, fold(name)


def decade_words(tens: int) -> str:
    """Of the decade that begins with these tens, without its century."""
    return {
        0: _("the noughties"),
        10: _("the tens|the 10s"),
        20: _("the twenties|the 20s"),
        30: _("the thirties|the 30s"),
        40: _("the forties|the 40s"),
        50: _("the fifties|the 50s"),
        60: _("the sixties|the 60s"),
        70: _("the seventies|the 70s"),
        80: _("the eighties|the 80s"),
        90: _("the nineties|the 90s"),
    }[tens]


def _read_decade(words: str, today: date, *, looks_back: bool) -> str | None:
    """The nearest such decade that is not over, or that has begun."""
    for tens in TENS:
        named = _words(decade_words(tens))
        if words in named or words in [name.partition(" ")[2] for name in named]:
            present = today.year // 10 * 10
            years = range(present, present - 100, -10) if looks_back else range(present, present + 100, 10)
            return next(f"{year // 10}X" for year in years if year % 100 == tens)
    return None


def say_fuzzy(text: str) -> str:
    """A fuzzy date in the words of the language, as exact as it is: what `read_fuzzy` reads as the same."""
    exact = text.removesuffix("~")
    words = _say_exact(exact)
    return words if exact == text else _("about %(date)s") % {"date": words}


def _say_exact(exact: str) -> str:
    if exact.endswith("X"):
        return decade_forms().partition("|")[0] % {"decade": f"{exact[:-1]}0"}
    year, *rest = exact.split("-")
    if not rest:
        return year
    month = int(rest[0])
    if month in SEASONS:
        season = season_words(month).partition("|")[0]
        return _("%(season)s %(year)s") % {"season": season, "year": year}
    if len(rest) == 1:
        return f"{get_month_names('wide', 'stand-alone', locale=locale())[month]} {year}"
    form = get_date_format("long", locale=locale()).pattern.replace("y", "yyyy")  # years before 1000 as well
    return format_date(date(int(year), month, int(rest[1])), form, locale=locale())


def say_when(text: str | None) -> str:
    """As a sentence that is shown back to whoever typed it."""
    if text is None:
        return _("Someday")
    words, parts = say_fuzzy(text), text.split("-")
    if text.endswith("~"):
        return words[0].upper() + words[1:]
    if text.endswith("X"):
        return _("Some time in the %(decade)ss") % {"decade": f"{text[:-1]}0"}
    if len(parts) == 3:
        return _("On %(day)s") % {"day": words}
    return _say_some_time(words, parts)


def _say_some_time(words: str, parts: list[str]) -> str:
    if len(parts) == 1:
        return _("Some time in %(year)s") % {"year": words}
    if int(parts[1]) in SEASONS:
        return _("Some time in %(season)s") % {"season": words}
    return _("Some time in %(month)s") % {"month": words}
