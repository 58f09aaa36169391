"""Diagnostics of the running service: it is asked at `PUBLIC_URL` what it saw, so that proxies in between show up."""

import json
import ssl
from contextlib import closing
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from bucketlist.config import Settings
from bucketlist.ops.doctor.findings import Finding, fine, odd, wrong
from bucketlist.ops.doctor.seen import HEADER, token_of

HEALTH = "healthz"
SECONDS = 5.0
LONGEST_ANSWER = 1024


def check_service(settings: Settings) -> list[Finding]:
    """Does it answer where people reach it, and does it know whose request it is?"""
    url = f"{settings.base_url}/{HEALTH}"
    try:
        status, seen = _ask(url, token_of(settings))
    except ssl.SSLCertVerificationError as error:
        return [wrong("service", f"{url} has a certificate that is not good: {error.verify_message}.")]
    except (OSError, HTTPException, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        return [odd("service", f"{url} does not answer from here: {reason}; start it to see what its proxy does.")]
    if status != 200:
        return [wrong("service", f"{url} answers {status}; PUBLIC_URL has to be how people reach the service.")]
    if seen is None:
        return [odd("service", f"{url} answers, but does not know this SECRET_KEY: is it another installation?")]
    return [fine("service", f"{url} answers."), judge(seen)]


def judge(seen: dict[str, Any]) -> Finding:
    """Do the places in X-Forwarded-For fit `TRUSTED_PROXIES`?"""
    places, trusted = int(seen["places"]), int(seen["trusted"])
    told = (
        f"X-Forwarded-For came with {places or 'no'} address{'' if places == 1 else 'es'}, TRUSTED_PROXIES is {trusted}"
    )
    if places > trusted:
        return wrong("proxy", f"{told}: everybody counts as the proxy’s address; set TRUSTED_PROXIES={places}.")
    if places < trusted:
        return wrong("proxy", f"{told}: anybody can choose the address that counts; set TRUSTED_PROXIES={places}.")
    if seen["forwarded"] and not places:
        return odd("proxy", "A proxy sends the header Forwarded, which is not read; have it send X-Forwarded-For.")
    return fine("proxy", f"{told}; you counted as {seen['client']}.")


def _ask(url: str, token: str) -> tuple[int, dict[str, Any] | None]:
    """The status, and what the service saw if it is ours. Raises: `OSError`, `HTTPException`, `UnicodeError`."""
    parts = urlsplit(url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    with closing(kind(parts.hostname or "", parts.port, timeout=SECONDS)) as connection:
        connection.request("GET", parts.path, headers={"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        answer.read(LONGEST_ANSWER)
        seen = answer.headers.get(HEADER)
    try:
        return answer.status, json.loads(seen) if seen else None
    except ValueError:
        return answer.status, None
