"""Cookies: HttpOnly, SameSite=Lax, and for this host only (`__Host-`) where there is TLS.

Source: draft-ietf-httpbis-rfc6265bis; OWASP ASVS 5.0 section 3.3.
"""

from flask import Response

from bucketlist import config


def set_cookie(response: Response, name: str, value: str, seconds: int | None = None) -> None:
    """A cookie that is kept for `seconds`, or until the browser is closed."""
    settings = config.current()
    response.set_cookie(
        settings.cookie_name(name),
        value,
        max_age=seconds,
        path="/",
        secure=settings.is_https,
        httponly=True,
        samesite="Lax",
    )


def forget_cookie(response: Response, name: str) -> None:
    set_cookie(response, name, "", 0)
