"""Request schemas of credentials: what every room takes for a secret."""

from typing import Annotated

from pydantic import AfterValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

MAX_SECRET_LENGTH = 1024


def check_secret(text: str) -> str:
    """Nothing is asked of a secret but that it is no longer than any of ours: it is right, or it is not."""
    if len(text) > MAX_SECRET_LENGTH:
        raise PydanticCustomError("string_too_long", "This is longer than any that we know.")
    return text


Secret = Annotated[
    str, AfterValidator(check_secret), WithJsonSchema({"type": "string", "format": "password", "maxLength": 1024})
]
