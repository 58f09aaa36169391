"""Diagnostics of settings: each that can be meant, and seldom is. What cannot be meant is refused at the start."""

import os
from collections.abc import Iterator
from urllib.parse import urlsplit

from bucketlist.config import Settings
from bucketlist.config.names import likely, misspelt, names_in_file, unknown
from bucketlist.kit.mail_url import read_mail_url
from bucketlist.ops.doctor.findings import Finding, fine, odd, wrong

EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104  # nobody listens
HERE = ("localhost", "127.0.0.1", "::1")


def check_settings(settings: Settings) -> list[Finding]:
    """What is odd, or that nothing is."""
    found = [*_check_names(), *_check_reach(settings), *_check_safety(settings), *_check_mail(settings)]
    return found or [fine("settings", f"{settings.app_setting}, reached at {settings.base_url}.")]


def _check_names() -> Iterator[Finding]:
    for name in misspelt(os.environ):
        yield odd("settings", f"{name} is no setting; {likely(name)} is one, and is not set by it.")
    for name in unknown(names_in_file()):
        yield odd("settings", f"{name} in the file .env is no setting of this version; take it out.")


def _check_reach(settings: Settings) -> Iterator[Finding]:
    host = urlsplit(settings.public_url).hostname or ""
    is_https = settings.public_url.startswith("https://")
    if settings.app_setting == "production" and not settings.public_url:
        yield odd("settings", "PUBLIC_URL is empty: any name is taken for the service’s, and there can be no mail.")
    if settings.public_url and not is_https and host not in HERE:
        yield wrong("settings", "PUBLIC_URL begins with http://: passwords are read on the way; put TLS in front.")
    if is_https and not settings.trusted_proxies:
        yield odd("settings", "PUBLIC_URL is https, so a proxy is in front, but TRUSTED_PROXIES is 0; see “proxy”.")
    if settings.host in EVERYWHERE and settings.app_setting != "production":
        yield wrong("settings", "HOST listens to everybody, but APP_SETTING is not production; set both or neither.")


def _check_safety(settings: Settings) -> Iterator[Finding]:
    if not settings.ratelimit_enabled:
        yield wrong("settings", "RATELIMIT_ENABLED is off: passwords can be guessed without end; take it out.")
    if settings.registration_open is not None:
        yield odd("settings", f"REGISTRATION_OPEN is an older name; write REGISTRATION={settings.registration}.")
    if settings.workers > 1 and not settings.database_url:
        yield odd("settings", "WORKERS is more than 1 on SQLite, where one writes at a time; 1 is as quick.")
    if not settings.access_log and settings.app_setting == "production":
        yield odd("settings", "ACCESS_LOG is off: the log does not tell who was refused, nor when.")


def _check_mail(settings: Settings) -> Iterator[Finding]:
    if not settings.mail_url:
        yield odd("mail", "MAIL_URL is empty: who forgets a password needs “bucketlist user reset-password”.")
        return
    server = read_mail_url(settings.mail_url)
    if not (server.has_tls or server.has_starttls) and server.host not in HERE:
        yield odd("mail", "MAIL_URL asks for no TLS: letters, and its password, are read on the way; see ?starttls=1.")
