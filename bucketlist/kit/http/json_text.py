"""JSON parsing: of few members, well-formed and in UTF-8, or a sentence that says what it is not.

Source: RFC 8259 sections 8.1 (UTF-8) and 8.2 (surrogates).
"""

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE

from pydantic_core import from_json

from bucketlist.kit.errors import BadRequest, Invalid

MAX_MEMBERS = 500  # of objects, elements of lists, and openings of either, where no schema takes more

without_texts = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL).sub


def check_json(data: bytes, most_members: int = MAX_MEMBERS) -> str:
    """Check JSON: `data` as text, known to be well-formed. Raises: `ValueError`, else as `refuse_crowd`."""
    refuse_crowd(data, most_members)
    from_json(data, allow_inf_nan=False, cache_strings="none")
    return data.decode()


def why_not_json(data: bytes, said: str) -> str:
    """A sentence for the JSON parser's error, `said`."""
    if b"\0" in data[:4] or data[:2] in (BOM_UTF16_LE, BOM_UTF16_BE) or "invalid unicode code point" in said:
        return "The body is not in UTF-8."
    if "surrogate" in said or "end of hex escape" in said:
        return "The body has half of a surrogate pair, which is no character, in a text."
    return "The body is not JSON."


def refuse_crowd(data: bytes, most_members: int = MAX_MEMBERS) -> None:
    """Limit the size of JSON: count its values before any becomes an object: 80,000 lists take half a second.

    Of openings there are no more than `MAX_MEMBERS`, however many members a schema takes.

    Raises: `Invalid` for too many members and elements, `BadRequest` for too much nesting, `ValueError` for what is no
    JSON as far as it was looked at.
    """
    if data.count(b",") < most_members and data.count(b"[") + data.count(b"{") <= MAX_MEMBERS:
        return
    bare = without_texts(b"", data)
    if bare.count(b",") >= most_members:
        _check_beginning(data[: _place_of_comma(data, most_members)])
        detail = f"This request has no more than {most_members:,} members or elements in its body."
        raise Invalid(errors=[{"pointer": "", "code": "too_many_members", "detail": detail}])
    if bare.count(b"[") + bare.count(b"{") > MAX_MEMBERS:
        raise BadRequest("The body is nested too deeply.")


def _check_beginning(data: bytes) -> None:
    """Is it JSON up to its end, at which more would follow? Raises: `ValueError`."""
    try:
        from_json(data, allow_inf_nan=False)
    except ValueError as error:
        if "EOF while parsing" in str(error):
            return
        raise
    raise ValueError("trailing characters")


def _place_of_comma(data: bytes, number: int) -> int:
    place = -1
    for _ in range(number):
        place = data.index(b",", place + 1)
    return place
