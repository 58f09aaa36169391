"""Text normalisation and case folding: the string types of every schema, and the folded copies for search and sorting.

Text is kept as it was typed, after Unicode NFC and trimming. Lengths count code points of what is kept.

Normalising sorts combining marks, and Python does so in a time that grows with the square of how many stand in a row.
So no text is normalised before its raw length is known to be bounded, and none with more than `MOST_MARKS` in a row.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

CONTROLS = r"\u0000-\u001f\u007f-\u009f"
CONTROLS_IN_LONG_TEXT = r"\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f"
BREAKS = r"\u2028\u2029"
# Blanks, format characters, marks without a letter: of Unicode's first plane, as patterns in a document take no other.
INVISIBLE = (
    r"\s\u00ad\u0300-\u036f\u0483-\u0489\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u1ab0-\u1aff\u1dc0-\u1dff"
    r"\u200b-\u200f\u202a-\u202e\u2060-\u206f\u20d0-\u20ff\u2800\u302a-\u302f\u3099\u309a\u3164\ufe00-\ufe0f"
    r"\ufe20-\ufe2f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
)
INVISIBLE_BEYOND = (
    r"\U00013441\U00013442\U0001bca0-\U0001bca3\U0001d159\U0001d165-\U0001d169\U0001d16d-\U0001d182"
    r"\U0001fffe\U0001ffff\U000e0000-\U000e0fff"
)
MOST_MARKS = 30  # in a row. Source: UAX #15 section 13, stream-safe text
GROWTH = 4  # a code point of a text in NFC stands for at most so many. Source: UAX #15 section 12.1, table 7
# Marks in all but their combining class, and what they are made of.
HIDDEN_MARKS = {mark: unicodedata.normalize("NFKD", mark) for mark in "\u0f73\u0f75\u0f81\uff9e\uff9f"}
DOTLESS_I, DOT_ABOVE = "\u0131", "\u0307"
SOFT_DOTTED = frozenset("ij\u0249\u0268\u029d\u03f3\u0456\u0458\u1d96\U0001df1a")  # whose dot a mark above replaces
ABOVE = 230  # the combining class of marks above a letter

VISIBLE_LINE = f"[^{CONTROLS}{BREAKS}]*[^{CONTROLS}{INVISIBLE}][^{CONTROLS}{BREAKS}]*"

_control_in_line = re.compile(f"[{CONTROLS}]").search
_control_in_long_text = re.compile(f"[{CONTROLS_IN_LONG_TEXT}]").search
_visible = re.compile(f"[^{CONTROLS}{INVISIBLE}{INVISIBLE_BEYOND}]").search
_long_runs = re.compile(rb"[^\0]{%d,}" % (MOST_MARKS + 1))


def refuse_controls(text: str, *, is_long: bool = False) -> str:
    """Give `text` back unless it holds a control character (Cc); line breaks and tabs are fine in long text."""
    if (_control_in_long_text if is_long else _control_in_line)(text):
        raise PydanticCustomError("control_character", "Control characters are not allowed here.")
    return text


def refuse_breaks(text: str) -> str:
    """Give `text` back unless it holds control characters, or Unicode's own separators of lines and paragraphs."""
    if "\u2028" in text or "\u2029" in text:
        raise PydanticCustomError("line_break", "This is one line, so it has no line breaks.")
    return refuse_controls(text)


def refuse_length(text: str, minimum: int, maximum: int) -> str:
    if len(text) < minimum:
        raise PydanticCustomError("string_too_short", "Write something here.")
    if len(text) > maximum:
        raise _too_long(maximum)
    return text


def _too_long(maximum: int) -> PydanticCustomError:
    return PydanticCustomError("string_too_long", f"At most {maximum:,} characters fit here.")


def refuse_invisible(text: str) -> str:
    """Refuse invisible text: give `text` back if it is empty or somebody could see something of it."""
    if text and not text.isascii() and not _visible(text):
        raise PydanticCustomError("invisible", "Write something here that can be seen.")
    return text


