"""Diagnostics of a request: what the service saw of it, told at the health address to whoever has `SECRET_KEY`."""

import json
from typing import Any

from bucketlist.config import Settings

HEADER = "Bucketlist-Seen"


def token_of(settings: Settings) -> str:
    """By which the service knows who asks."""
    return settings.key("doctor").hex()


def what_was_seen(environ: dict[str, Any], settings: Settings) -> str:
    """Of one request, for the header `HEADER`."""
    forwarded = environ.get("HTTP_X_FORWARDED_FOR")
    return json.dumps(
        {
            "places": forwarded.count(",") + 1 if forwarded else 0,
            "forwarded": "HTTP_FORWARDED" in environ,
            "trusted": settings.trusted_proxies,
            "client": environ.get("REMOTE_ADDR", ""),
        }
    )
