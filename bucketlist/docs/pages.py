"""HTML pages of the documentation, which browsers keep and ask about."""

from typing import Any

from flask import Response, render_template

from bucketlist.kit.http.compression import compress
from bucketlist.kit.http.conditional import revalidated


def page(template: str, *, policy: str | None = None, **values: Any) -> Response:
    """A page that browsers keep and ask about: 304 when it has not changed."""
    response = Response(render_template(f"docs/{template}", **values), content_type="text/html; charset=utf-8")
    response.headers["Cache-Control"] = "private, no-cache"
    if policy:
        response.headers["Content-Security-Policy"] = policy
    response.vary.update(("Accept-Language", "Cookie"))  # which say in which language
    compress(response)
    response.add_etag()
    return revalidated(response)
