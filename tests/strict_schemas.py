"""A small reader of JSON schemas that is stricter than most: all fields are there, no other is, formats hold.

The document leaves answers open, so that clients pass over fields that are added; for our own answers that will not do.
It knows the words that our document uses, and fails on any other, so that nothing is passed over in silence.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from bucketlist.kit.http.openapi import ApiApp
from tests.routes import Route, template_of

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
    "uri-reference": lambda text: urlsplit(text).path.startswith(("/v1/", "/problems/")),
}
CHECKS: dict[str, Callable[[Any, Any], object]] = {
    "type": lambda meaning, value: any(
        TYPES[one](value) for one in ([meaning] if isinstance(meaning, str) else meaning)
    ),
    "enum": lambda meaning, value: value in meaning,
    "const": lambda meaning, value: value == meaning,
    "format": lambda meaning, value: not isinstance(value, str) or FORMATS[meaning](value),
    "required": lambda *_: True,  # told by the fields
}
SILENT = {"description", "examples"}
MAY_BE_ABSENT = {"errors", "parent", "pointer", "parameter"}  # of a problem: only on 422, and one of the two
LATER = {"type": "string"}  # a code that is added later: clients take it, and a test here wants those that are known


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
            if all(any(True for _ in self.faults(one, value, place)) for one in meaning if one != LATER):
                yield f"{place}: none of {meaning}"
        elif word not in CHECKS or not CHECKS[word](meaning, value):
            yield f"{place}: {word} {meaning}"

    def _faults_of_fields(self, fields: Schema, schema: Schema, value: Any, place: str) -> Iterator[str]:
        optional = fields.keys() - set(schema["required"])
        if optional - MAY_BE_ABSENT:
            yield f"{place}: the schema lets fields be absent: {optional}"
        if list(value) != [name for name in fields if name in value or name not in optional]:
            yield f"{place}: has {list(value)}, not {list(fields)}"
        for name in fields.keys() & value.keys():
            yield from self.faults(fields[name], value[name], f"{place}/{name}")

    def resolve(self, part: Schema) -> Schema:
        """What `part` refers to, or itself."""
        return self._find(part["$ref"]) if "$ref" in part else part

    def _find(self, reference: str) -> Schema:
        found: Schema = self._document
        for name in reference.removeprefix("#/").split("/"):
            found = found[name]
        return found


def referred(part: Any, document: Schema) -> set[str]:
    """The names of the schemas of objects that `part` of the document refers to, by however many steps."""
    found: set[str] = set()
    waiting = [part]
    while waiting:
        one = waiting.pop()
        waiting += one.values() if isinstance(one, dict) else one if isinstance(one, list) else []
        reference = one.get("$ref", "") if isinstance(one, dict) else ""
        name = reference.rpartition("/")[2]
        if reference and name not in found:
            target = SchemaReader(document).resolve(one)
            waiting.append(target)
            if "properties" in target:
                found.add(name)
    return found


def body_schema(app: ApiApp, route: Route) -> Schema:
    """What the document says of the body of a route; what its fields refer to is in its place."""
    document = json.loads(app.document_json)
    operation = document["paths"][template_of(route.rule)][route.method.lower()]
    reader = SchemaReader(document)
    schema = reader.resolve(operation["requestBody"]["content"]["application/json"]["schema"])
    return {**schema, "properties": {name: reader.resolve(field) for name, field in schema["properties"].items()}}


def sent(document: Schema) -> set[str]:
    """The names of the schemas of bodies that clients send."""
    return referred([one.get("requestBody", {}) for one in operations(document)], document)


def answered(document: Schema) -> set[str]:
    """The names of the schemas of what the service answers, errors among them."""
    return referred([one["responses"] for one in operations(document)], document)


def operations(document: Schema) -> list[Schema]:
    return [operation for methods in document["paths"].values() for operation in methods.values()]
