"""Reverse proxy detection: one that `TRUSTED_PROXIES` does not count is told to whoever runs it.

It makes everybody one address: rate limits by address then meet all people at once, and nothing in an answer could say
so.
"""

from time import monotonic
from typing import Any

import structlog

HINT_EVERY_SECONDS = 3600.0
HEADERS = {"HTTP_X_FORWARDED_FOR": "X-Forwarded-For", "HTTP_FORWARDED": "Forwarded"}
REASON = (
    "A proxy seems to be in front, and TRUSTED_PROXIES is 0: everybody counts as the proxy's address. "
    "Set TRUSTED_PROXIES to the number of proxies; or have this port reached by nobody else, if there is none."
)

log = structlog.get_logger()


class ProxyHint:
    """A warning in the log, once an hour at most, when a request names the address of its client and nobody listens."""

    def __init__(self, trusted_proxies: int) -> None:
        self._is_wanted = trusted_proxies == 0
        self._next_at = 0.0  # of the monotonic clock

    def look(self, environ: dict[str, Any]) -> None:
        """Of the request only the name of the header is told."""
        if not self._is_wanted or not ("HTTP_X_FORWARDED_FOR" in environ or "HTTP_FORWARDED" in environ):
            return
        present = monotonic()
        if present >= self._next_at:
            self._next_at = present + HINT_EVERY_SECONDS
            header = next(name for key, name in HEADERS.items() if key in environ)
            log.warning("proxy_is_not_trusted", header=header, reason=REASON)
