"""ETags, and the preconditions that clients make of them: `If-Match`, `If-None-Match`.

Tags are strong, and made from what a change always moves. No date of change is published in a header, so
`If-Modified-Since` and `If-Unmodified-Since` are left out of account, as HTTP demands then, and so is `If-Range`.

Source: RFC 9110 sections 8.8.3, 13.1 and 13.2.
"""

import re
from typing import NamedTuple

from bucketlist.kit.errors import BadRequest, PreconditionFailed

WEAKENED = (
    "The tag in If-Match is that of the present version, but something on the way has made a weak one of it, as "
    "proxies that compress do; If-Match compares strong tags only."
)
KNOWN = "There is such a version, and If-None-Match asks for a change only if there is none."
NO_TAG = "This has no ETag, so only * can match it."

_read_tag = re.compile(r'(W/)?"([!#-~\x80-\xff]*)"').match
_is_repacked = re.compile(r"(--?|;)(gzip|br|zstd|deflate)").fullmatch


class Tag(NamedTuple):
    """An ETag that a client names; `opaque` is what stands between the quotes."""

    opaque: str
    is_weak: bool


def make_etag(*parts: str | int) -> str:
    """`"3-2026-11-24T22:40:00.123Z"`, quotes included."""
    return f'"{"-".join(map(str, parts))}"'


def read_tags(header: str, name: str) -> list[Tag] | None:
    """The tags that the header `name` lists, of all its lines; None for `*`. Raises: `BadRequest`."""
    text = header.strip(" \t")
    if text == "*":
        return None
    tags: list[Tag] = []
    at, is_next_expected = 0, True
    while at < len(text):
        found = _read_tag(text, at) if is_next_expected else None
        if found:
            tags.append(Tag(found[2], found[1] is not None))
            at, is_next_expected = found.end(), False
        elif text[at] in " \t,":
            is_next_expected = is_next_expected or text[at] == ","
            at += 1
        else:
            raise BadRequest(f"{name} has to be * or a list of tags in double quotes.")
    return tags


def is_known(etag: str | None, if_none_match: str | None) -> bool:
    """`If-None-Match`: does the client have this version already, by the weak comparison? Raises: `BadRequest`."""
    if if_none_match is None:
        return False
    tags = read_tags(if_none_match, "If-None-Match")
    return tags is None or (etag is not None and any(tag.opaque == etag[1:-1] for tag in tags))


def refuse_mismatch(etag: str | None, if_match: str | None) -> None:
    """`If-Match`, by the strong comparison. `etag` is None for what has no tag.

    Raises: `PreconditionFailed` when `if_match` was sent and names other versions only, `BadRequest`.
    """
    tags = read_tags(if_match, "If-Match") if if_match is not None else None
    if tags is None or any(f'"{tag.opaque}"' == etag and not tag.is_weak for tag in tags):
        return
    if etag is None:
        raise PreconditionFailed(NO_TAG)
    raise PreconditionFailed(WEAKENED if any(_was_weakened(tag, etag[1:-1]) for tag in tags) else None)


class Preconditions(NamedTuple):
    """What a client demands of the present version before anything is changed, as its headers say it."""

    if_match: str | None = None
    if_none_match: str | None = None

    @property
    def are_there(self) -> bool:
        return self.if_match is not None or self.if_none_match is not None

    def refuse(self, etag: str | None) -> None:
        """Check them, in the order of RFC 9110 section 13.2.2. Raises: `PreconditionFailed`, `BadRequest`."""
        refuse_mismatch(etag, self.if_match)
        if is_known(etag, self.if_none_match):
            raise PreconditionFailed(KNOWN)


def _was_weakened(tag: Tag, opaque: str) -> bool:
    """Some proxies put `W/` in front, as nginx does; some a suffix behind, as Apache does."""
    if not tag.opaque.startswith(opaque):
        return False
    return len(tag.opaque) == len(opaque) or _is_repacked(tag.opaque, len(opaque)) is not None
