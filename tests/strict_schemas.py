"""A small reader of JSON schemas that is stricter than most: all fields are there, no other is, formats hold.

It knows the words that our document uses, and fails on any other, so that nothing is passed over in silence.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

Schema = Mapping[str, Any]

TYPES: dict[str, Callable[[object], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: type(value) is int,
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
}
FORMATS: dict[str, Callable[[str], object]] = {
    "uuid": lambda text: re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", text),
    "date-time": lambda text: re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", text),
    "uri-reference": lambda text: urlsplit(text).path.startswith("/v1/"),
}
CHECKS: dict[str, Callable[[Any, Any], object]] = {
    "type": lambda meaning, value: TYPES[meaning](value),
    "enum": lambda meaning, value: value in meaning,
    "const": lambda meaning, value: value == meaning,
    "format": lambda meaning, value: not isinstance(value, str) or FORMATS[meaning](value),
    "required": lambda *_: True,  # told by the fields
    "additionalProperties": lambda *_: True,
}
SILENT = {"title", "description", "examples", "default"}


class SchemaReader:
    """Holds values against the schemas of one document."""

    def __init__(self, document: Schema) -> None:
        self._document = document

    def faults(self, schema: Schema, value: Any, place: str = "") -> Iterator[str]:
        """What is wrong with `value`, each with its place."""
        for word, meaning in schema.items():
            if word not in SILENT:
                yield from self._faults_of(word, meaning, schema, value, place)

    def _faults_of(self, word: str, meaning: Any, schema: Schema, value: Any, place: str) -> Iterator[str]:
        if word == "$ref":
            yield from self.faults(self._find(meaning), value, place)
        elif word == "items":
            for number, one in enumerate(value):
                yield from self.faults(meaning, one, f"{place}/{number}")
        elif word == "properties":
            yield from self._faults_of_fields(meaning, schema, value, place)
        elif word == "anyOf":
            if all(any(True for _ in self.faults(one, value, place)) for one in meaning):
                yield f"{place}: none of {meaning}"
        elif word not in CHECKS or not CHECKS[word](meaning, value):
            yield f"{place}: {word} {meaning}"

    def _faults_of_fields(self, fields: Schema, schema: Schema, value: Any, place: str) -> Iterator[str]:
        if schema.get("additionalProperties") is not False or schema.get("required") != list(fields):
            yield f"{place}: the schema lets fields be absent, or others be there"
        if list(value) != list(fields):
            yield f"{place}: has {list(value)}, not {list(fields)}"
        for name in fields.keys() & value.keys():
            yield from self.faults(fields[name], value[name], f"{place}/{name}")

    def _find(self, reference: str) -> Schema:
        found: Schema = self._document
        for name in reference.removeprefix("#/").split("/"):
            found = found[name]
        return found
