"""What a client could notice between two JSON Schemas: of what it sends, and of what it is answered.

What is sent may be taken more widely, never more narrowly; what is answered may be promised more narrowly, never more
widely. A field more is no matter where the schema is open. What this cannot judge it refuses.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Schema = Mapping[str, Any]
Direction = Literal["sent", "answered"]

UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
EXACT = ("pattern", "format", "multipleOf", "uniqueItems", "dependentRequired", "contentEncoding", "contentMediaType")
JUDGED = {"type", "enum", "const", "anyOf", "properties", "required", "additionalProperties", "items", "default"}
SILENT = {"description", "examples", "example", "title", "deprecated", "$ref"}
NAMES = {bool: "boolean", int: "integer", float: "number", str: "string", type(None): "null"}


@dataclass
class SchemaGrowth:
    """Compares the schemas of two documents."""

    old: Mapping[str, Any]
    new: Mapping[str, Any]

    def broken(self, old: Schema, new: Schema, direction: Direction, place: str) -> Iterator[str]:
        """A sentence for each promise of `old` that `new` does not keep."""
        yield from self._broken(old, new, direction, place, frozenset())

    def _broken(
        self, old: Schema, new: Schema, direction: Direction, place: str, seen: frozenset[tuple[str, str]]
    ) -> Iterator[str]:
        pair = (str(old.get("$ref")), str(new.get("$ref")))
        if "$ref" in old and pair in seen:
            return
        old, new, seen = resolve(self.old, old), resolve(self.new, new), seen | {pair}
        wide, narrow = (new, old) if direction == "sent" else (old, new)
        documents = (self.new, self.old) if direction == "sent" else (self.old, self.new)
        verb = "is no longer taken" if direction == "sent" else "may now be answered"
        yield from _types(types_of(documents[0], wide), types_of(documents[1], narrow), verb, place)
        yield from _values(values_of(documents[0], wide), values_of(documents[1], narrow), verb, place)
        yield from _limits(wide, narrow, direction, place)
        yield from _words(old, new, direction, place)
        yield from self._choices(old, new, place)
        yield from self._fields(old, new, direction, place, seen)
        if "items" in old and "items" in new:
            yield from self._broken(old["items"], new["items"], direction, f"{place}/*", seen)

    def _choices(self, old: Schema, new: Schema, place: str) -> Iterator[str]:
        """Types and values of choices are compared; what else is said in one is not."""
        choices = [
            [resolve(self.old, one) for one in old.get("anyOf", ())],
            [resolve(self.new, one) for one in new.get("anyOf", ())],
        ]
        said = {word for choice in [*choices[0], *choices[1]] for word in choice} - SILENT - {"type", "enum", "const"}
        if said and choices[0] != choices[1]:
            yield f"{place}: anyOf has changed, which cannot be judged here"

    def _fields(
        self, old: Schema, new: Schema, direction: Direction, place: str, seen: frozenset[tuple[str, str]]
    ) -> Iterator[str]:
        before, after = old.get("properties", {}), new.get("properties", {})
        was_required, is_required = set(old.get("required", ())), set(new.get("required", ()))
        for name in sorted(before.keys() - after.keys()):
            yield f"{place}/{name}: the field is gone"
        for name in sorted(is_required - was_required if direction == "sent" else set()):
            yield f"{place}/{name}: the field is required now"
        for name in sorted((was_required - is_required) & after.keys() if direction == "answered" else set()):
            yield f"{place}/{name}: the field may be absent now"
        if new.get("additionalProperties") is False and old.get("additionalProperties") is not False and before:
            yield f"{place}: no other fields are let in any more"
        for name in sorted(before.keys() & after.keys()):
            yield from self._broken(before[name], after[name], direction, f"{place}/{name}", seen)


def resolve(document: Mapping[str, Any], part: Schema) -> Schema:
    """What `part` refers to, with the words that stand beside the reference."""
    while "$ref" in part:
        target: Any = document
        for name in part["$ref"].removeprefix("#/").split("/"):
            target = target[name]
        part = {**target, **{word: meaning for word, meaning in part.items() if word != "$ref"}}
    return part


def types_of(document: Mapping[str, Any], schema: Schema) -> set[str] | None:
    """The types that a value may have; None for any."""
    schema = resolve(document, schema)
    if "anyOf" in schema:
        choices = [types_of(document, choice) for choice in schema["anyOf"]]
        return None if None in choices else {name for choice in choices for name in choice or ()}
    if "type" in schema:
        return {schema["type"]} if isinstance(schema["type"], str) else set(schema["type"])
    values = values_of(document, schema)
    return None if values is None else {NAMES[type(value)] for value in values}


def values_of(document: Mapping[str, Any], schema: Schema) -> set[Any] | None:
    """The values that there may be; None where they are not counted up."""
    schema = resolve(document, schema)
    if "anyOf" in schema:
        choices = [values_of(document, choice) for choice in schema["anyOf"]]
        return None if None in choices else {value for choice in choices for value in choice or ()}
    if "const" in schema:
        return {schema["const"]}
    if schema.get("type") == "null":
        return {None}
    return set(schema["enum"]) if "enum" in schema else None


def _types(wide: set[str] | None, narrow: set[str] | None, verb: str, place: str) -> Iterator[str]:
    if wide is None:
        return
    allowed = wide | ({"integer"} if "number" in wide else set())
    for name in sorted({"any type"} if narrow is None else narrow - allowed):
        yield f"{place}: {name} {verb}"


def _values(wide: set[Any] | None, narrow: set[Any] | None, verb: str, place: str) -> Iterator[str]:
    if wide is None:
        return
    for value in ["any other value"] if narrow is None else sorted(narrow - wide, key=str):
        yield f"{place}: {value} {verb}"


def _limits(wide: Schema, narrow: Schema, direction: Direction, place: str) -> Iterator[str]:
    for word in (*UPPER, *LOWER):
        if word not in wide:
            continue
        sign = 1 if word in UPPER else -1
        if word not in narrow or narrow[word] * sign > wide[word] * sign:
            yield f"{place}: {word} is {'narrower' if direction == 'sent' else 'wider'} than it was"


def _words(old: Schema, new: Schema, direction: Direction, place: str) -> Iterator[str]:
    for word in EXACT:
        strict = new if direction == "sent" else old  # whose word is a promise that the other has to keep
        if word in strict and old.get(word) != new.get(word):
            yield f"{place}: {word} has changed"
    if direction == "sent" and old.get("default") != new.get("default"):
        yield f"{place}: what its absence means has changed"
    for word in sorted((old.keys() | new.keys()) - JUDGED - SILENT - {*UPPER, *LOWER, *EXACT}):
        if old.get(word) != new.get(word):
            yield f"{place}: {word} has changed, which cannot be judged here"
