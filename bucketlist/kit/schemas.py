"""What every schema of a body or of parameters is made from."""

import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Annotated, Any, Self

from flask import request
from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError, WithJsonSchema
from pydantic.alias_generators import to_camel
from pydantic_core import InitErrorDetails, PydanticCustomError

from bucketlist.kit.ids import UUID7_PATTERN, is_id
from bucketlist.kit.text import CONTROLS, refuse_controls, refuse_length


class ApiModel(BaseModel):
    """A JSON object: camelCase outside, unknown fields refused, no conversion of types."""

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
        return dict(zip(cls.keys(), row, strict=False))


class Params(ApiModel):
    """Path parameters; text that is converted to its type."""

    model_config = ConfigDict(strict=False, extra="ignore")

    @classmethod
    @cache
    def model_json_schema(cls, *args: Any, **options: Any) -> dict[str, Any]:  # type: ignore[override]  # same answer
        """As pydantic makes it, but once: the OpenAPI layer asks in every request."""
        return super().model_json_schema(*args, **options)


class Query(Params):
    """Query parameters: unknown ones are refused, and so is a repeated one where one value is meant."""

    model_config = ConfigDict(extra="forbid")

    @classmethod
    def model_validate(cls, obj: Any, **options: Any) -> Self:
        repeated = [name for name in request.args if len(request.args.getlist(name)) > 1 and not cls._takes_many(name)]
        if repeated:
            problem = PydanticCustomError("repeated", "This parameter may be given once.")
            raise ValidationError.from_exception_data(
                cls.__name__, [InitErrorDetails(type=problem, loc=(name,), input=None) for name in repeated]
            )
        return super().model_validate(obj, **options)

    @classmethod
    @cache
    def _takes_many(cls, name: str) -> bool:
        schema: Mapping[str, Any] = cls.model_json_schema()["properties"].get(name, {})
        return schema.get("type") == "array" or any(kind.get("type") == "array" for kind in schema.get("anyOf", []))


def _check_new_id(text: str) -> str:
    if not is_id(text):
        raise PydanticCustomError("uuid7", "An id is a UUIDv7 in lower case.")
    return text


def _check_words(text: str) -> str:
    return refuse_length(unicodedata.normalize("NFC", refuse_controls(text)), 1, 200)


Instant = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]
ResourceId = Annotated[str, WithJsonSchema({"type": "string", "format": "uuid"})]
NewId = Annotated[
    str, AfterValidator(_check_new_id), WithJsonSchema({"type": "string", "format": "uuid", "pattern": UUID7_PATTERN})
]
Words = Annotated[
    str,
    AfterValidator(_check_words),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 200, "pattern": f"^[^{CONTROLS}]*$"}),
]