def to_nfc(text: str, maximum: int) -> str:
    """Unicode normalization form C of at most `maximum` code points, in time that grows with the length of `text` only.

    Raises: `PydanticCustomError` for what is longer, and for more than `MOST_MARKS` combining marks in a row.
    """
    if text.isascii():
        return refuse_length(text, 0, maximum)
    if len(text) > GROWTH * maximum:
        raise _too_long(maximum)
    if len(text) > MOST_MARKS and _find_runs(text)[1]:
        raise PydanticCustomError("combining_marks", f"At most {MOST_MARKS} combining marks may follow each other.")
    return refuse_length(unicodedata.normalize("NFC", text), 0, maximum)


def normalise(text: str, maximum: int) -> str:
    """Unicode normalisation, `to_nfc`, without white space at the ends. Raises: as that does."""
    return to_nfc(text.strip(), maximum)


def fold(text: str) -> str:
    """Case folding: the copy that is compared, alike for upper and lower case in any language, wide and narrow forms.

    Case folding, less what languages disagree on: a dot above an i or j is no letter's own, and an i without it is an i
    (upper and lower case of Turkish and Lithuanian). It takes any text, also one kept before marks were counted.

    Source: Unicode Standard section 3.13, D146 (compatibility caseless matching); SpecialCasing.txt.
    """
    if text.isascii():
        return text.lower()
    cased = unicodedata.normalize("NFKD", _sort_marks(text)).casefold()
    folded = unicodedata.normalize("NFKD", cased.replace(DOTLESS_I, "i"))
    return unicodedata.normalize("NFKC", _drop_dots(folded) if DOT_ABOVE in folded else folded)


def fold_lines(texts: Iterable[str]) -> str:
    """Folded copies of texts of one line each, a line for each: one is found in part, or between line breaks whole."""
    return "".join(f"\n{fold(text)}" for text in texts) + "\n"


fold_once = lru_cache(maxsize=8)(fold)  # a text is folded to be counted, and then to be kept


def _find_runs(text: str) -> tuple[str, list[tuple[int, int]]]:
    """`text` without marks that pass for letters, and where in it more than `MOST_MARKS` follow each other."""
    for mark, parts in HIDDEN_MARKS.items():
        text = text.replace(mark, parts)
    classes = bytes(map(unicodedata.combining, text))
    return text, [run.span() for run in _long_runs.finditer(classes)]


def _sort_marks(text: str) -> str:
    """A text that means the same, its long rows of marks in the order in which normalising would put them."""
    if len(text) <= MOST_MARKS:
        return text
    text, runs = _find_runs(text)
    pieces, end = [], 0
    for start, stop in runs:
        marks = "".join(unicodedata.normalize("NFKD", mark) for mark in text[start:stop])
        pieces += [text[end:start], *sorted(marks, key=unicodedata.combining)]
        end = stop
    return "".join(pieces) + text[end:] if runs else text


def _drop_dots(text: str) -> str:
    """`text`, which is in NFKD, without dots on letters that have one already."""
    kept, is_dotted = [], False
    for letter in text:
        if is_dotted and letter == DOT_ABOVE:
            continue
        if unicodedata.combining(letter) in (0, ABOVE):
            is_dotted = letter in SOFT_DOTTED
        kept.append(letter)
    return "".join(kept)


@dataclass(frozen=True)
class Line:
    """Marks a field as a text on one line of which something can be seen: `name: Annotated[str, Line(200)]`."""

    maximum: int

    def check(self, text: str) -> str:
        return refuse_invisible(refuse_length(normalise(refuse_breaks(text), self.maximum), 1, self.maximum))

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "minLength": 1, "maxLength": self.maximum, "pattern": f"^{VISIBLE_LINE}$"}

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
        return (text and refuse_invisible(normalise(refuse_breaks(text), self.maximum))) or None

    def json_schema(self) -> dict[str, Any]:
        return or_null(self.maximum, f"^([^\\S{CONTROLS}{BREAKS}]*|{VISIBLE_LINE})$")


@dataclass(frozen=True)
class LongText(OptionalLine):
    """Marks a field as a text of many lines (Markdown) that may be empty, which is null."""

    def check(self, text: str | None) -> str | None:  # type: ignore[override]  # None is what "optional" adds
        return (text and normalise(refuse_controls(text, is_long=True), self.maximum)) or None

    def json_schema(self) -> dict[str, Any]:
        return or_null(self.maximum, f"^[^{CONTROLS_IN_LONG_TEXT}]*$")
