"""Base schemas (pydantic models): what every schema of a body or of parameters is made from."""

from collections.abc import Mapping, Sequence
from functools import cache
from types import GenericAlias
from typing import Annotated, Any, Literal, Self, get_args, get_origin

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationError,
    WithJsonSchema,
    create_model,
)
from pydantic.alias_generators import to_camel
from pydantic_core import InitErrorDetails, PydanticCustomError

from bucketlist.kit import fuzzy_dates
from bucketlist.kit.fuzzy_dates import FuzzyDate
from bucketlist.kit.ids import UUID7_PATTERN, is_id, known
from bucketlist.kit.text import CONTROLS, fold, or_null, refuse_controls, refuse_length, to_nfc


class ApiModel(BaseModel):
    """A JSON object that is sent: camelCase outside, unknown fields refused, no conversion of types."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=False, extra="forbid", strict=True)

    @classmethod
    @cache
    def keys(cls) -> tuple[str, ...]:
        """The names of the fields in JSON, in the order in which they are written."""
        return tuple(field.alias or name for name, field in cls.model_fields.items())

    @classmethod
    def to_json_object(cls, row: Sequence[Any]) -> dict[str, Any]:
        """A row whose first columns are the fields of this schema in their order, as what is written as JSON.

        Quicker than a model for each row; a test holds every answer against its schema.
        """
        return dict(zip(cls.keys(), row))  # noqa: B905  # its keyword takes a quarter of the time


class Answer(ApiModel):
    """A JSON object that is answered. The document leaves it open: fields are added, and a client passes over them."""

    model_config = ConfigDict(extra="ignore")


LEAST_BODY_BYTES = 8 * 1024
MOST_BODY_BYTES = 1024 * 1024
MOST_IN_ORDER = 25_000  # ids that fit into a body
ESCAPED_BYTES = 12  # of one character in JSON, at most: two halves, each as \\uXXXX
SHORT_TEXT = 64  # characters, of a field whose schema has no maximum: an id, a state, a number


def most_body_bytes(model: type[BaseModel]) -> int:
    """What a body of this schema can take at most, by the maxima of texts and lists; rounded up to a power of two."""
    wanted = ESCAPED_BYTES * Measure(model).characters
    return min(MOST_BODY_BYTES, max(LEAST_BODY_BYTES, 1 << (wanted - 1).bit_length()))


class Measure:
    """How much an object of a schema can hold at most, by what its JSON Schema says."""

    def __init__(self, model: type[BaseModel]) -> None:
        schema = model.model_json_schema(by_alias=True)
        self._named: Mapping[str, Any] = schema.get("$defs", {})
        self.characters = self._longest(schema)
        self.members = self._most(schema)

    def _longest(self, schema: Mapping[str, Any]) -> int:
        """Characters of its texts and names."""
        schema = self._find(schema)
        if "properties" in schema:
            return sum(len(name) + self._longest(field) for name, field in schema["properties"].items())
        if "items" in schema:
            return int(schema["maxItems"]) * self._longest(schema["items"])
        choices = [schema, *schema.get("anyOf", ())]
        return max(int(choice.get("maxLength", SHORT_TEXT)) for choice in choices)

    def _most(self, schema: Mapping[str, Any]) -> int:
        """Members of objects and elements of lists."""
        schema = self._find(schema)
        if "items" in schema:
            return int(schema["maxItems"]) * (1 + self._most(schema["items"]))
        return sum(1 + self._most(field) for field in schema.get("properties", {}).values())

    def _find(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self._named[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
        return found


class Params(ApiModel):
    """Path parameters; text that is converted to its type."""

    model_config = ConfigDict(strict=False, extra="ignore")


class Query(Params):
    """Query parameters: unknown ones are refused, and so is a repeated one where one value is meant."""

    model_config = ConfigDict(extra="forbid")

    @classmethod
    def read(cls, sent: Mapping[str, list[str]]) -> Self:
        """Raises: `ValidationError`."""
        many = cls._lists()
        repeated = [name for name, values in sent.items() if len(values) > 1 and name not in many]
        if repeated:
            raise cls._repeated(repeated)
        return cls.model_validate({name: values if name in many else values[0] for name, values in sent.items()})

    @classmethod
    @cache
    def _lists(cls) -> frozenset[str]:
        """The parameters that may be given more than once."""
        return frozenset(
            field.alias or name
            for name, field in cls.model_fields.items()
            if list in (get_origin(kind) for kind in (field.annotation, *get_args(field.annotation)))
        )

    @classmethod
    def _repeated(cls, names: list[str]) -> ValidationError:
        problem = PydanticCustomError("repeated", "This parameter may be given once.")
        errors = [InitErrorDetails(type=problem, loc=(name,), input=None) for name in names]
        return ValidationError.from_exception_data(cls.__name__, errors)


def whole(number: object) -> object:
    """What is an integer to JSON Schema (Core, 6.2 and 6.3), such as `2.0`, is one here."""
    return int(number) if isinstance(number, float) and number.is_integer() else number


def refuse_other_than_digits(text: object) -> object:
    """For numbers among the parameters: Python also reads ` 1`, `+1`, `1_0`, `1.0` and `１`; nobody should have to."""
    if isinstance(text, str) and not (text.isascii() and text.isdigit()):
        raise PydanticCustomError("int_parsing", "This is a number, in digits.")
    return text


def _check_switch(text: object) -> object:
    """For switches among the parameters: Python also reads `1`, `yes` and `ON`."""
    if text not in ("true", "false"):
        raise PydanticCustomError("bool_parsing", "This is true or false.")
    return text


def _check_new_id(text: str) -> str:
    if not is_id(text):
        raise PydanticCustomError("uuid7", "An id is a UUIDv7 in lower case.")
    return text


def _check_words(text: str) -> str:
    """What is longer than any name once it is folded would be compared at each letter of a whole account."""
    words = refuse_length(to_nfc(refuse_controls(text), 200), 1, 200)
    refuse_length(fold(words), 0, LONGEST_NAME)
    return words


def _check_fuzzy_date(text: str) -> str:
    try:
        return FuzzyDate.parse(text).text
    except ValueError:
        raise PydanticCustomError(
            "fuzzy_date",
            "A date is meant here, as exact as you know it: 2031-06-14, 2031-06, 2031, 2031-22, 203X, 2031~.",
        ) from None


def _check_optional_fuzzy_date(text: str | None) -> str | None:
    return _check_fuzzy_date(text) if text else None


LONGEST_NAME = 500  # code points, of anything that is searched


Instant = Annotated[
    str, WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-11-24T22:40:00.123Z"]})
]
ResourceId = Annotated[  # of what is there, or may be; what could not be an id is one that nothing has
    str, AfterValidator(known), WithJsonSchema({"type": "string", "format": "uuid"})
]
OwnId = Annotated[
    str,
    WithJsonSchema({"type": "string", "format": "uuid", "examples": ["019ab1f4-6c3e-7d52-9f0a-3b8e5d7c2a41"]}),
]
Count = Annotated[int, Field(description="How many there are in all; it stops at 10,000.", examples=[1])]
PageLink = Annotated[
    str | None,
    Field(description="A reference to the page, to be resolved against the address of this list; or null."),
    WithJsonSchema({"anyOf": [{"type": "string", "format": "uri-reference"}, {"type": "null"}], "examples": [None]}),
]
NewId = Annotated[
    str, AfterValidator(_check_new_id), WithJsonSchema({"type": "string", "format": "uuid", "pattern": UUID7_PATTERN})
]
Words = Annotated[
    str,
    AfterValidator(_check_words),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 200, "pattern": f"^[^{CONTROLS}]*$"}),
]
Switch = Annotated[  # among the parameters, and written in an address as it is read
    bool, BeforeValidator(_check_switch), PlainSerializer(lambda is_on: "true" if is_on else "false")
]
Shown = Annotated[Literal["true", "false", "any"], Field(title="Shown")]  # a filter by what is so, or is not
FuzzyDateText = Annotated[
    str, AfterValidator(_check_fuzzy_date), WithJsonSchema({"type": "string", "pattern": fuzzy_dates.PATTERN})
]
OptionalFuzzyDate = Annotated[
    str | None,
    AfterValidator(_check_optional_fuzzy_date),
    WithJsonSchema(or_null(fuzzy_dates.LONGEST, f"^({fuzzy_dates.PATTERN[1:-1]})?$")),
]


def _check_once(ids: list[str]) -> list[str]:
    if len(set(ids)) < len(ids):
        raise PydanticCustomError("duplicate", "Each of them is named once.")
    return ids


class OrderIn(ApiModel):
    """All of the things that are sorted by hand, in their new order."""

    ids: Annotated[list[ResourceId], Field(max_length=MOST_IN_ORDER), AfterValidator(_check_once)] = Field(
        description="All of them, each once.", examples=[[]]
    )


def page_of(name: str, schema: type[Answer]) -> type[Answer]:
    """The schema of a page (keyset pagination) of a list, in which the objects of `schema` are called `name`."""
    fields: dict[str, Any] = {
        name: (GenericAlias(list, (schema,)), ...),
        "count": (Count, ...),
        "next": (PageLink, ...),
        "previous": (PageLink, ...),
    }
    title = schema.__name__.removesuffix("Out") + "Page"
    return create_model(title, __base__=Answer, __module__=schema.__module__, **fields)
