"""Lingering close: a body that is refused is received after the answer, and thrown away, so that the answer arrives.

A socket that is closed while bytes of its client are unread, or still come, resets the connection. A client that is
still sending then has an error in the place of our answer, and a proxy in front makes it a 502.

Source: RFC 9112, 9.6.
"""

import time
from collections.abc import Iterable, Iterator
from typing import Any

LINGER_BYTES = 4 * 1024 * 1024  # more than any route or proxy of ours takes
LINGER_SECONDS = 5.0  # looked at between parts; whoever sends none is hung up on by `server/connections.py`
PART_BYTES = 64 * 1024


class Lingering:
    """How many answers linger in this process, each in a thread of its own."""

    def __init__(self) -> None:
        self._now: set[int] = set()

    def is_any(self) -> bool:
        return bool(self._now)

    def after(self, answer: Iterable[bytes], environ: dict[str, Any]) -> Iterator[bytes]:
        """The parts of `answer`, and then nothing until the rest of the body has come, or is too much or too slow."""
        try:
            yield from answer
        finally:
            if hasattr(answer, "close"):  # PEP 3333: whoever takes the parts of an answer closes it
                answer.close()
        self._now.add(id(environ))
        try:
            discard(environ["wsgi.input"])
        finally:
            self._now.discard(id(environ))


def discard(body: Any) -> None:
    """Receive what is left of `body`, a WSGI input stream that has an end, without keeping it."""
    deadline, left = time.monotonic() + LINGER_SECONDS, LINGER_BYTES
    while left > 0 and time.monotonic() < deadline and (part := body.read(PART_BYTES)):
        left -= len(part)


def is_coming(environ: dict[str, Any]) -> bool:
    """Is the client sending its body without having been asked to? Source: RFC 9110, 10.1.1 (Expect)."""
    return "HTTP_EXPECT" not in environ
