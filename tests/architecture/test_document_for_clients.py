"""F21: the OpenAPI document as those read it who write a client, or have one made."""

import ast
import json
from collections.abc import Iterator
from typing import Any

import pytest

from bucketlist.kit.errors import all_refusals
from bucketlist.kit.http.openapi import ApiApp, all_models
from tests.conftest import on_sqlite
from tests.people import Person
from tests.sources import PACKAGE, read_all
from tests.strict_schemas import SchemaReader, answered, operations, sent

pytestmark = on_sqlite  # the document is the same on both


@pytest.fixture
def document(app: ApiApp) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(app.document_json)
    return found


def dicts_in(part: Any) -> Iterator[dict[str, Any]]:
    if isinstance(part, dict):
        yield part
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from dicts_in(inner)


def schemas_of(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Every schema, fields and parameters included."""
    words = ("type", "anyOf", "$ref", "enum")
    found = [
        *dicts_in(document["components"]["schemas"]),
        *dicts_in([one.get("parameters") for one in operations(document)]),
    ]
    return [part for part in found if any(isinstance(part.get(word), str | list) for word in words)]


def test_f21_what_is_sent_is_closed_and_what_is_answered_is_open(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]

    closed = {name for name, schema in schemas.items() if schema.get("additionalProperties") is False}

    assert closed == sent(document)
    assert not closed & answered(document)
    assert {"Problem", "FieldErrorOut", "TokenPair", "Session"} <= answered(document)


def test_f21_a_session_is_a_session_and_a_pair_of_tokens_a_pair(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]

    assert {"accessToken", "refreshToken"} < schemas["TokenPair"]["properties"].keys()
    assert "current" in schemas["Session"]["properties"]
    assert not {"SessionOut", "SignedInOut"} & schemas.keys()


def test_f21_no_body_has_a_default(document: dict[str, Any]) -> None:
    assert [part for part in dicts_in(document["components"]["schemas"]) if "default" in part] == []


def test_f21_nothing_has_a_title_that_nobody_wrote(document: dict[str, Any]) -> None:
    assert [schema for schema in schemas_of(document) if isinstance(schema.get("title"), str)] == []


def test_f21_bounds_are_whole_numbers(app: ApiApp) -> None:
    bounds = [
        part[word]
        for part in dicts_in(json.loads(app.document_json))
        for word in ("minimum", "maximum")
        if word in part
    ]

    assert bounds
    assert {type(bound) for bound in bounds} == {int}


def test_f21_null_is_spelled_in_one_way_and_in_no_parameter(document: dict[str, Any]) -> None:
    choices = [schema["anyOf"] for schema in schemas_of(document) if "anyOf" in schema]
    parameters = [part for part in dicts_in(document["components"]["parameters"]) if "schema" in part]

    assert [choice for choice in choices if {"type": "null"} in choice] == []
    assert [part for part in parameters if "null" in part["schema"].get("type", ())] == []


def test_f21_every_choice_has_a_name(document: dict[str, Any]) -> None:
    named = [schema["enum"] for schema in document["components"]["schemas"].values() if "enum" in schema]

    everywhere = [part["enum"] for part in dicts_in(document) if isinstance(part.get("enum"), list)]

    assert sorted(everywhere) == sorted(named)


def test_f21_the_codes_of_problems_are_those_that_there_are(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]

    assert schemas["ProblemCode"]["enum"] == sorted({refusal.code for refusal in all_refusals()})
    assert schemas["Problem"]["properties"]["code"]["anyOf"] == [
        {"$ref": "#/components/schemas/ProblemCode"},
        {"type": "string"},
    ]


def test_f21_the_codes_of_field_errors_are_those_of_the_code(document: dict[str, Any]) -> None:
    named = set(document["components"]["schemas"]["FieldErrorCode"]["enum"])

    assert codes_in_the_source() <= named, "add it to FIELD_ERRORS in docs/field_errors.py"


def codes_in_the_source() -> set[str]:
    """What is raised as a `PydanticCustomError`, or told as the `code` of a field error."""
    found = set()
    for file in read_all(PACKAGE):
        for node in ast.walk(file.tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "PydanticCustomError":
                found |= {node.args[0].value} if isinstance(node.args[0], ast.Constant) else set()
            if isinstance(node, ast.Dict):
                pairs = {
                    key.value: value
                    for key, value in zip(node.keys, node.values, strict=True)
                    if isinstance(key, ast.Constant)
                }
                code = pairs.get("code") if {"detail"} < pairs.keys() else None
                found |= {code.value} if isinstance(code, ast.Constant) else set()
    return {str(code) for code in found}


def test_f21_the_example_of_every_body_is_taken(document: dict[str, Any]) -> None:
    models = {model.__name__: model for model in all_models()}

    for name in sent(document):
        if "file" in models[name].model_fields:  # a form, whose file no example can show
            continue
        for example in document["components"]["schemas"][name]["examples"]:
            assert example
            assert models[name].model_validate_json(json.dumps(example)).model_fields_set


def test_f21_the_example_of_every_field_fits_its_schema(document: dict[str, Any]) -> None:
    reader = SchemaReader(document)
    fields = [
        field for name in answered(document) for field in document["components"]["schemas"][name]["properties"].values()
    ]

    assert [
        field for field in fields for example in field.get("examples", ()) if list(reader.faults(field, example))
    ] == []
    assert [field for field in fields if not {"examples", "$ref", "items", "const"} & field.keys()] == []


def test_f21_errors_are_written_once(document: dict[str, Any]) -> None:
    errors = [answer for one in operations(document) for status, answer in one["responses"].items() if status >= "4"]

    assert {tuple(answer) for answer in errors} == {("$ref",)}


def test_f21_sign_up_comes_first(document: dict[str, Any]) -> None:
    summaries = [one["summary"] for one in operations(document)]

    assert summaries[:3] == ["Sign up", "Log in", "Stay signed in"]


def test_f21_every_error_is_what_the_document_says(document: dict[str, Any], ada: Person) -> None:
    answers = [ada.get("/v1/items/x"), ada.post("/v1/buckets", {"more": 1}), ada.get("/v1/items?limit=0&limit=0&q=")]

    faults = [
        list(SchemaReader(document).faults(document["components"]["schemas"]["Problem"], one.get_json()))
        for one in answers
    ]

    assert [answer.status_code for answer in answers] == [404, 422, 422]
    assert faults == [[], [], []]
