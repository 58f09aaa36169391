"""HTML forms of entries: from what people type to the schemas of the API, and back."""

import csv
from datetime import date, timedelta
from typing import Any

from bucketlist.kit.ids import new_id
from bucketlist.web.form import Form
from bucketlist.web.fuzzy_words import read_fuzzy, say_fuzzy
from bucketlist.web.languages import gettext as _
from bucketlist.web.look import today
from bucketlist.web.stories import EntryView
from bucketlist.web.wish_forms import Errors, write_tags
from bucketlist.web.words import field_words

TEXTS = ("title", "story", "place")
RATINGS = ("5", "4", "3", "2", "1")


def entry_fields(sent: Form, prefix: str = "") -> tuple[dict[str, Any], Errors]:
    """The fields of an entry, but for its id, and what is wrong with them already, by the field of the form."""
    wrong: Errors = {}
    fields: dict[str, Any] = {name: sent.text(prefix + name) for name in TEXTS}
    fields["people"] = read_people(sent.text(f"{prefix}people"))
    try:
        fields["date"] = read_fuzzy(sent.text(f"{prefix}date"), today(), looks_back=True)
    except ValueError:
        wrong[f"{prefix}date"] = _(
            "This is no time that we can read. Try 14 June 2019, June 2019, summer 2019, the eighties, or about 1987."
        )
    rating = sent.text(f"{prefix}rating")
    if rating in RATINGS:
        fields["rating"] = int(rating)
    elif rating:
        wrong[f"{prefix}rating"] = field_words({"type": "int_parsing", "msg": ""})
    return fields, wrong


def is_nothing(fields: dict[str, Any]) -> bool:
    """Was nothing written but perhaps when it was?"""
    return not (fields["people"] or fields.get("rating") or any(fields[name].strip() for name in TEXTS))


def read_people(text: str) -> list[str]:
    """Names between commas, in quotes where one has a comma itself."""
    parts = next(csv.reader([" ".join(text.split("\n"))], skipinitialspace=True), [])
    return [name for part in parts if (name := part.strip())]


def write_entry(entry: EntryView) -> dict[str, str]:
    """An entry as the fields of its form have it."""
    return {
        "title": entry.title or "",
        "date": entry.when,
        "story": entry.story or "",
        "people": write_tags(entry.people),
        "place": entry.place or "",
        "rating": str(entry.rating or ""),
        "completes": "yes" if entry.completes else "",
        "etag": entry.etag,
    }


def empty_entry(*, completes: bool) -> dict[str, str]:
    """A form that is still to be filled in: of today, with an id, so that what is sent twice is saved once."""
    return {"id": new_id(), "date": say_fuzzy(today().isoformat()), "completes": "yes" if completes else ""}


def near_days() -> list[tuple[str, str]]:
    """Dates that one often means, to be filled in by a tap: what each is called, and the date in words."""
    now = today()
    season = season_of(now)
    return [
        (_("Today"), say_fuzzy(now.isoformat())),
        (_("Yesterday"), say_fuzzy((now - timedelta(days=1)).isoformat())),
        (say_fuzzy(season)[:1].upper() + say_fuzzy(season)[1:], say_fuzzy(season)),
        (_("No date"), ""),
    ]


def season_of(day: date) -> str:
    """The fuzzy date of the season in which a day is, as the northern half of the world has it."""
    number = (day.month % 12) // 3
    return f"{day.year - (day.month < 3)}-{24 if number == 0 else 20 + number}"
