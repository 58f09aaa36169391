"""HTML pages of the journal: the entries of all wishes by year, with search and filters in the address."""

from typing import Any

from flask import Response, request, url_for

from bucketlist.auth.guard import actor
from bucketlist.entries import service as entries
from bucketlist.entries.schemas import JournalQuery
from bucketlist.kit.errors import Invalid, NotFound
from bucketlist.web.blueprint import read
from bucketlist.web.finding import find_lists, with_photos
from bucketlist.web.fuzzy_words import read_fuzzy, say_fuzzy
from bucketlist.web.look import today
from bucketlist.web.pages import page
from bucketlist.web.stories import by_year, journal_view
from bucketlist.web.wish_forms import Errors, Mistaken, validate
from bucketlist.web.words import field_words

PAGE = 50
ASKED = ("q", "person", "completes", "after", "before")
YEARS, DECADES = 8, 12  # that are offered to jump to
LAST_YEAR = 9999


@read("/journal")
def read_journal() -> Response:
    """Everything that was written down, newest first."""
    return journal_page("")


@read("/journal/<year>")
def read_journal_year(year: str) -> Response:
    """From the end of a year on, backwards."""
    if not (len(year) == 4 and year.isascii() and year.isdigit() and year != "0000"):
        raise NotFound
    return journal_page(year)


def journal_page(year: str) -> Response:
    """What was found; what cannot be asked for is told beside its field."""
    person, asked = actor(), {name: request.args.get(name, "").strip() for name in ASKED}
    values: dict[str, Any] = {"lists": find_lists(person), "asked": asked, "year": year, "errors": {}}
    values |= {"jumps": jumps(entries.find_years(person), asked), "journal_address": journal_address}
    try:
        found = entries.list_journal(person, _query_of(asked, year))
    except Mistaken as mistake:
        values["errors"] = mistake.errors
        return page("journal.html", 422, person=person, found=None, years=[], names=[], **values)
    except Invalid:  # a cursor of another list
        raise NotFound from None
    shown = with_photos(person, [journal_view(row) for row in found.rows])
    names = sorted({name for entry in shown for name in entry.people})
    return page("journal.html", person=person, found=found, years=by_year(shown), names=names, **values)


def _query_of(asked: dict[str, str], year: str) -> JournalQuery:
    """Raises: `Mistaken`."""
    wrong: Errors = {}
    wanted = {"limit": str(PAGE), "q": asked["q"], "person": asked["person"], "cursor": request.args.get("cursor")}
    wanted["completes"] = asked["completes"] if asked["completes"] in ("true", "false") else ""
    for name, parameter in (("after", "dateAfter"), ("before", "dateBefore")):
        try:
            wanted[parameter] = read_fuzzy(asked[name], today(), looks_back=True)
        except ValueError:
            wrong[name] = field_words({"type": "fuzzy_date", "msg": ""})
    if year and int(year) < LAST_YEAR:
        wanted["dateBefore"] = f"{int(year) + 1:04}"
    return validate(JournalQuery, {name: value for name, value in wanted.items() if value}, wrong)


def journal_address(asked: dict[str, str], year: str = "", cursor: str | None = None) -> str:
    wanted: dict[str, Any] = {name: value for name, value in {**asked, "cursor": cursor}.items() if value}
    return url_for("web.read_journal_year", year=year, **wanted) if year else url_for("web.read_journal", **wanted)


def jumps(ends: tuple[int, int] | None, asked: dict[str, str]) -> list[tuple[str, str, str]]:
    """Years to jump to, and before them decades: what each is called, its year, its address. None of few years."""
    if ends is None or ends[0] == ends[1]:
        return []
    first, last = ends
    years = [(str(year), f"{year:04}") for year in range(last, max(first, last - YEARS + 1) - 1, -1)]
    newest = (last - YEARS) // 10 if last - YEARS >= first else -1
    decades = range(newest, max(first // 10, newest - DECADES + 1) - 1, -1)
    older = [(say_fuzzy(f"{one:03}X"), f"{min(one * 10 + 9, last - YEARS):04}") for one in decades if one > 0]
    return [(name, year, journal_address(asked, year)) for name, year in (*years, *older)]
