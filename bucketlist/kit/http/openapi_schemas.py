"""JSON Schemas of the OpenAPI document as a person would write them: one pass over what the libraries make of models.

Generators make clients of them, so each of their quirks would be a quirk of somebody's code: the title of each field
becomes the name of a type, `default` a field that is always there, `1.0` a float, a choice written in place a new
enumeration for each place.

Source: JSON Schema 2020-12, https://json-schema.org/draft/2020-12; OpenAPI 3.1.1 section 4.8.24.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from bucketlist.kit.errors import all_refusals

Schema = dict[str, Any]

REFERENCE = "#/components/schemas/"
NULL = {"type": "null"}
OPEN_CODES = ("ProblemCode", "FieldErrorCode")  # enumerations to which later versions add
# The order in which a person reads a schema; what is not here comes last.
WORDS = ("$ref", "type", "anyOf", "format", "description", "required", "properties", "additionalProperties", "items")


def tidy_schemas(document: dict[str, Any], field_errors: Iterable[str]) -> None:
    """Put every schema of the document in order, and add the enumerations that have a name of their own."""
    schemas = document["components"]["schemas"]
    named = _codes(field_errors)
    for schema in [*schemas.values(), *_schemas_of_parameters(document)]:
        _tidy(schema, named)
    schemas |= named
    for name in _bodies(document):
        for part in _parts_of(name, schemas):
            _finish_body(schemas[part])
    document["components"]["schemas"] = {name: schemas[name] for name in sorted(schemas)}


def _codes(field_errors: Iterable[str]) -> dict[str, Schema]:
    """What a program decides by when it is refused. Each new way to be refused adds one."""
    codes = ({refusal.code for refusal in all_refusals()}, set(field_errors))
    return {name: {"type": "string", "enum": sorted(values)} for name, values in zip(OPEN_CODES, codes, strict=True)}


def _schemas_of_parameters(document: dict[str, Any]) -> Iterator[Schema]:
    for methods in document["paths"].values():
        for operation in methods.values():
            for parameter in operation.get("parameters", ()):
                schema = parameter["schema"]
                schema.pop("description", None)  # the parameter has it
                _refuse_null(schema)
                yield schema


def _bodies(document: dict[str, Any]) -> list[str]:
    """The names of the schemas that are sent."""
    bodies = [
        content["schema"]["$ref"].removeprefix(REFERENCE)
        for methods in document["paths"].values()
        for operation in methods.values()
        for content in operation.get("requestBody", {"content": {}})["content"].values()
        if content  # none where a body is taken as it comes
    ]
    return sorted(set(bodies))


def _parts_of(name: str, schemas: dict[str, Schema]) -> Iterator[str]:
    """The schema of a body, and those of the objects in it and in its lists."""
    yield name
    for field in schemas[name]["properties"].values():
        part = (field.get("$ref") or field.get("items", {}).get("$ref") or "").removeprefix(REFERENCE)
        if part and "properties" in schemas[part]:
            yield from _parts_of(part, schemas)


def _finish_body(schema: Schema) -> None:
    """No `default`, which generators read as “always there”; an example made of those of its fields."""
    example = {}
    for name, field in schema["properties"].items():
        default = field.pop("default", None)
        if default is not None and default != []:
            field["description"] = f"{field.get('description', '')} `{default}` when it is absent.".strip()
        if "examples" in field:
            example[name] = field["examples"][0]
    if example.keys() >= set(schema.get("required", ())):  # there is none of a file
        schema["examples"] = [example]


def _tidy(schema: Schema, named: dict[str, Schema]) -> None:
    for inner in _schemas_in(schema):
        _tidy(inner, named)
    for word in ("minimum", "maximum"):
        if word in schema:
            schema[word] = int(schema[word])
    _merge_null(schema)
    title = schema.pop("title", "")
    if "enum" in schema and len(schema["enum"]) > 1:
        _name(schema, title, named)
    elif title in OPEN_CODES:  # those that are known, or one that is added later: no client breaks over it
        del schema["type"]
        schema["anyOf"] = [{"$ref": REFERENCE + title}, {"type": "string"}]
    _sort_words(schema)


def _sort_words(schema: Schema) -> None:
    words = {word: schema.pop(word) for word in WORDS if word in schema}
    rest = dict(schema)
    schema.clear()
    schema |= words | rest


def _schemas_in(schema: Schema) -> Iterator[Schema]:
    yield from schema.get("properties", {}).values()
    yield from schema.get("anyOf", ())
    if "items" in schema:
        yield schema["items"]


def _merge_null(schema: Schema) -> None:
    """What is of one type or null, in the shorter of the two spellings that there are."""
    choices = schema.get("anyOf", [])
    if len(choices) == 2 and choices[1] == NULL and "type" in choices[0]:
        del schema["anyOf"]
        one = choices[0]
        schema |= {**one, "type": [one["type"], "null"], **{word: schema[word] for word in schema.keys() & one.keys()}}


def _refuse_null(schema: Schema) -> None:
    """A parameter is absent or has a value; there is no null in an address."""
    if NULL in schema.get("anyOf", ()):
        schema |= next(choice for choice in schema.pop("anyOf") if choice != NULL)


def _name(schema: Schema, title: str, named: dict[str, Schema]) -> None:
    """Move an enumeration to where it can be referred to. Raises: `ValueError` when two of one name differ."""
    enumeration = {word: schema.pop(word) for word in ("type", "enum")}
    if named.setdefault(title, enumeration) != enumeration:
        raise ValueError(f"There are two enumerations of the name {title}")
    schema["$ref"] = REFERENCE + title
