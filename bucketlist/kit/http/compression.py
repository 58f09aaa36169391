"""HTTP compression (gzip): pages are packed for whoever takes that.

A secret on such a page is another text each time, as its length would tell of it otherwise (BREACH).
"""

import gzip

from flask import Response, request

WORTH_PACKING, PACKED_AT = 1_000, 6  # bytes, and how hard


def compress(response: Response) -> None:
    """Pack the body of `response`, before its ETag is made."""
    content = response.get_data()
    response.vary.add("Accept-Encoding")
    if len(content) > WORTH_PACKING and request.accept_encodings.quality("gzip") > 0:
        response.set_data(gzip.compress(content, PACKED_AT, mtime=0))
        response.content_encoding = "gzip"
