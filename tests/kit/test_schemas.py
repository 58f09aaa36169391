"""Base schemas: bodies are read strictly, parameters once."""

from typing import Annotated, Any

import pytest
from pydantic import BeforeValidator, Field, ValidationError

from bucketlist.kit.schemas import ApiModel, NewId, Query, Words, refuse_other_than_digits
from tests.people import Person


class Thing(ApiModel):
    thing_id: NewId | None = None
    is_done: bool = False


class Filter(Query):
    q: Words | None = None
    tag: list[str] = Field([])
    page_size: Annotated[int, BeforeValidator(refuse_other_than_digits)] = Field(20, ge=1, le=100)


def codes_of(error: ValidationError) -> list[tuple[str, str]]:
    return [(str(problem["loc"][0]), problem["type"]) for problem in error.errors()]


def test_names_are_camel_case_outside() -> None:
    assert Thing.keys() == ("thingId", "isDone")
    assert Thing.to_json_object(["x", True, "more"]) == {"thingId": "x", "isDone": True}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"thing_id": None}, [("thing_id", "extra_forbidden")]),
        ({"isDone": "true"}, [("isDone", "bool_type")]),
        ({"isDone": 1}, [("isDone", "bool_type")]),
        ({"thingId": "x"}, [("thingId", "uuid7")]),
        ({"thingId": 7, "other": 1}, [("thingId", "string_type"), ("other", "extra_forbidden")]),
    ],
)
def test_nothing_is_converted_and_nothing_ignored(body: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    with pytest.raises(ValidationError) as caught:
        Thing.model_validate(body)

    assert codes_of(caught.value) == expected


def test_a_parameter_that_takes_several_values_gets_them_all() -> None:
    read = Filter.read({"tag": ["a", "b"], "q": [" X "], "pageSize": ["007"]})

    assert (read.tag, read.q, read.page_size) == (["a", "b"], " X ", 7)


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"q": ["a", "a"]}, [("q", "repeated")]),
        ({"pageSize": ["1", "2"], "q": ["a", "b"]}, [("pageSize", "repeated"), ("q", "repeated")]),
        ({"page_size": ["1"]}, [("page_size", "extra_forbidden")]),
        ({"q": [""]}, [("q", "string_too_short")]),
        ({"q": ["x" * 201]}, [("q", "string_too_long")]),
        ({"q": ["a\u0000"]}, [("q", "control_character")]),
        ({"pageSize": ["0"]}, [("pageSize", "greater_than_equal")]),
        ({"pageSize": ["101"]}, [("pageSize", "less_than_equal")]),
        ({"pageSize": ["9" * 50]}, [("pageSize", "less_than_equal")]),
    ],
)
def test_a_parameter_that_does_not_fit_is_refused(sent: dict[str, list[str]], expected: list[tuple[str, str]]) -> None:
    with pytest.raises(ValidationError) as caught:
        Filter.read(sent)

    assert codes_of(caught.value) == expected


@pytest.mark.parametrize("text", ["", " 1", "1 ", "+1", "-1", "1_0", "1.0", "1e1", "\uff11", "\u0661", "0x1", "NaN"])
def test_a_number_is_digits(text: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Filter.read({"pageSize": [text]})

    assert codes_of(caught.value) == [("pageSize", "int_parsing")]


def test_all_that_is_wrong_is_told_at_once(ada: Person) -> None:
    response = ada.post("/v1/buckets?what=1", {"name": "", "a/b~c": 1})

    errors = (response.get_json() or {})["errors"]
    assert [error.get("pointer", error.get("parameter")) for error in errors] == ["what", "/name", "/a~1b~0c"]
