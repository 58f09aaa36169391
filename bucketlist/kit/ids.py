"""Ids: UUIDv7, lower case, made here or by a client.

Source: RFC 9562 section 5.7.
"""

import re

from uuid_utils import uuid7

UUID7_PATTERN = "^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"

NO_ID = "00000000-0000-0000-0000-000000000000"  # that nothing has

_is_uuid7 = re.compile(UUID7_PATTERN[:-1] + r"\Z").match


def new_id() -> str:
    """An id that sorts behind all that were made before it, to the millisecond."""
    return str(uuid7())


def is_id(text: str) -> bool:
    """Could `text` be an id of ours? What could not is never shown to the database."""
    return _is_uuid7(text) is not None
