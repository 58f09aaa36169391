"""HTML forms of wishes and lists: from what people type to the schemas of the API, and back; errors by field."""

import csv
import io
import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from bucketlist.kit.errors import Invalid, Refusal
from bucketlist.web.form import Form
from bucketlist.web.fuzzy_words import read_fuzzy
from bucketlist.web.wishes import WishView
from bucketlist.web.words import field_words, refusal_words

Schema = TypeVar("Schema", bound=BaseModel)
T = TypeVar("T")
Errors = dict[str, str]  # what is wrong, by the field of the form; under "" what is wrong as a whole

FIELDS = {  # of a schema, as forms call them
    "description": "notes",
    "bucketId": "list",
    "currentPassword": "password",
    "dateBefore": "before",
    "dateAfter": "after",
}
_step = re.compile(r"\s*(?:[-*]\s*)?(?:\[(?P<tick>[ xX✓✔])\]\s*)?(?P<text>.*\S)\s*").fullmatch


class Mistaken(Exception):
    """A form that cannot be taken as it is: what is wrong, by field."""

    def __init__(self, errors: Errors, status: int = 422) -> None:
        super().__init__(errors)
        self.errors = errors
        self.status = status

    @property
    def sentence(self) -> str:
        return " ".join(self.errors.values())


def validate(schema: type[Schema], fields: Mapping[str, Any], wrong: Errors | None = None) -> Schema:
    """The fields as `schema` has them. Raises: `Mistaken`, with what was found `wrong` before."""
    try:
        found = schema.model_validate(fields)
    except ValidationError as error:
        told = {_field_of(one["loc"]): field_words(one) for one in reversed(error.errors(include_input=False))}
        raise Mistaken({**told, **(wrong or {})}) from None
    if wrong:
        raise Mistaken(wrong)
    return found


def attempted(work: Callable[[], T]) -> T:
    """What `work` gives. Raises: `Mistaken` for what the form has to tell, and any refusal that leads elsewhere."""
    try:
        return work()
    except Refusal as refusal:
        if refusal.status in (401, 404, 412, 503) or refusal.status >= 500:
            raise
        raise Mistaken({_field_of_refusal(refusal): refusal_words(refusal)}, refusal.status) from refusal


def _field_of(location: tuple[str | int, ...]) -> str:
    """A field of an entry that goes with a wish is called so in the form."""
    name = str(location[0]) if location else ""
    return f"entry-{location[1]}" if name == "entry" and location[1:] else FIELDS.get(name, name)


def _field_of_refusal(refusal: Refusal) -> str:
    pointer = refusal.errors[0].get("pointer", "") if isinstance(refusal, Invalid) and refusal.errors else ""
    return _field_of((pointer.removeprefix("/"),)) if refusal.code != "wrong_password" else "password"


def wish_fields(sent: Form, today: date) -> tuple[dict[str, Any], Errors]:
    """The fields of an item, of those that the form has; and what is wrong with a time already."""
    fields: dict[str, Any] = {"name": sent.text("name")}
    wrong: Errors = {}
    if sent.has("target"):
        try:
            fields["target"] = read_fuzzy(sent.text("target"), today)
        except ValueError:
            wrong["target"] = field_words({"type": "fuzzy_date", "msg": ""})
    readers: dict[str, tuple[str, Callable[[str], Any]]] = {
        "notes": ("description", str),
        "place": ("place", str),
        "tags": ("tags", read_tags),
        "times": ("times", lambda text: _read_number(text, wrong)),
        "steps": ("steps", read_steps),
        "links": ("links", read_links),
    }
    fields |= {key: reader(sent.text(name)) for name, (key, reader) in readers.items() if sent.has(name)}
    return fields, wrong


def _read_number(text: str, wrong: Errors) -> int:
    digits = text.strip() or "1"
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10):
        wrong["times"] = field_words({"type": "int_parsing", "msg": ""})
        return 1
    return int(digits)


def read_tags(text: str) -> list[str]:
    """Names between commas, in quotes where one has a comma itself; a `#` before one says nothing."""
    parts = next(csv.reader([" ".join(text.split("\n"))], skipinitialspace=True), [])
    return [name for part in parts if (name := part.strip().removeprefix("#").strip())]


def write_tags(tags: list[str]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="").writerow(tags)
    return written.getvalue().replace(",", ", ") if not any("," in tag for tag in tags) else written.getvalue()


def read_steps(text: str) -> list[dict[str, Any]]:
    """A line each; `[x]` before one that is done."""
    found = filter(None, (_step(line) for line in text.split("\n")))
    return [{"text": one["text"], "done": (one["tick"] or " ") != " "} for one in found]


def read_links(text: str) -> list[dict[str, Any]]:
    """A line each: an address, and behind it what it is called."""
    found = (line.split(maxsplit=1) for line in text.split("\n") if line.strip())
    return [{"url": url, "title": " ".join(title) or None} for url, *title in found]


def write_wish(wish: WishView) -> dict[str, str]:
    """A wish as the fields of its form have it."""
    return {
        "name": wish.name,
        "list": wish.list_id,
        "target": wish.when,
        "place": wish.place or "",
        "times": str(wish.times),
        "tags": write_tags(wish.tags),
        "notes": wish.notes or "",
        "steps": "\n".join(f"[{'x' if step['done'] else ' '}] {step['text']}" for step in wish.steps),
        "links": "\n".join(f"{link['url']} {link['title'] or ''}".strip() for link in wish.links),
        "etag": wish.etag,
    }
