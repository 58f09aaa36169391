"""UUIDs: each id is a UUIDv7, lower case, made here or by a client.

Source: RFC 9562 section 5.7.
"""

import os
import re
from itertools import count

from uuid_utils import uuid7

UUID7_PATTERN = "^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"

NO_ID = "00000000-0000-0000-0000-000000000000"  # that nothing has

_is_uuid7 = re.compile(UUID7_PATTERN[:-1] + r"\Z").match


def new_id() -> str:
    """A UUIDv7, which sorts behind all that were made before it, to the millisecond."""
    return str(uuid7())


class RequestIds:
    """Ids of requests, each once, and no secret: of UUIDv7 a process keeps what is chance, and counts the rest up.

    To ask the system for chance each time costs 5 µs.
    """

    def __init__(self) -> None:
        self.renew()

    def renew(self) -> None:
        """Begin anew after a fork, for another process."""
        made = new_id()
        time, self._chance = made[:13], made[13:]
        self._numbers = count(int(time.replace("-", ""), 16))

    def next(self) -> str:
        number = next(self._numbers)
        return f"{number >> 16:08x}-{number & 0xFFFF:04x}{self._chance}"


request_ids = RequestIds()
os.register_at_fork(after_in_child=request_ids.renew)


def is_id(text: str) -> bool:
    """Is `text` a UUID as ours are? What is not is never shown to the database."""
    return _is_uuid7(text) is not None


def known(text: str) -> str:
    """`text` if it could be an id of ours, else `NO_ID`: asked for, it costs the same and gets the same answer."""
    return text if _is_uuid7(text) else NO_ID
