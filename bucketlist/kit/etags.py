"""Strong entity tags: made from what a change always moves, compared as HTTP says.

Source: RFC 9110 sections 8.8.3, 13.1.1 and 13.1.2.
"""

from werkzeug.http import parse_etags

from bucketlist.kit.errors import PreconditionFailed


def make_etag(*parts: str | int) -> str:
    """`"3-2026-11-24T22:40:00.123Z"`, quotes included."""
    return f'"{"-".join(map(str, parts))}"'


def is_known(etag: str, if_none_match: str | None) -> bool:
    """Does the client have this version already (and gets 304)?"""
    if if_none_match is None:
        return False
    return if_none_match.strip() == "*" or parse_etags(if_none_match).contains_weak(etag.strip('"'))


def refuse_mismatch(etag: str, if_match: str | None) -> None:
    """Raises: `PreconditionFailed` when `if_match` was sent and names other versions only."""
    if if_match is None or if_match.strip() == "*":
        return
    if not parse_etags(if_match).contains(etag.strip('"')):
        raise PreconditionFailed
