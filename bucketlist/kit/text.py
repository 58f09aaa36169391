"""The string types of every schema, and the folded copies that search and sorting work on.

Text is kept as it was typed, after Unicode NFC and trimming. Lengths count code points.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

CONTROLS = r"\u0000-\u001f\u007f-\u009f"
CONTROLS_IN_LONG_TEXT = r"\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f"

_control_in_line = re.compile(f"[{CONTROLS}]").search
_control_in_long_text = re.compile(f"[{CONTROLS_IN_LONG_TEXT}]").search


def refuse_controls(text: str, *, is_long: bool = False) -> str:
    """Give `text` back unless it holds a character of category Cc (line breaks and tabs are fine in long text)."""
    if (_control_in_long_text if is_long else _control_in_line)(text):
        raise PydanticCustomError("control_character", "Control characters are not allowed here.")
    return text


def refuse_length(text: str, minimum: int, maximum: int) -> str:
    if len(text) < minimum:
        raise PydanticCustomError("string_too_short", "Write something here.")
    if len(text) > maximum:
        raise PydanticCustomError("string_too_long", f"At most {maximum:,} characters fit here.")
    return text


def normalise(text: str) -> str:
    """Unicode NFC without white space at the ends."""
    return (text if text.isascii() else unicodedata.normalize("NFC", text)).strip()


def fold(text: str) -> str:
    """The copy that is compared: alike for upper and lower case, wide and narrow forms.

    Folding can undo a normal form, so it is normalised on both sides of it.
    Source: Unicode Standard section 3.13, D146 (compatibility caseless matching).
    """
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


@dataclass(frozen=True)
class Line:
    """Marks a field as a text on one line that is not empty: `name: Annotated[str, Line(200)]`."""

    maximum: int

    def check(self, text: str) -> str:
        return refuse_length(normalise(refuse_controls(text)), 1, self.maximum)

    def json_schema(self) -> dict[str, Any]:
        visible = f"[^{CONTROLS}]*[^\\s{CONTROLS}][^{CONTROLS}]*"
        return {"type": "string", "minLength": 1, "maxLength": self.maximum, "pattern": f"^{visible}$"}

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return self.json_schema()


def or_null(maximum: int, pattern: str) -> dict[str, Any]:
    return {"anyOf": [{"type": "string", "maxLength": maximum, "pattern": pattern}, {"type": "null"}]}


@dataclass(frozen=True)
class OptionalLine(Line):
    """Marks a field as a text on one line that may be empty, which is null: `Annotated[str | None, …]`."""

    def check(self, text: str | None) -> str | None:  # type: ignore[override]  # None is what "optional" adds
        return (text and refuse_length(normalise(refuse_controls(text)), 0, self.maximum)) or None

    def json_schema(self) -> dict[str, Any]:
        return or_null(self.maximum, f"^[^{CONTROLS}]*$")


@dataclass(frozen=True)
class LongText(OptionalLine):
    """Marks a field as a text of many lines (Markdown) that may be empty, which is null."""

    def check(self, text: str | None) -> str | None:  # type: ignore[override]  # None is what "optional" adds
        return (text and refuse_length(normalise(refuse_controls(text, is_long=True)), 0, self.maximum)) or None

    def json_schema(self) -> dict[str, Any]:
        return or_null(self.maximum, f"^[^{CONTROLS_IN_LONG_TEXT}]*$")
